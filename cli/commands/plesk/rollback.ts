import type { Command } from "commander";
import { SitefleetError } from "../../../errors/index.ts";
import { rollback } from "../../../plesk/index.ts";
import { prepare } from "../../context.ts";
import { plural, say } from "../../output/style.ts";
import { overServices, shortRelease, showOutcomes } from "../../plesk/run.ts";
import { openTargets } from "../../plesk/targets.ts";
import { namedServices, type ServiceOptions, withNamedServices } from "./options.ts";

interface RollbackOptions extends ServiceOptions {
  readonly to?: string;
  readonly database?: boolean;
  readonly incomplete?: boolean;
  readonly health: boolean;
}

/** `sitefleet plesk rollback`: an earlier release live again; needs the host and the catalog, no build and no git. */
export function registerRollback(plesk: Command): void {
  withNamedServices(plesk.command("rollback"))
    .description("make an earlier release live again. Needs nothing but the host and the catalog.")
    .option(
      "--to <release>",
      "any kept release: its first digits, or `original` (default: the one that was live before)",
    )
    .option(
      "--database",
      "also restore the snapshot from before the live release; what was written since is kept apart",
    )
    .option(
      "-y, --yes",
      "nothing is asked either way: accepted, so that scripts can give it to every command that changes something",
    )
    .option(
      "--incomplete",
      "go to a release that has lost files as well; without it only edited and added files are told and not refused",
    )
    .option("--no-health", "do not ask the service afterwards: the earlier release stays, whatever it answers")
    .action(async (options: RollbackOptions, command: Command) => {
      const context = await prepare(command);
      const keys = namedServices(options);
      if (options.to !== undefined && keys.length !== 1) {
        throw new SitefleetError({ code: "usage", message: "--to is about one service: name it with --service" });
      }
      // A run that was cut off in a migration is put back first, for which its database is needed.
      const databases = options.database ? "required" : "if-known";
      const opened = await openTargets(context, keys, { databases });
      const targets = options.health ? opened : opened.map(({ health: _, ...target }) => target);
      const started = Date.now();
      const outcomes = await overServices("rolling back", targets.length, (watch) =>
        rollback(targets, {
          ...watch,
          ...(options.to === undefined ? {} : { to: options.to }),
          ...(options.database ? { database: true } : {}),
          ...(options.incomplete ? { incomplete: true } : {}),
          onEdited: (service, { paths, more }) =>
            say(
              `${service}: the kept release is not what was deployed: ${paths.join(", ")}${more > 0 ? ` and ${more} more` : ""}`,
            ),
        }),
      );
      showOutcomes(context, outcomes, {
        head: ["service", "live now", "before", "database"],
        rows: ({ service, release, before, restored, kept }) => [
          [service, shortRelease(release), shortRelease(before), restored === null ? "-" : `${restored}; was ${kept}`],
        ],
        summary: (values) =>
          `${plural(values.length, "service")} rolled back in ${((Date.now() - started) / 1000).toFixed(1)} s`,
      });
      for (const outcome of outcomes) {
        if (outcome.ok) for (const warning of outcome.value.warnings) say(`${outcome.service}: ${warning}`);
      }
    });
}
