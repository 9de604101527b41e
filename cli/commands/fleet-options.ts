import type { Command } from "commander";
import { DEFAULT_CONCURRENCY } from "../budget.ts";
import { withCommon } from "../context.ts";
import { wholeNumber } from "../fleet.ts";

/** Adds the options of commands that run over stacks. */
export function withFleet(command: Command): Command {
  const collect = (value: string, previous: string[] = []) => [...previous, value];
  return withCommon(command)
    .option("--stack <name>", "only this stack; may be given several times", collect)
    .option(
      "--cell <name>",
      "only this cell (`canary`, `00` … `63`), or several with commas; may be given several times",
      collect,
    )
    .option("--all", "open every stack, also those whose digest says that they are as declared")
    .option("--concurrency <n>", `stacks at once (default: ${DEFAULT_CONCURRENCY})`, wholeNumber("--concurrency"))
    .option(
      "--parallel <n>",
      "resource operations at once inside a stack (default: the engine's)",
      wholeNumber("--parallel"),
    );
}
