import type { Command } from "commander";
import type { z } from "zod";
import { SitefleetError } from "../../../errors/index.ts";
import { pleskDbChanges } from "../../../operations/plesk/db-changes.ts";
import { pleskRollback, takenBackWithin } from "../../../operations/plesk/rollback.ts";
import { agrees } from "../../ask.ts";
import { prepare } from "../../context.ts";
import { operationCommand, showOperation } from "../../from-operation.ts";
import {
  CHANGES_HEAD,
  changesRows,
  ServiceTeller,
  sayFailed,
  shortRelease,
  showOutcomes,
} from "../../output/services.ts";
import { plural, say, table } from "../../output/style.ts";
import { runOnServices } from "./service-command.ts";

/** `sitefleet plesk rollback`: an earlier release live again; needs the host and the catalog, no build and no git. */
export function registerRollback(plesk: Command): void {
  operationCommand(plesk.command("rollback"), pleskRollback)
    .option(
      "-y, --yes",
      "with --reason: do not ask, and restore databases with --database alone; without it nothing is asked either way",
    )
    .action(async (options: Asked, command: Command) => {
      if (options.reason !== undefined && !options.yes && !(await agreed(options, command))) return;
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

interface Asked extends z.input<typeof pleskRollback.input> {
  readonly yes?: boolean;
}

/** Shows what was written into the databases, and asks whether they go back as well, and whether the services do. */
async function agreed({ service, database, ...asked }: Asked, command: Command): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new SitefleetError({
      code: "usage",
      message: "there is no terminal to ask at",
      hint: "look at `sitefleet plesk db changes`, then add --yes, and --database where databases are to go back as well",
    });
  }
  const context = await prepare(command);
  const shown = new ServiceTeller("comparing databases");
  const { value } = await showOperation(context, pleskDbChanges, { service, within: takenBackWithin(asked) }, shown);
  const tables = value.outcomes.flatMap((outcome) => (outcome.ok ? changesRows(outcome.value) : []));
  say(table([CHANGES_HEAD, ...tables]));
  sayFailed(value.outcomes);
  if (!database)
    command.setOptionValue("database", await agrees("Restore the databases that have a snapshot as well?"));
  return agrees("Roll back?");
}
