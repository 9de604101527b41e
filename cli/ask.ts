import { createInterface } from "node:readline/promises";
import { STOPPED_EXIT } from "../operations/kit/operation.ts";

// @clack/prompts and the packages that it brings draw menus for arrow keys; a typed y or n needs none of it.
/** Asks a person at the terminal, on stderr. Everything but a yes is a no; Ctrl-C at the question as well. */
export async function agrees(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if ((error as Error).name !== "AbortError") throw error;
    process.exitCode = STOPPED_EXIT;
    return false;
  } finally {
    terminal.close();
  }
}
