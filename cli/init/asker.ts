import type { Choice } from "../../vendors/checkup.ts";

/** Asks a person, one question after the other. Each throws {@link Stopped} when the person ends it. */
export interface Asker {
  /** One line. @param wrong what is wrong with a line, told at once; undefined when it is right */
  line(
    question: string,
    options?: { readonly usual?: string; wrong?(line: string): string | undefined },
  ): Promise<string>;
  /** A line that is not shown. */
  secret(question: string): Promise<string>;
  /** One of several. */
  one(question: string, choices: readonly Choice[]): Promise<string>;
  /** Any of several, at least one. */
  several(question: string, choices: readonly Choice[]): Promise<readonly string[]>;
  yes(question: string): Promise<boolean>;
  /** Told between questions: an answer that was wrong after all. */
  tell(text: string): void;
}

/** The person has ended the questions. */
export class Stopped extends Error {}

/** Asks at the terminal, on stderr. The library is loaded only then. */
export async function terminalAsker(): Promise<Asker> {
  const clack = await import("@clack/prompts");
  const output = process.stderr;
  const answered = <T>(value: T): Exclude<T, symbol> => {
    if (clack.isCancel(value)) throw new Stopped();
    return value as Exclude<T, symbol>;
  };
  const options = (choices: readonly Choice[]) => choices.map(({ value, hint }) => ({ value, label: value, hint }));
  return {
    line: async (message, { usual, wrong } = {}) =>
      answered(
        await clack.text({
          message,
          output,
          placeholder: usual,
          defaultValue: usual,
          validate: (line) => wrong?.(line || (usual ?? "")),
        }),
      ).trim(),
    secret: async (message) => answered(await clack.password({ message, output })).trim(),
    one: async (message, choices) => answered(await clack.select({ message, output, options: options(choices) })),
    several: async (message, choices) =>
      answered(await clack.multiselect({ message, output, options: options(choices), required: true })),
    yes: async (message) => answered(await clack.confirm({ message, output, initialValue: false })),
    tell: (text) => clack.log.warn(text, { output }),
  };
}
