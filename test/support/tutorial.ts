import { type ChildProcess, spawn } from "node:child_process";

/** A step of a page: a file to write, or commands to type with what they shall print. */
export type TutorialStep =
  | { readonly kind: "file"; readonly name: string; readonly text: string }
  | { readonly kind: "commands"; readonly text: string; readonly shows?: string };

/**
 * The steps of a page, in their order. A block `sh` holds commands, a block `text` right after it what they show, and a block
 * whose first line names a file (```` ```yaml zones.yaml ````) is that file. Pure.
 *
 * @throws RangeError for a block `text` without commands before it, and for any other block
 */
export function tutorialSteps(page: string): TutorialStep[] {
  const steps: TutorialStep[] = [];
  for (const [, language = "", name = "", text = ""] of page.matchAll(/^```(\w*) ?(\S*)\n([\s\S]*?)^```$/gm)) {
    const last = steps.at(-1);
    if (name !== "") steps.push({ kind: "file", name, text });
    else if (language === "sh") steps.push({ kind: "commands", text });
    else if (language === "text" && last?.kind === "commands" && last.shows === undefined)
      steps[steps.length - 1] = { ...last, shows: text };
    else throw new RangeError(`a block that is neither a file, nor commands, nor what they show:\n${text}`);
  }
  return steps;
}

/**
 * Does a command's output hold what a page shows? `…` stands for anything, a line of it for any lines. Durations, the
 * milliseconds of an answer and the blanks of a table may differ. Pure.
 */
export function showsTheSame(shown: string, printed: string): boolean {
  const lines = shown.trimEnd().split("\n");
  const pattern = lines.map((line) => (line === "…" ? "(?:.*\n)*?" : `${lineOf(line)}\n`)).join("");
  return new RegExp(`^${pattern}$`).test(`${printed.replaceAll("\r", "").trimEnd()}\n`);
}

function lineOf(line: string): string {
  return line
    .trimEnd()
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replace(/\d+\\\.\d s\b/g, "\\d+\\.\\d s")
    .replace(/ {2}\d+ {2,}/g, "  \\d+  ")
    .replaceAll("…", ".*")
    .replace(/ {2,}/g, " +");
}

/** A shell that is typed into: what one block exports, the next has. Both outputs go to one place, as at a terminal. */
export class TypedShell {
  readonly #shell: ChildProcess;
  #printed = "";
  #count = 0;

  constructor(cwd: string, env: NodeJS.ProcessEnv) {
    this.#shell = spawn("bash", ["--noprofile", "--norc"], { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
    this.#shell.stdin?.write("exec 2>&1\n");
    for (const stream of [this.#shell.stdout, this.#shell.stderr])
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        this.#printed += chunk;
      });
  }

  /** Types commands and returns what they print once all have ended. */
  async type(commands: string): Promise<string> {
    const mark = `--- typed ${++this.#count}`;
    const begin = this.#printed.length;
    // Commands read nothing of what is typed after them.
    this.#shell.stdin?.write(`{ ${commands.trimEnd()}\n} </dev/null\necho '${mark}'\n`);
    for (;;) {
      const printed = this.#printed.slice(begin);
      if (printed.endsWith(`${mark}\n`)) return printed.slice(0, -mark.length - 1);
      if (this.#shell.exitCode !== null) throw new Error(`the shell has ended:\n${printed}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  /** Ends the shell. */
  close(): void {
    this.#shell.stdin?.end();
  }
}
