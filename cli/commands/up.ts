import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { SitefleetError } from "../../errors/index.ts";
import { changesOf, succeeded, summarise } from "../../fleet/summary.ts";
import { prepare } from "../context.ts";
import { DEFAULT_LOCK_TIMEOUT, previewOver, type UpOptions, updateOver, wholeNumber } from "../fleet.ts";
import { sayRepair } from "../output/repair.ts";
import { print, printJson, say } from "../output/style.ts";
import { renderSummary } from "../output/summary.ts";
import { withFleet } from "./fleet-options.ts";

/** `sitefleet up`: makes the estate as declared. */
export function registerUp(program: Command): void {
  withFleet(program.command("up"))
    .description("make the estate as declared: the shared stack first, then the others, several at a time")
    .option("-y, --yes", "do not ask; without it a preview is shown and confirmed at the terminal")
    .option("--refresh", "compare with what is live first")
    .option(
      "--change-set <file>",
      "do exactly what this reviewed change set (preview --out FILE.json) says, or nothing",
    )
    .option("--resume [run]", "go on with a run (the last one when none is named): only what it left is done")
    .option(
      "--lock-timeout <seconds>",
      `how long to wait for another run on the same stacks (default: ${DEFAULT_LOCK_TIMEOUT})`,
      wholeNumber("--lock-timeout"),
    )
    .action(async (options: UpOptions & { yes?: boolean }, command: Command) => {
      const context = await prepare(command);
      if (!options.yes && options.changeSet === undefined && !(await confirmed(context, options))) return;
      const run = await updateOver(context, options);
      const summary = summarise(run);
      for (const { repaired } of run.results) if (repaired) sayRepair(repaired);
      if (context.json) printJson({ ok: succeeded(run), run: run.run, ...summary, unopened: run.unopened });
      else print(renderSummary(summary, true));
      if (!succeeded(run)) {
        process.exitCode ||= 1;
        say(`what is left: sitefleet up --resume ${run.run}`);
      }
    });
}

/** Shows a preview and asks. @throws SitefleetError `usage` without a terminal, `preview.failed` */
async function confirmed(context: Awaited<ReturnType<typeof prepare>>, options: UpOptions): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new SitefleetError({
      code: "usage",
      message: "there is no terminal to ask at",
      hint: "review `sitefleet preview`, then run `sitefleet up --yes`",
    });
  }
  const preview = await previewOver(context, options);
  say(renderSummary(summarise(preview), false));
  if (!succeeded(preview)) throw new SitefleetError({ code: "preview.failed", message: "the preview failed" });
  if (changesOf(preview.results) === 0) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question("Make these changes? [y/N] ")).trim());
  } catch (error) {
    // Ctrl-C at the question is a no.
    if ((error as Error).name !== "AbortError") throw error;
    process.exitCode = 130;
    return false;
  } finally {
    terminal.close();
  }
}
