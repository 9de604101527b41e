import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import spawn, { SubprocessError } from "nano-spawn";
import { childEnvironment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { PROJECT_ROOT } from "../../stacks/program.ts";
import { withoutPasswords } from "../backend/store/backend-url.ts";
import { type Exported, parseExport } from "./state.ts";

/** How long reading or writing a stack's state may take, ms. A lock that is held fails at once. */
const STATE_TIMEOUT_MS = 120_000;
/** How long the providers may take to read what was adopted, ms. */
const REFRESH_TIMEOUT_MS = 600_000;
/** Of a command's output, as much as a message carries. */
const MAX_OUTPUT = 2_000;

/** The engine's command line on one stack. Secrets stay encrypted: nothing here asks for them. */
export class StackCli {
  readonly #stack: string;
  readonly #configFile: string;
  readonly #env: Record<string, string>;

  constructor(stack: string, configFile: string, env: NodeJS.ProcessEnv) {
    this.#stack = stack;
    this.#configFile = configFile;
    this.#env = childEnvironment(env);
  }

  /** The whole state. @throws SitefleetError `repair.engine`, `repair.state` */
  async export(): Promise<Exported> {
    return parseExport(await this.#run(["stack", "export"], STATE_TIMEOUT_MS), this.#stack);
  }

  /** Puts a state in place of the stack's. @throws SitefleetError `repair.engine` */
  async import(state: Exported): Promise<void> {
    const dir = mkdtempSync(join(tmpdir(), "sitefleet-repair-"));
    try {
      const file = join(dir, "state.json");
      writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
      await this.#run(["stack", "import", "--file", file], STATE_TIMEOUT_MS);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }

  /** Lets the providers read these resources. @throws SitefleetError `repair.engine` */
  async refresh(urns: readonly string[]): Promise<void> {
    const targets = urns.flatMap((urn) => ["--target", urn]);
    const options = ["--yes", "--skip-preview", "--suppress-outputs", "--config-file", this.#configFile];
    await this.#run(["refresh", ...options, ...targets], REFRESH_TIMEOUT_MS);
  }

  async #run(args: readonly string[], timeout: number): Promise<string> {
    try {
      const all = [...args, "--stack", this.#stack, "--non-interactive", "--color", "never"];
      // A session of its own: a state that is being written is written to its end, whatever becomes of the terminal.
      const options = { cwd: PROJECT_ROOT, env: this.#env, stdin: "ignore", timeout, detached: true } as const;
      const { stdout } = await spawn("pulumi", all, options);
      return stdout;
    } catch (cause) {
      const output = cause instanceof SubprocessError ? cause.output.trim() : String(cause);
      throw new SitefleetError({
        code: "repair.engine",
        message: `pulumi ${args.slice(0, 2).join(" ")} failed: ${withoutPasswords(output).slice(-MAX_OUTPUT)}`,
        subject: this.#stack,
        hint: "run the repair again; what was pending is still pending",
        cause,
      });
    }
  }
}
