import type { Command } from "commander";
import type { z } from "zod";
import { overview } from "../../operations/overview.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { renderOverview } from "../output/overview.ts";
import { print, printJson } from "../output/style.ts";
import { SILENT } from "../stoppable.ts";

/** `sitefleet overview`: what the dashboard shows, in a terminal. */
export function registerOverview(program: Command): void {
  operationCommand(program.command("overview"), overview).action(
    async (options: z.input<typeof overview.input>, command: Command) => {
      const context = await prepare(command);
      const { document } = await performShown(context, overview, inputOf(overview.input, options), SILENT);
      if (context.json) printJson(document);
      else print(renderOverview(document));
    },
  );
}
