import { readFileSync } from "node:fs";
import type { Command } from "commander";
import type { z } from "zod";
import { describeError } from "../../errors/index.ts";
import { pathsIn, plan } from "../../operations/plan.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { renderPlan } from "../output/plan.ts";
import { print, printJson, say } from "../output/style.ts";
import { SILENT } from "../stoppable.ts";

/** `sitefleet plan`: how long it will take, which limit binds, and which run does what. Changes nothing. */
export function registerPlan(program: Command): void {
  operationCommand(program.command("plan"), plan).action(
    async (options: z.input<typeof plan.input>, command: Command) => {
      const context = await prepare(command);
      const { value, document } = await performShown(context, plan, withPaths(inputOf(plan.input, options)), SILENT);
      for (const error of value.faults) say(describeError(error));
      if (context.json) printJson(document);
      else print(renderPlan(value.report));
    },
  );
}

/** `--changed -` stands for stdin, which is the terminal's. */
function withPaths(input: z.input<typeof plan.input>): z.input<typeof plan.input> {
  const { changed, ...others } = input;
  return changed === "-" && others.repository ? { ...others, changedPaths: pathsIn(readFileSync(0, "utf8")) } : input;
}
