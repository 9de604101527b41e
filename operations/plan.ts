import { readFileSync } from "node:fs";
import { z } from "zod";
import { SitefleetError } from "../errors/index.ts";
import { ASSUMED_BUILD_SECONDS, readLedger } from "../fleet/budget/index.ts";
import {
  type PlanReport,
  planWork,
  type Work,
  workOfChanges,
  workOfDigests,
  workOfPush,
} from "../fleet/budget/strategy/index.ts";
import { readChangeSet } from "../fleet/change-set/index.ts";
import type { Session } from "../fleet/run/session.ts";
import { sessionFor } from "./fleet/over.ts";
import { planDocument, withDates } from "./fleet/plan-document.ts";
import { readTime } from "./kit/duration.ts";
import { noEvents } from "./kit/events.ts";
import { budgetFields, DEFAULT_CONCURRENCY, fleetFields, wholeNumber } from "./kit/fields.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";

/** A plan, and what of the estate could not be read for it. */
export interface Planned {
  readonly report: PlanReport;
  readonly faults: readonly SitefleetError[];
}

const input = z.object({
  ...fleetFields(),
  ...budgetFields(),
  changeSet: flag(
    z.string().optional(),
    "--change-set <file>",
    "plan exactly this change set (sitefleet preview --out FILE.json)",
  ),
  changed: flag(
    z.string().optional(),
    "--changed <file>",
    "plan for a git push: a file with the paths that it changed, one a line (- = stdin)",
  ),
  repository: flag(z.string().optional(), "--repository <owner/name>", "the repository of --changed"),
  traffic: flag(
    z.string().optional(),
    "--traffic <file>",
    "hourly requests (CSV hour,zone,requests or usage rows as JSON), to find the quiet hours",
  ),
  window: flag(
    z.int().min(1).optional(),
    "--window <hours>",
    "length of the quiet hours (default: 2)",
    wholeNumber("--window"),
  ),
  now: flag(z.boolean().optional(), "--now", "start now, whatever the hour"),
  until: flag(
    z.number().optional(),
    "--until <time>",
    "nothing may end later (ISO 8601, or a duration from now)",
    readTime("--until"),
  ),
  buildSeconds: flag(
    z.int().min(1).optional(),
    "--build-seconds <n>",
    `how long a build takes (default: ${ASSUMED_BUILD_SECONDS})`,
    wholeNumber("--build-seconds"),
  ),
  // Without a flag: for who has the paths at hand, in place of `changed`.
  changedPaths: z.array(z.string()).optional().describe("the paths that a git push changed"),
});

/** How long it will take, which limit binds, and which run does what. */
export const plan = defineOperation({
  name: "plan",
  summary: "say before anything starts how long `up` takes, which vendor's limit binds, and which run does what",
  changes: false,
  input,
  events: noEvents,
  output: planDocument,
  async run(options, { estate }): Promise<Planned> {
    const session = await sessionFor(estate, options);
    const ledger = await readLedger(session.folders.state, session.store);
    const { window: quietHours, now: startNow, ...rest } = options;
    const report = planWork(await workFor(session, options), {
      ...rest,
      catalog: session.inputs.catalog,
      now: Date.now(),
      concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
      quietHours,
      startNow,
      ledger,
    });
    return { report, faults: [...session.faults.values()].map(({ error }) => error) };
  },
  document: ({ report, faults }) => withDates(report, faults),
  exitCode: ({ faults }) => (faults.length > 0 ? 1 : 0),
});

/** From a change set, a push, or what the digests say. @throws SitefleetError `usage` for a push without its repository */
async function workFor(
  session: Session,
  { changeSet, changed, changedPaths, repository }: z.output<typeof input>,
): Promise<Work> {
  const { catalog } = session.inputs;
  if (changeSet !== undefined) return workOfChanges(catalog, readChangeSet(changeSet).changes);
  if (changed === undefined && changedPaths === undefined) return workOfDigests(session);
  if (!repository) {
    throw new SitefleetError({
      code: "usage",
      message: "--changed needs --repository OWNER/NAME",
      hint: "the repository that was pushed to",
    });
  }
  return workOfPush(catalog, repository, changedPaths ?? pathsIn(readFileSync(changed ?? "", "utf8")));
}

/** Paths that stand one a line. Pure. */
export const pathsIn = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
