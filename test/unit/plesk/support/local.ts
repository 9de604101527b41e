import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { SitefleetError } from "../../../../errors/index.ts";
import { SAY } from "../../../../plesk/commands/script.ts";
import type { Session } from "../../../../plesk/remote/session.ts";
import { tempDir } from "./temp.ts";

/** Programs that change something on the host: each call of one is a place at which a run can be cut off. */
const CHANGING = ["mv", "ln", "rm", "rmdir", "mkdir", "cp", "chmod", "cat"] as const;

/**
 * How a run is disturbed at one of its commands. `killed`: driver and script end there. `fails`: this command fails, once. `keeps failing`:
 * this one and all after it fail until the run is over, so that putting back fails as well.
 */
export type Disturbance = "killed" | "fails" | "keeps failing";

/** A host that is this machine, without ssh: the scripts are the ones of a real host, run by `sh -s`. */
export interface LocalHost {
  readonly root: string;
  /** A connection for one run. */
  session(): Session;
  /** Disturbs the next run at the given changing command, counted from 1; undefined ends that. */
  disturb(how: Disturbance | undefined, at?: number): void;
  /** The disk is full for scripts of which this is true: files can be made, links and names as well, and nothing can be written to a file. */
  fill(when: ((label: string) => boolean) | undefined): void;
  /** Changing commands that ran since `disturb` was called. */
  commands(): number;
}

const realOf = (name: string): string => execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();

/** Every write to a file fails from here on, as on a full disk. */
const FULL = "trap '' XFSZ; ulimit -f 0\n";

/** Makes such a host. */
export function localHost(): LocalHost {
  const dir = tempDir("plesklocal-");
  const root = join(dir, "www");
  const bin = join(dir, "bin");
  for (const path of [root, bin]) mkdirSync(path);
  for (const name of CHANGING) {
    // One byte a call; the size of the file is the number of calls.
    writeFileSync(
      join(bin, name),
      `#!/bin/sh
printf x >>${dir}/count
if [ -f ${dir}/order ]; then
  read -r how at <${dir}/order
  n=$(wc -c <${dir}/count)
  if [ "$n" -ge "$at" ]; then
    case $how in
      killed) : >${dir}/dead; kill -9 "$PPID"; exit 1;;
      fails) if [ "$n" -eq "$at" ]; then echo "injected failure of ${name}" >&2; exit 1; fi;;
      keeps) echo "injected failure of ${name}" >&2; exit 1;;
    esac
  fi
fi
exec ${realOf(name)} "$@"
`,
    );
    chmodSync(join(bin, name), 0o755);
  }
  const env = { ...process.env, PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`, LC_ALL: "C" };
  const run = (command: string, args: readonly string[], stdin: string) =>
    new Promise<{ code: number; stdout: string; stderrTail: string }>((resolve) => {
      const child = spawn(command, args, { env });
      let [stdout, stderr] = ["", ""];
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text;
      });
      child.stdin.on("error", () => {});
      child.stdin.end(stdin);
      child.on("close", (code) => resolve({ code: code ?? -1, stdout, stderrTail: stderr.slice(-2000) }));
    });
  const dead = (): void => {
    // The driver was killed with the script: it does nothing any more.
    if (existsSync(join(dir, "dead"))) throw new SitefleetError({ code: "plesk.remote.killed", message: "killed" });
  };
  let full: ((label: string) => boolean) | undefined;
  const session = (): Session => {
    const local = {
      sshConfig: "none",
      dir: mkdtempSync(join(dir, "session-")),
      withoutSignal: () => local,
      whenClosed: () => {},
      close: async () => {},
      run: async (label: string, script: string) => {
        dead();
        const { code, stdout, stderrTail } = await run("sh", ["-s"], full?.(label) ? `${FULL}${script}` : script);
        dead();
        const lines = stdout.split("\n");
        const word = lines.find((line) => line.startsWith(`${SAY}fail `))?.slice(SAY.length + 5);
        if (code === 0 && word === undefined && lines.includes(`${SAY}done`)) return lines;
        throw new SitefleetError({
          code: word === undefined ? "plesk.remote" : `plesk.remote.${word.split(" ")[0] ?? ""}`,
          message: `${label} failed (${code})`,
          details: stderrTail.split("\n").filter((line) => line !== ""),
        });
      },
      rsync: async (call: { args: readonly string[]; stdin?: string; onLine: (line: string) => void }) => {
        dead();
        const args = call.args
          .filter((arg) => !arg.startsWith("--rsh="))
          .map((arg) => (arg.startsWith("target:") ? arg.slice("target:".length) : arg));
        const result = await run("rsync", args, call.stdin ?? "");
        for (const line of result.stdout.split("\n")) call.onLine(line);
        return result;
      },
    };
    return local as unknown as Session;
  };
  return {
    root,
    session,
    disturb: (how, at = 1) => {
      for (const name of ["order", "count", "dead"]) rmSync(join(dir, name), { force: true });
      if (how !== undefined) writeFileSync(join(dir, "order"), `${how.split(" ")[0]} ${at}\n`);
    },
    fill: (when) => {
      full = when;
    },
    commands: () => (existsSync(join(dir, "count")) ? statSync(join(dir, "count")).size : 0),
  };
}

/** The lock that a killed run left is out of date, so that the next one need not wait for it. @param base Directory of the service. */
export function expireLock(base: string): void {
  if (!existsSync(`${base}/lock`)) return;
  // Cut off before it was signed, or after that was taken back: it would be waited for for a lease.
  if (readdirSync(`${base}/lock`).length === 0) rmSync(`${base}/lock`, { recursive: true });
  else
    for (const name of readdirSync(`${base}/lock`)) {
      renameSync(`${base}/lock/${name}`, `${base}/lock/1.${name.split(".").at(-1)}`);
    }
}
