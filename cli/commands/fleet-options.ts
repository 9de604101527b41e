import type { Command } from "commander";
import { DEFAULT_CONCURRENCY, DEFAULT_LOCK_TIMEOUT, wholeNumber } from "../../operations/kit/fields.ts";

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
