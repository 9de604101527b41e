import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { accepts } from "../machine/health.ts";
import { freePort } from "../machine/ports.ts";
import { bubblewrapArguments, type HostProfile, type Mode, PHP, TREE } from "../ssh/index.ts";

/** A PHP page that is asked for. */
interface PhpRequest {
  /** The script by the path under which the web server knows it, links not resolved. */
  readonly script: string;
  /** The document root, likewise. */
  readonly root: string;
  readonly host: string;
  readonly request: Request;
}

/** The web server's PHP. */
export interface Php {
  /** @throws Error when PHP cannot be started or does not answer within the time */
  run(page: PhpRequest): Promise<Response>;
  /** Whether compiled code and resolved paths are kept until `opcache_reset()`. Starts PHP anew when that changes. */
  keepCode(keep: boolean): void;
  close(): void;
}

/** Where PHP runs: with the files of the SSH host, as its account. */
export interface PhpPlace {
  readonly hostTree: string;
  readonly profile: HostProfile;
  readonly mode: Mode;
}

/** PHP runs one page at a time; more than that has gone wrong. */
const ANSWER_MS = 30_000;
const START_MS = 15_000;

/** As `php.ini-production` has it, but for what is about caches. */
const SETTINGS = {
  display_errors: "0",
  log_errors: "1",
  expose_php: "1",
  "date.timezone": "UTC",
  "opcache.enable_cli": "1",
};
/** Every change of a file or link is seen at once. */
const FRESH = { "opcache.enable": "0", realpath_cache_size: "0" };
/** Usual for speed: nothing is looked at twice. */
const STALE = { "opcache.enable": "1", "opcache.validate_timestamps": "0", realpath_cache_ttl: "86400" };

/** Makes the web server's PHP; it is started with the first page. Undefined where PHP is not installed. */
export function createPhp(place: PhpPlace): Php | undefined {
  if (!existsSync(PHP)) return undefined;
  let running: Promise<Running> | undefined;
  let keep = false;
  const end = (): void => {
    const ending = running;
    running = undefined;
    ending?.then(({ child }) => child.kill("SIGKILL")).catch(() => {});
  };
  return {
    async run(page) {
      running ??= start(place, keep ? STALE : FRESH);
      const mine = running;
      try {
        return await ask(await mine, page);
      } catch (error) {
        if (running === mine) end();
        throw error;
      }
    },
    keepCode(next) {
      if (next === keep) return;
      keep = next;
      end();
    },
    close: end,
  };
}

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
  readonly token: string;
}

async function start(place: PhpPlace, caches: Readonly<Record<string, string>>): Promise<Running> {
  const port = await freePort();
  const token = randomBytes(16).toString("hex");
  const settings = Object.entries({ ...SETTINGS, ...caches }).flatMap(([name, value]) => ["-d", `${name}=${value}`]);
  const { prefix, programs } = led(place);
  const php = [PHP, ...settings, "-S", `127.0.0.1:${port}`, join(programs, "lib/router.php")];
  const [program = "", ...args] = [...prefix, ...php];
  const env = { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8", SANDBOX_PHP_TOKEN: token };
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env });
  const said: string[] = [];
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on("line", (line) => {
      // One line a connection and request, of which the sandbox has its own log.
      if (/\] 127\.0\.0\.1:\d+ |Development Server/.test(line)) return;
      said.push(line);
      said.splice(0, said.length - 3);
      console.error(`php: ${line}`);
    });
  }
  const until = Date.now() + START_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > until) {
      child.kill("SIGKILL");
      throw new Error(`PHP did not start: ${said.join("; ") || `exit code ${child.exitCode}`}`);
    }
    await sleep(10);
  }
  return { child, port, token };
}

/** What leads a program into the host's files, and where those of {@link TREE} `programs` are there. */
function led({ hostTree, profile, mode }: PhpPlace): { prefix: readonly string[]; programs: string } {
  if (mode === "link") return { prefix: [], programs: join(hostTree, TREE.programs) };
  // The web server is not in the account's chroot.
  const whole: HostProfile = { ...profile, kind: "generic" };
  const prefix = ["/usr/bin/bwrap", "--die-with-parent", ...bubblewrapArguments(mode, hostTree, whole)];
  return { prefix, programs: "/usr/local" };
}

async function ask({ port, token }: Running, page: PhpRequest): Promise<Response> {
  const { request, script, root, host } = page;
  const url = new URL(request.url);
  const headers = new Headers(request.headers);
  for (const name of ["connection", "content-length", "transfer-encoding", "accept-encoding"]) headers.delete(name);
  headers.set("x-sandbox-token", token);
  headers.set("x-sandbox-script", encodeURIComponent(script));
  headers.set("x-sandbox-root", encodeURIComponent(root));
  headers.set("x-sandbox-host", host);
  const { method } = request;
  const body = method === "GET" || method === "HEAD" ? undefined : await request.arrayBuffer();
  const answer = await fetch(`http://127.0.0.1:${port}${url.pathname}${url.search}`, {
    method,
    headers,
    redirect: "manual",
    signal: AbortSignal.timeout(ANSWER_MS),
    ...(body === undefined ? {} : { body }),
  });
  const kept = new Headers(answer.headers);
  for (const name of ["connection", "transfer-encoding", "content-length", "date", "host"]) kept.delete(name);
  return new Response(method === "HEAD" ? null : await answer.arrayBuffer(), { status: answer.status, headers: kept });
}
