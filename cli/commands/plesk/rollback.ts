import type { Command } from "commander";
import { pleskRollback } from "../../../operations/plesk/rollback.ts";
import { operationCommand } from "../../from-operation.ts";
import { shortRelease, showOutcomes } from "../../output/services.ts";
import { plural, say } from "../../output/style.ts";
import { runOnServices } from "./service-command.ts";

/** `sitefleet plesk rollback`: an earlier release live again; needs the host and the catalog, no build and no git. */
export function registerRollback(plesk: Command): void {
  operationCommand(plesk.command("rollback"), pleskRollback)
    .option(
      "-y, --yes",
      "nothing is asked either way: accepted, so that scripts can give it to every command that changes something",
    )
    .action(async (_options, command: Command) => {
      const { outcomes } = await runOnServices(command, pleskRollback, "rolling back", ({ outcomes, seconds }) =>
        showOutcomes(outcomes, {
          head: ["service", "live now", "before", "database"],
          rows: ({ service, release, before, restored, kept }) => {
            const database = restored === null ? "-" : `${restored}; was ${kept}`;
            return [[service, shortRelease(release), shortRelease(before), database]];
          },
          summary: ({ length }) => `${plural(length, "service")} rolled back in ${seconds.toFixed(1)} s`,
        }),
      );
      for (const outcome of outcomes) {
        if (outcome.ok) for (const warning of outcome.value.warnings) say(`${outcome.service}: ${warning}`);
      }
    });
}
