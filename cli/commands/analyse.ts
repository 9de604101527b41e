import { readFileSync } from "node:fs";
import type { Command } from "commander";
import type { z } from "zod";
import { analyse } from "../../operations/analyse.ts";
import { pathsIn } from "../../operations/plan.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { renderAnalysis } from "../output/analyse.ts";
import { print, printJson } from "../output/style.ts";
import { SILENT } from "../stoppable.ts";

/** `sitefleet analyse`: what a push touches, how risky it is, and how it is to go out. Changes nothing. */
export function registerAnalyse(program: Command): void {
  operationCommand(program.command("analyse"), analyse).action(
    async (options: z.input<typeof analyse.input>, command: Command) => {
      const context = await prepare(command);
      const { changed, ...others } = inputOf(analyse.input, options);
      // `--changed -` stands for stdin, which is the terminal's.
      const input =
        changed === "-" ? { ...others, changedPaths: pathsIn(readFileSync(0, "utf8")) } : { ...others, changed };
      const { document } = await performShown(context, analyse, input, SILENT);
      if (context.json) printJson(document);
      else print(renderAnalysis(document));
    },
  );
}
