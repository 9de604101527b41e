import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { SitefleetError } from "../../errors/index.ts";
import { changesOf, succeeded, summarise } from "../../fleet/summary.ts";
import { prepare } from "../context.ts";
import { type FleetOptions, runOver } from "../fleet.ts";
import { print, printJson, say } from "../output/style.ts";
import { renderSummary } from "../output/summary.ts";
import { withFleet } from "./fleet-options.ts";

/** `sitefleet up`: makes the estate as declared. */
export function registerUp(program: Command): void {
  withFleet(program.command("up"))
    .description("make the estate as declared: the shared stack first, then the others, several at a time")
    .option("-y, --yes", "do not ask; without it a preview is shown and confirmed at the terminal")
    .option("--refresh", "compare with what is live first")
    .action(async (options: FleetOptions & { yes?: boolean }, command: Command) => {
      const context = await prepare(command);
      if (!options.yes) {
        if (!process.stdin.isTTY) {
          throw new SitefleetError({
            code: "usage",
            message: "there is no terminal to ask at",
            hint: "review `sitefleet preview`, then run `sitefleet up --yes`",
          });
        }
        const preview = await runOver(context, "preview", options);
        say(renderSummary(summarise(preview), false));
        if (!succeeded(preview)) throw new SitefleetError({ code: "preview.failed", message: "the preview failed" });
        if (changesOf(preview.results) === 0 || !(await confirm())) return;
      }
      const run = await runOver(context, "up", options);
      const summary = summarise(run);
      if (context.json) printJson({ ok: succeeded(run), ...summary });
      else print(renderSummary(summary, true));
      if (!succeeded(run)) process.exitCode ||= 1;
    });
}

async function confirm(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question("Make these changes? [y/N] ")).trim());
  } finally {
    terminal.close();
  }
}
