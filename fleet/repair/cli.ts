import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { PulumiError, type PulumiOptions, pulumi } from "../backend/pulumi.ts";
import { type Exported, parseExport } from "./state.ts";

/** Of a command's output, as much as a message carries. */
const MAX_OUTPUT = 2_000;

/** The engine's command line on one stack. Secrets stay encrypted: nothing here asks for them. */
export class StackCli {
  readonly #stack: string;
  readonly #configFile: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(stack: string, configFile: string, env: NodeJS.ProcessEnv) {
    this.#stack = stack;
    this.#configFile = configFile;
    this.#env = env;
  }

  /** The whole state. @throws SitefleetError `repair.engine`, `repair.state` */
  async export(): Promise<Exported> {
    return parseExport(await this.#run(["stack", "export"], "states"), this.#stack);
  }

  /** Puts a state in place of the stack's. @throws SitefleetError `repair.engine` */
  async import(state: Exported): Promise<void> {
    const dir = mkdtempSync(join(tmpdir(), "sitefleet-repair-"));
    try {
      const file = join(dir, "state.json");
      writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
      await this.#run(["stack", "import", "--file", file], "states");
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }

  /** Lets the providers read these resources. @throws SitefleetError `repair.engine` */
  async refresh(urns: readonly string[]): Promise<void> {
    const targets = urns.flatMap((urn) => ["--target", urn]);
    const options = ["--yes", "--skip-preview", "--suppress-outputs", "--config-file", this.#configFile];
    await this.#run(["refresh", ...options, ...targets], "providers");
  }

  async #run(args: readonly string[], within: PulumiOptions["within"]): Promise<string> {
    try {
      const all = [...args, "--stack", this.#stack, "--color", "never"];
      return await pulumi(all, { env: this.#env, within, detached: true });
    } catch (cause) {
      const output = cause instanceof PulumiError ? cause.output || cause.message : String(cause);
      throw new SitefleetError({
        code: "repair.engine",
        message: `pulumi ${args.slice(0, 2).join(" ")} failed: ${output.slice(-MAX_OUTPUT)}`,
        subject: this.#stack,
        hint: "run the repair again; what was pending is still pending",
        cause,
      });
    }
  }
}
