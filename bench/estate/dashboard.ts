import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import type { Estate } from "./estate.ts";

/** `sitefleet dashboard` of an estate, in a process of its own. */
export class Dashboard {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  /** Starts it. @throws Error when it ends before it has told its address */
  static async start(estate: Estate): Promise<Dashboard> {
    const args = [join(PROJECT_ROOT, "cli/sitefleet.js"), "dashboard", "--json"];
    const child = spawn(process.execPath, args, {
      cwd: PROJECT_ROOT,
      env: estate.environment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stderr.setEncoding("utf8").on("data", (text) => {
      stderr += text;
    });
    for await (const text of child.stdout.setEncoding("utf8")) {
      stdout += text;
      if (stdout.includes("}")) return new Dashboard(JSON.parse(stdout).url, child);
    }
    throw new Error(`the dashboard does not start\n${stderr.slice(-2000)}`);
  }

  get origin(): string {
    return new URL(this.url).origin;
  }

  get token(): string {
    return new URL(this.url).hash.slice(1);
  }

  /** Ends it. @param signal `SIGKILL`: it can put nothing in order @default as Ctrl-C does */
  async end(signal: NodeJS.Signals = "SIGINT"): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill(signal);
    await ended;
  }
}
