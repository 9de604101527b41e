import type { Command } from "commander";
import { DEFAULT_CONCURRENCY, DEFAULT_LOCK_TIMEOUT, wholeNumber } from "../../operations/kit/fields.ts";
import { withCommon } from "../context.ts";

/** Adds the options of commands that run over stacks. */
export function withFleet(command: Command): Command {
  const collect = (value: string, previous: string[] = []) => [...previous, value];
  const chosen = withCommon(command)
    .option("--stack <name>", "only this stack; may be given several times", collect)
    .option(
      "--cell <name>",
      "only this cell (`canary`, `00` … `63`), or several with commas; may be given several times",
      collect,
    )
    .option("--except <name>", "not this stack; may be given several times", collect)
    .option("--all", "open every stack, also those whose digest says that they are as declared");
  return withConcurrency(chosen);
}

/** Adds how much is done at once. @param stacks Stacks at once where nothing else is said. */
export function withConcurrency(command: Command, stacks: number = DEFAULT_CONCURRENCY): Command {
  return command
    .option("--concurrency <n>", `stacks at once (default: ${stacks})`, wholeNumber("--concurrency"))
    .option(
      "--parallel <n>",
      "resource operations at once inside a stack (default: the engine's)",
      wholeNumber("--parallel"),
    );
}

/** Adds how long other runs are waited for. */
export function withLockTimeout(command: Command): Command {
  return command.option(
    "--lock-timeout <seconds>",
    `how long to wait for another run on the same stacks (default: ${DEFAULT_LOCK_TIMEOUT})`,
    wholeNumber("--lock-timeout"),
  );
}
