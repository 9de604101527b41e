import type { Command } from "commander";
import { SitefleetError } from "../../../errors/index.ts";
import { restoreDatabase, snapshotAll } from "../../../plesk/index.ts";
import { prepare } from "../../context.ts";
import { overServices, showOutcomes } from "../../plesk/run.ts";
import { openTargets } from "../../plesk/targets.ts";
import { namedServices, type ServiceOptions, withNamedServices, withOneService } from "./options.ts";

/** `sitefleet plesk db …`: snapshots of the services' databases. */
export function registerDatabase(plesk: Command): void {
  const db = plesk.command("db").description("snapshots of the services' databases");
  registerSnapshot(db);
  registerRestore(db);
}

function registerSnapshot(db: Command): void {
  withNamedServices(db.command("snapshot"))
    .description("dump databases and prove the dumps by restoring them into the scratch databases")
    .action(async (options: ServiceOptions, command: Command) => {
      const context = await prepare(command);
      const keys = namedServices(options);
      const all = await openTargets(context, keys, { databases: "required" });
      // Of all services those that have one; a service that was named must have one.
      const targets = keys.length === 0 ? all.filter(({ database }) => database !== undefined) : all;
      const outcomes = await overServices("taking snapshots", targets.length, (watch) => snapshotAll(targets, watch));
      const named = outcomes.map((outcome) =>
        outcome.ok ? { ...outcome, value: { service: outcome.service, ...outcome.value } } : outcome,
      );
      showOutcomes(context, named, {
        head: ["service", "snapshot", "bytes", "proven", "restoring takes"],
        rows: ({ service, name, bytes, proven, restoreSeconds }) => [
          [service, name, bytes, proven ? "yes" : "no", `about ${restoreSeconds} s`],
        ],
      });
    });
}

function registerRestore(db: Command): void {
  withOneService(db.command("restore"))
    .description("make a database what a snapshot holds; its present state is kept in a snapshot of its own")
    .requiredOption("--snapshot <name>", "name of the snapshot, as `plesk releases` lists it")
    .option("-y, --yes", "do not ask: what was written since the snapshot is no longer in the database")
    .action(async (options: { service: string; snapshot: string; yes?: boolean }, command: Command) => {
      const context = await prepare(command);
      if (!options.yes) {
        throw new SitefleetError({
          code: "usage",
          message: "what was written since the snapshot will no longer be in the database",
          hint: "add --yes when that is meant; the present state is kept in a snapshot",
        });
      }
      const targets = await openTargets(context, [options.service], { databases: "required" });
      const outcomes = await overServices("restoring", targets.length, async (watch) =>
        Promise.all(
          targets.map(async (target) => {
            const service = target.service.key;
            try {
              return { service, ok: true as const, value: await restoreDatabase(target, options.snapshot, watch) };
            } catch (error) {
              return { service, ok: false as const, error };
            }
          }),
        ),
      );
      showOutcomes(context, outcomes, {
        head: ["service", "restored", "present state kept as"],
        rows: ({ service, restored, kept }) => [[service, restored, kept]],
      });
    });
}
