import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  readInfo,
  type SandboxInfo,
  sandboxEnv,
  sandboxPaths,
  startSandbox,
  stopSandbox,
} from "../../sandbox/control.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";

/** What a command printed and how it ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A row of sites.csv. */
export interface Row {
  readonly name: string;
  readonly zone?: string;
  readonly project?: "own" | "shared";
  readonly channel?: string;
  readonly framework?: string;
  readonly tags?: string;
}

/** The columns of sites.csv. */
export const HEAD = "name,zone,project,repository,root_directory,framework,channel,tags";

/** One row as text: `own` sites come from acme/sites, shared ones from acme/landing. */
export function rowText(row: Row): string {
  const { name, zone = "qmoney.de", project = "own", channel = "stable", framework = "nextjs", tags = "" } = row;
  const repository = project === "own" ? "acme/sites" : "acme/landing";
  const root = project === "own" ? `sites/${name}` : "apps/landing";
  return [name, zone, project, repository, root, framework, channel, tags].join(",");
}

/** A sandbox of a test's own with a catalog of its own; everything lies in one temporary folder. */
export class Estate {
  readonly dir = mkdtempSync(join(tmpdir(), "sitefleet-test-"));
  readonly catalog = join(this.dir, "catalog");
  readonly sandbox = join(this.dir, "sandbox");
  /** Where the stacks are instead of the sandbox's own directory; `sitefleet` then runs as on real accounts. */
  backend?: { readonly url: string; readonly env: Readonly<Record<string, string>> };
  /** All that commands have printed, for tests that look for secrets in it. */
  printed = "";

  /**
   * Copies the project's catalog and puts `rows` in place of its sites.
   *
   * @param services `none`: without the services, their databases and secrets, for tests of sites alone: no database server is
   *   started and none of 22 deployments is made
   */
  constructor(rows: readonly Row[], services: "all" | "none" = "all") {
    // Flows and Lighthouse would run after each deployment; a test of them copies or writes the file itself.
    const names = readdirSync(join(PROJECT_ROOT, "catalog")).filter((name) =>
      /(?<!flows|quality)\.(yaml|csv)$/.test(name),
    );
    mkdirSync(this.catalog);
    for (const name of names) cpSync(join(PROJECT_ROOT, "catalog", name), join(this.catalog, name));
    cpSync(join(PROJECT_ROOT, "catalog/sample/artifacts"), join(this.catalog, "sample/artifacts"), { recursive: true });
    if (services === "none") {
      this.edit("services.yaml", () => "services: []\n");
      this.edit("secrets.yaml", (text) => text.replace(/^.*source: database.*\n/gm, ""));
    }
    this.writeSites(rows);
  }

  writeSites(rows: readonly Row[]): void {
    writeFileSync(join(this.catalog, "sites.csv"), `${[HEAD, ...rows.map(rowText)].join("\n")}\n`);
  }

  /** Changes one of the catalog's files. */
  edit(file: string, change: (text: string) => string): void {
    const path = join(this.catalog, file);
    writeFileSync(path, change(readFileSync(path, "utf8")));
  }

  async start(): Promise<SandboxInfo> {
    return startSandbox({ dir: this.sandbox, catalogDir: this.catalog, plugins: "stand-in" });
  }

  get info(): SandboxInfo {
    const info = readInfo(this.sandbox);
    if (info === undefined) throw new Error("the sandbox was not started");
    return info;
  }

  /** Environment of plain `pulumi` against this sandbox. */
  env(): Record<string, string> {
    return {
      ...(process.env as Record<string, string>),
      ...sandboxEnv(this.info),
      SITEFLEET_CATALOG: this.catalog,
      ...(this.backend ? { ...this.backend.env, PULUMI_BACKEND_URL: this.backend.url, SITEFLEET_BUDGET: "off" } : {}),
    };
  }

  /** `sitefleet …` on {@link backend}, as on a machine of that name: each has a folder of its own. */
  sitefleetOn(
    machine: string,
    args: readonly string[],
    onStart?: (child: ReturnType<typeof spawn>) => void,
  ): Promise<Ran> {
    const env = { ...this.env(), SITEFLEET_STATE_DIR: join(this.dir, "machines", machine) };
    return this.run(process.execPath, [join(PROJECT_ROOT, "cli/sitefleet.js"), ...args], env, onStart);
  }

  /** Where the stacks' state lies. */
  get stateDir(): string {
    return sandboxPaths(this.sandbox).state;
  }

  /** `sitefleet --sandbox …` as a person would call it. */
  sitefleet(...args: string[]): Promise<Ran> {
    return this.sitefleetAs(undefined, ...args);
  }

  /** The same; `onStart` gets its process. */
  sitefleetAs(onStart: ((child: ReturnType<typeof spawn>) => void) | undefined, ...args: string[]): Promise<Ran> {
    const words = [join(PROJECT_ROOT, "cli/sitefleet.js"), "--sandbox", "--catalog", this.catalog, ...args];
    return this.run(process.execPath, words, undefined, onStart);
  }

  /** Plain `pulumi` in the project's folder. */
  pulumi(...args: string[]): Promise<Ran> {
    return this.run("pulumi", [...args, "--non-interactive", "--color", "never"], this.env());
  }

  /** Starts a command; `onStart` gets its process, to kill it for instance. */
  run(
    command: string,
    args: readonly string[],
    env: Record<string, string> = { ...(process.env as Record<string, string>), SITEFLEET_SANDBOX_DIR: this.sandbox },
    onStart?: (child: ReturnType<typeof spawn>) => void,
  ): Promise<Ran> {
    return new Promise((resolve, reject) => {
      // As `sitefleet` starts the engine: less of a test's time goes into collecting garbage.
      const own = command === "pulumi" ? { GOGC: "400", ...env } : env;
      const child = spawn(command, args, { cwd: PROJECT_ROOT, env: own, stdio: ["ignore", "pipe", "pipe"] });
      let [stdout, stderr] = ["", ""];
      child.stdout.setEncoding("utf8").on("data", (text) => {
        stdout += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text) => {
        stderr += text;
      });
      child.on("error", reject);
      child.on("close", (code) => {
        this.printed += stdout + stderr;
        resolve({ code, stdout, stderr });
      });
      onStart?.(child);
    });
  }

  /** What the control API answers. */
  async control(path: string, init?: RequestInit): Promise<unknown> {
    const answer = await fetch(new URL(path, this.info.urls.control), init);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** Ends the sandbox and deletes everything. */
  async remove(): Promise<void> {
    await stopSandbox({ dir: this.sandbox });
    rmSync(this.dir, { recursive: true, force: true });
  }
}
