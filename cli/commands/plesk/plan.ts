import type { Command } from "commander";
import { planLines } from "../../../components/plesk-service/preview.ts";
import { planAll } from "../../../plesk/index.ts";
import { prepare } from "../../context.ts";
import { plural, print, say } from "../../output/style.ts";
import { overServices, showOutcomes } from "../../plesk/run.ts";
import { openDocuments } from "../../plesk/targets.ts";
import { type ServiceOptions, withServices } from "./options.ts";

/** `sitefleet plesk plan`: what a deployment of the built artifacts would do, asked of the hosts alone. */
export function registerPlan(plesk: Command): void {
  withServices(plesk.command("plan"))
    .description("what a deployment would do: files, migrations, snapshots, refusals. Reads only, without the engine.")
    .action(async (options: ServiceOptions, command: Command) => {
      const context = await prepare(command);
      const documents = await openDocuments(context, options.service ?? []);
      const outcomes = await overServices("planning", documents.length, (watch) => planAll(documents, watch));
      const plans = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
      const refused = plans.filter(({ refusals }) => refusals.length > 0);
      if (context.json) {
        showOutcomes(context, outcomes, { head: [], rows: () => [] });
      } else {
        const changed = plans.filter(({ outcome, refusals }) => outcome !== "unchanged" || refusals.length > 0);
        for (const plan of changed) print(`${plan.service}: ${planLines(plan).join("\n  ")}`);
        const failed = outcomes.filter((outcome) => !outcome.ok);
        if (failed.length > 0) showOutcomes(context, failed, { head: [], rows: () => [] });
        say(
          `${plural(changed.length, "service")} would change, ${plans.length - changed.length} unchanged, ${refused.length} refused`,
        );
      }
      if (refused.length > 0) process.exitCode ||= 1;
    });
}
