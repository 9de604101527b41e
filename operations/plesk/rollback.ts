import { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";
import { plainLine } from "../../errors/plain.ts";
import { readServices } from "../../model/index.ts";
import { type RollbackResult, rollback } from "../../plesk/index.ts";
import { flag } from "../kit/flags.ts";
import { defineOperation } from "../kit/operation.ts";
import { afterwards } from "./proof/take-back.ts";
import { documentOfServices, servicesDocument } from "./services/document.ts";
import { serviceEvent } from "./services/events.ts";
import { namedFields, namedServices } from "./services/fields.ts";
import { exitOfServices, type OfServices, overServices } from "./services/over.ts";
import { openTargets } from "./services/targets.ts";
import { DEPLOYMENT_SECONDS, deployedWithin, SNAPSHOT_SECONDS, withinFields } from "./services/within.ts";

/** What became of services. `answered`: did all of them answer afterwards? Absent where they were not asked. */
type RolledBack = OfServices<RollbackResult> & { readonly answered?: boolean };

/** Seconds in which services must have been deployed to go back; undefined: whenever they were. Pure. */
export const takenBackWithin = ({
  within,
  reason,
  all,
}: Readonly<Partial<Record<"within" | "reason" | "all", unknown>>> & { readonly within?: number | undefined }) =>
  within ?? (all && reason !== undefined ? DEPLOYMENT_SECONDS : undefined);

/** An earlier release live again. Needs the host and the catalog, no build and no git. */
export const pleskRollback = defineOperation({
  name: "plesk rollback",
  summary: "make an earlier release live again. Needs nothing but the host and the catalog.",
  changes: true,
  input: z.object({
    ...namedFields(),
    ...withinFields(),
    to: flag(
      z.string().optional(),
      "--to <release>",
      "any kept release: its first digits, or `original` (default: the one that was live before)",
    ),
    database: flag(
      z.boolean().optional(),
      "--database",
      "also restore the snapshot from before the live release; what was written since is kept apart",
    ),
    incomplete: flag(
      z.boolean().optional(),
      "--incomplete",
      "go to a release that has lost files as well; without it only edited and added files are told and not refused",
    ),
    reason: flag(
      z.string().min(1).max(300).optional(),
      "--reason <text>",
      "why, for the incident that is raised; all the services are asked again afterwards. With --database, databases that have no such snapshot stay. With --all only services that were deployed within 4 hours, or --within",
    ),
    health: flag(
      z.boolean().optional(),
      "--no-health",
      "do not ask the service afterwards: the earlier release stays, whatever it answers",
    ),
  }),
  events: serviceEvent,
  output: servicesDocument<RollbackResult>({
    release: z.string().describe("live now"),
    before: z.string().nullable().describe("live before; it counts as bad from now on"),
    restored: z.string().nullable().describe("snapshot that was restored; null when the database was left alone"),
    kept: z.string().nullable().describe("snapshot of the database as it was before that"),
    edited: z
      .object({ paths: z.array(z.string()), more: z.int().min(0) })
      .nullable()
      .describe("how the release differs from what was deployed as it"),
    warnings: z.array(z.string()).describe("what went wrong after the earlier release was live again"),
    steps: z.record(z.string(), z.number()).describe("milliseconds"),
  }),
  async run({ to, database, incomplete, health, reason, within, ...which }, tools): Promise<RolledBack> {
    const now = Date.now();
    const keys = namedServices(which);
    if (to !== undefined && keys.length !== 1) {
      throw new SitefleetError({ code: "usage", message: "--to is about one service: name it with --service" });
    }
    // A run that was cut off in a migration is put back first, for which its database is needed.
    const asked = await openTargets(tools, keys, { databases: database ? "required" : "if-known" });
    const seconds = takenBackWithin({ within, reason, all: which.all });
    const opened = seconds === undefined ? asked : await deployedWithin(asked, seconds, now);
    const targets = health === false ? opened.targets.map(({ health: _, ...target }) => target) : opened.targets;
    const restores = database && reason !== undefined ? "if-kept" : database;
    const done = await overServices(tools, { ...opened, targets }, (some, watch) =>
      rollback(some, {
        ...watch,
        to,
        database: restores,
        // An older snapshot is not of what goes back.
        since: seconds === undefined ? undefined : now - (seconds + SNAPSHOT_SECONDS) * 1000,
        incomplete,
        onEdited: (service, { paths, more }) => tools.emit({ event: "edited", service, paths: [...paths], more }),
      }),
    );
    if (reason === undefined || tools.signal.aborted) return done;
    const { catalog } = readServices(tools.estate.catalogDir);
    const { ok } = await afterwards({ catalog, outcomes: done.outcomes, reason: plainLine(reason), emit: tools.emit });
    return { ...done, answered: ok };
  },
  document: documentOfServices,
  exitCode: (done) => exitOfServices(done) || (done.answered === false ? 1 : 0),
});
