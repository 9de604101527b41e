import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { stateDir } from "../../fleet/backend/store/state-dir.ts";
import type { SampleRow } from "../../model/sample/sites.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { type Measured, measure } from "../measure/run.ts";
import { type Requests, readRequests } from "./requests.ts";

const COLUMNS = ["name", "zone", "project", "repository", "root_directory", "framework", "channel", "tags"] as const;
/** Variables that would point a sandbox, or what runs on it, somewhere else. */
const POINTERS = /^SITEFLEET_(?!PLUGINS$)|^PULUMI_(BACKEND_URL|CONFIG_PASSPHRASE|DEBUG_PROVIDERS|ACCESS_TOKEN|STACK)/;
const CLI = join(PROJECT_ROOT, "cli/sitefleet.js");

/** A sandbox with a catalog of its own, worked on through the command line as a person would. */
export class Estate {
  readonly #dir = mkdtempSync(join(tmpdir(), "sitefleet-bench-"));
  readonly catalog = join(this.#dir, "catalog");
  readonly sandbox = join(this.#dir, "sandbox");
  readonly #plugins: Readonly<Record<string, string>>;
  #env: Record<string, string> = {};
  #attached = { providers: 0, vendors: 0 };

  private constructor(plugins: "stand-in" | "real") {
    this.#plugins = plugins === "real" ? { SITEFLEET_PLUGINS: plugins } : {};
  }

  /**
   * Makes the catalog and starts the sandbox.
   *
   * @param plugins `real`: the engine takes the provider plugins that it finds on PATH @default the stand-ins, unless SITEFLEET_PLUGINS says `real`
   */
  static async open(rows: readonly SampleRow[], plugins: "stand-in" | "real" = "stand-in"): Promise<Estate> {
    const estate = new Estate(plugins);
    try {
      estate.#copyCatalog();
      estate.writeSites(rows);
      await estate.#plain("sandbox", "start");
      estate.#env = JSON.parse(await estate.#plain("sandbox", "env", "--json"));
      const { parts } = JSON.parse(await estate.#plain("sandbox", "status", "--json"));
      estate.#attached = { providers: parts.providers.pid ?? 0, vendors: parts.cloud.pid };
      return estate;
    } catch (error) {
      await estate.close();
      throw error;
    }
  }

  /** Puts these sites in place of those that the catalog has. */
  writeSites(rows: readonly SampleRow[]): void {
    const lines = rows.map((row) => COLUMNS.map((column) => row[column]).join(","));
    writeFileSync(join(this.catalog, "sites.csv"), `${[COLUMNS.join(","), ...lines].join("\n")}\n`);
  }

  /** Declares the number of cells; before the first site is brought up. */
  writeCells(cells: number): void {
    writeFileSync(join(this.catalog, "estate.yaml"), `cells: ${cells}\n`);
  }

  /** `sitefleet …` on this sandbox, measured. */
  sitefleet(...args: string[]): Promise<Measured> {
    return this.measured(process.execPath, [CLI, ...args], this.environment());
  }

  /** `sitefleet …`, measured, of a command that also says by its exit code what it found. */
  answering(codes: readonly number[], ...args: string[]): Promise<Measured> {
    return this.measured(process.execPath, [CLI, ...args], this.environment(), codes);
  }

  /** `sitefleet …` on this sandbox, not started. */
  command(...args: string[]) {
    return { command: process.execPath, args: [CLI, ...args], env: this.environment() };
  }

  /** Any command in the project's folder, measured. */
  measured(
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    codes: readonly number[] = [0],
  ): Promise<Measured> {
    const processors = availableParallelism();
    return measure({ command, args, cwd: PROJECT_ROOT, env, attached: this.#attached, processors, codes });
  }

  /** Answers of the vendors, and of every site, come so much later from now on. @param ms 0 = at once */
  async latency(ms: { readonly vendors: number; readonly web: number }): Promise<void> {
    const rules = Object.entries({ vercel: ms.vendors, cloudflare: ms.vendors, github: ms.vendors, web: ms.web });
    await this.faults({ latency: rules.flatMap(([vendor, wait]) => (wait > 0 ? [{ vendor, ms: wait }] : [])) });
  }

  /** Faults and latency of the sandbox in place of those that it has (docs/reference/sandbox.md). */
  async faults(config: object): Promise<void> {
    const url = new URL("/faults", this.#env.SITEFLEET_SANDBOX_CONTROL);
    const answer = await fetch(url, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(config),
    });
    if (!answer.ok) throw new Error(`the sandbox does not take it: ${answer.status} ${await answer.text()}`);
  }

  /** Changes where the estate keeps its stacks, before it has any. */
  use(env: Readonly<Record<string, string>>): void {
    this.#env = { ...this.#env, ...env };
  }

  /** The environment in which plain `pulumi` and `sitefleet` work on this sandbox. */
  environment(): Record<string, string> {
    return { ...inherited(), ...this.#env, SITEFLEET_CATALOG: this.catalog };
  }

  /** Where runs keep what they have done. */
  get stateDir(): string {
    return stateDir(this.environment());
  }

  /** What was called at the vendors since the last time this was asked. */
  async requests(): Promise<Requests> {
    return readRequests(this.#env.SITEFLEET_SANDBOX_CONTROL ?? "");
  }

  /** What the sandbox's vendors have, by vendor and kind. */
  async inventory(): Promise<unknown> {
    return (await fetch(new URL("/inventory", this.#env.SITEFLEET_SANDBOX_CONTROL))).json();
  }

  /** Throws when the vendors have anything that no state has, or the other way round. */
  async verify(): Promise<void> {
    await this.#plain("sandbox", "verify");
  }

  /** Ends the sandbox and deletes everything. */
  async close(): Promise<void> {
    await this.#plain("sandbox", "stop", "--purge").catch(() => undefined);
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #copyCatalog(): void {
    const from = join(PROJECT_ROOT, "catalog");
    mkdirSync(this.catalog);
    for (const name of readdirSync(from).filter((file) => file.endsWith(".yaml"))) {
      cpSync(join(from, name), join(this.catalog, name));
    }
    // One stack of 300 sites is what is compared with; the cell that a tag puts sites into is otherwise kept small.
    const limits = join(this.catalog, "limits.yaml");
    writeFileSync(limits, withoutCanaryLimit(readFileSync(limits, "utf8")));
    cpSync(join(from, "sample/artifacts"), join(this.catalog, "sample/artifacts"), { recursive: true });
  }

  #plain(...args: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const env = { ...inherited(), ...this.#plugins, SITEFLEET_SANDBOX_DIR: this.sandbox };
      const child = spawn(process.execPath, [CLI, "--catalog", this.catalog, ...args], { cwd: PROJECT_ROOT, env });
      let [stdout, all] = ["", ""];
      child.stdout.setEncoding("utf8").on("data", (text) => {
        stdout += text;
        all += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text) => {
        all += text;
      });
      child.on("error", reject);
      child.on("close", (code) => {
        if (code === 0) resolve(stdout);
        else reject(new Error(`sitefleet ${args.join(" ")} exited with ${code}\n${all.slice(-2000)}`));
      });
    });
  }
}

/** limits.yaml with as many canary sites as one likes. @throws Error when the limit is not found */
export function withoutCanaryLimit(text: string): string {
  const changed = text.replace(
    /(- id: sitefleet\.canary-sites\n(?:.*\n)*?\s+amount: )\d+/,
    (_, before) => `${before}1000000`,
  );
  if (changed === text) throw new Error("catalog/limits.yaml has no limit sitefleet.canary-sites");
  return changed;
}

/** This process's environment without what would point a sandbox somewhere else. */
function inherited(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name]) => !POINTERS.test(name));
  // What is measured is the work, not how long vendors make it wait.
  return { ...(Object.fromEntries(entries) as Record<string, string>), SITEFLEET_BUDGET: "off" };
}
