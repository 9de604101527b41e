import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { arch, availableParallelism, platform, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Estate } from "../estate/estate.ts";
import type { Measured } from "../measure/run.ts";
import type { Programs } from "./find.ts";
import type { Files } from "./modules.ts";
import { type Planned, plannedIn, type StateFile } from "./said.ts";

/** Steps at once in a root module; with OpenTofu's ten it would wait for builds. */
const PARALLELISM = 50;
/** Root modules at once, the quickest of several: a plan keeps the processors busy, an apply waits for builds most of its time. */
const AT_ONCE: Readonly<Record<Verb | "init", number>> = {
  init: availableParallelism() + 1,
  plan: availableParallelism() + 1,
  apply: 4 * availableParallelism(),
};

/** What is done to root modules. */
export type Verb = "plan" | "apply";

/** What one command over root modules came to. */
export interface Done extends Planned {
  readonly cost: Omit<Measured, "stdout">;
}

/** Root modules on the disk, worked on by `tofu` as a person's script would. */
export class Workspace {
  readonly #dir = mkdtempSync(join(tmpdir(), "sitefleet-bench-tofu-"));
  readonly #programs: Programs;
  readonly #estate: Estate;

  constructor(programs: Programs, estate: Estate) {
    this.#programs = programs;
    this.#estate = estate;
    this.#makeMirror();
  }

  /** Writes the modules in place of those that are there. */
  write(files: Files): void {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.#dir, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }

  /** Makes root modules ready to work on. @param roots their folders */
  async init(roots: readonly string[]): Promise<void> {
    await this.#over(roots, "init", []);
  }

  /** Plans or applies root modules, measured. @param live compares with what the vendor has as well */
  async run(verb: Verb, roots: readonly string[], live = false): Promise<Done> {
    const cost = await this.#over(roots, verb, argsOf(verb, live));
    const planned = roots.map((root) => plannedIn(readFileSync(this.#log(root), "utf8")));
    const sum = (of: (one: Planned) => number) => planned.reduce((total, one) => total + of(one), 0);
    return { cost, created: sum(({ created }) => created), changed: sum(({ changed }) => changed) };
  }

  /** The command that {@link Workspace.run} runs, to be started by hand. */
  command(verb: Verb, roots: readonly string[]): { command: string; args: string[]; env: Record<string, string> } {
    const [command, ...args] = this.#script(roots, verb, argsOf(verb, false));
    return { command: command ?? "", args, env: this.#env() };
  }

  /** The state files that there are. */
  states(roots: readonly string[]): StateFile[] {
    const files = roots.map((root) => join(this.#dir, root, "terraform.tfstate")).filter(existsSync);
    // One that was being written when its process was killed says nothing.
    return files.flatMap((file) => parsed(readFileSync(file, "utf8")) ?? []);
  }

  /** What the last command said of root modules that it did not do well. */
  said(roots: readonly string[]): string {
    return roots.map((root) => readFileSync(this.#log(root), "utf8")).find((text) => text.includes("Error: ")) ?? "";
  }

  /** Deletes everything. */
  close(): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #over(
    roots: readonly string[],
    verb: keyof typeof AT_ONCE,
    args: readonly string[],
  ): Promise<Omit<Measured, "stdout">> {
    const [command, ...rest] = this.#script(roots, verb, args);
    try {
      const { stdout: _, ...cost } = await this.#estate.measured(command ?? "", rest, this.#env());
      return cost;
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.said(roots).slice(-3000)}`);
    }
  }

  /** `xargs` starts nothing but `tofu`: no program of ours adds to its time. */
  #script(roots: readonly string[], verb: keyof typeof AT_ONCE, args: readonly string[]): string[] {
    const one = `exec "$TOFU" -chdir="$0" ${[verb, ...args].join(" ")} -input=false -no-color >"$0.log" 2>&1`;
    const dirs = roots.map((root) => join(this.#dir, root));
    const atOnce = Math.min(AT_ONCE[verb], roots.length);
    return ["sh", "-c", `printf '%s\\0' "$@" | xargs -0 -n 1 -P ${atOnce} sh -c '${one}'`, "sh", ...dirs];
  }

  #env(): Record<string, string> {
    return {
      ...this.#estate.environment(),
      TOFU: this.#programs.tofu,
      TF_CLI_CONFIG_FILE: join(this.#dir, "tofu.tfrc"),
      TF_IN_AUTOMATION: "1",
      CHECKPOINT_DISABLE: "1",
    };
  }

  #log(root: string): string {
    return join(this.#dir, `${root}.log`);
  }

  /** OpenTofu takes its provider from nowhere else. */
  #makeMirror(): void {
    const { provider, version } = this.#programs;
    const system = `${platform()}_${{ x64: "amd64" }[arch() as string] ?? arch()}`;
    const mirror = join(this.#dir, "mirror");
    const dir = join(mirror, "registry.opentofu.org/vercel/vercel", version, system);
    mkdirSync(dir, { recursive: true });
    const name = basename(provider).includes("_") ? basename(provider) : `${basename(provider)}_v${version}`;
    copyFileSync(provider, join(dir, name));
    const only = `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`;
    writeFileSync(join(this.#dir, "tofu.tfrc"), only);
  }
}

function argsOf(verb: Verb, live: boolean): string[] {
  const yes = verb === "apply" ? ["-auto-approve"] : [];
  // Neither do our commands ask a vendor for what the state says, unless they are told to.
  return [...yes, `-parallelism=${PARALLELISM}`, `-refresh=${live}`, "-compact-warnings"];
}

function parsed(text: string): StateFile | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
