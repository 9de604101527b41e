import type { Command } from "commander";
import { changesOf, succeeded, summarise } from "../../fleet/summary.ts";
import { prepare } from "../context.ts";
import { type FleetOptions, previewOver } from "../fleet.ts";
import { print, printJson, say } from "../output/style.ts";
import { renderSummary } from "../output/summary.ts";
import { withFleet } from "./fleet-options.ts";

/** `sitefleet preview`: what an update would do, over all stacks. */
export function registerPreview(program: Command): void {
  withFleet(program.command("preview"))
    .description("show what `up` would do, over all stacks. Changes nothing.")
    .option("--refresh", "compare with what is live as well")
    .option("--why", "say for each stack why it was opened")
    .option("--detailed-exitcode", "exit with 0 = no changes, 2 = changes, 1 = error")
    .action(async (options: FleetOptions & { detailedExitcode?: boolean; why?: boolean }, command: Command) => {
      const context = await prepare(command);
      const run = await previewOver(context, options);
      const summary = summarise(run);
      if (options.why) for (const [stack, reason] of Object.entries(run.reasons)) say(`${stack}: ${reason}`);
      const steps = run.results.flatMap(({ stack, steps }) => steps.map((step) => ({ stack, ...step })));
      if (context.json)
        printJson({ ok: succeeded(run), ...summary, unopened: run.unopened, reasons: run.reasons, steps });
      else print(renderSummary(summary, false));
      if (!succeeded(run)) process.exitCode ||= 1;
      else if (options.detailedExitcode && changesOf(run.results) > 0) process.exitCode ||= 2;
    });
}
