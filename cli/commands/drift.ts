import type { Command } from "commander";
import { drift } from "../../operations/drift.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { AdoptTeller } from "../output/adopt.ts";
import { showDrift } from "../output/drift.ts";
import { printJson } from "../output/style.ts";

/** `sitefleet drift`: what is live otherwise than declared. */
export function registerDrift(program: Command): void {
  operationCommand(program.command("drift"), drift)
    .option("--noise", "list noise as well")
    .action(async (options: { noise?: boolean }, command: Command) => {
      const context = await prepare(command);
      const { value, document } = await performShown(context, drift, inputOf(drift.input, options), new AdoptTeller());
      if (context.json) printJson(document);
      else showDrift(value, document, options.noise ?? false);
    });
}
