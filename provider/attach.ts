import { spawn } from "node:child_process";
import { once } from "node:events";
import { environment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { programFile } from "../toolchain/programs.mjs";

/** Longest wait for the process to say its port, ms: a loaded machine may take seconds to start Node. */
const START_MS = 30_000;

/** A provider process that many engines share. */
export interface SharedProvider {
  readonly port: number;
  /** To be put into the environment of engines: attaches this process beside what is attached already. */
  readonly env: { readonly PULUMI_DEBUG_PROVIDERS: string };
  /** Gives the process another environment, before an engine has used it. @throws SitefleetError `provider.start` */
  use(env: NodeJS.ProcessEnv): Promise<void>;
  /** Ends the process; engines must be done with it. */
  stop(): Promise<void>;
}

/**
 * Starts the provider `sitefleet` once for all engines that are then started with `env`. Without it every engine starts a
 * process of its own. It ends with the process that calls this, at the latest.
 *
 * @param env environment of the process: where Vercel is and the token. @default that of the operation
 * @throws SitefleetError `provider.start` when it does not come up
 */
export async function startSharedProvider(env: NodeJS.ProcessEnv = environment()): Promise<SharedProvider> {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", programFile("provider/shared-main.ts")],
    {
      env,
      // A session of its own: engines still need it after a terminal's Ctrl-C or hang-up.
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let said = "";
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  child.stdin.on("error", () => {}); // it is gone: `close` says so
  const port = await new Promise<number>((resolve, reject) => {
    const failed = (why: string, cause?: unknown) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new SitefleetError({ code: "provider.start", message: `the provider sitefleet ${why}`, cause }));
    };
    const timer = setTimeout(() => failed(`did not start within ${START_MS / 1000} s`), START_MS);
    child.once("error", (error) => failed(`could not be started: ${error.message}`, error));
    child.once("close", () => failed(`ended at once: ${complaint.trim()}`));
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const found = /^(\d+)\n/.exec(said);
      if (found === null) return;
      clearTimeout(timer);
      resolve(Number(found[1]));
    });
  });
  let used = env;
  return {
    port,
    get env() {
      const own = `sitefleet:${port}`;
      const all = (used.PULUMI_DEBUG_PROVIDERS ?? "").split(",");
      const others = all.filter((item) => item && !item.startsWith("sitefleet:"));
      return { PULUMI_DEBUG_PROVIDERS: [...others, own].join(",") };
    },
    async use(next) {
      used = next;
      // It says a line when it has taken it.
      const taken = Promise.race([once(child.stdout, "data"), ended.then(() => undefined)]);
      child.stdin.write(`${JSON.stringify(next)}\n`);
      if ((await taken) === undefined) {
        throw new SitefleetError({ code: "provider.start", message: "the provider sitefleet has ended" });
      }
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
