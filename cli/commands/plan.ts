import type { Command } from "commander";
import { describeError } from "../../errors/index.ts";
import { ASSUMED_BUILD_SECONDS, readLedger } from "../../fleet/budget/index.ts";
import {
  type PlanReport,
  planWork,
  type Work,
  workOfChanges,
  workOfDigests,
  workOfPush,
} from "../../fleet/budget/strategy/index.ts";
import { readChangeSet } from "../../fleet/change-set/index.ts";
import type { Session } from "../../fleet/run/session.ts";
import { sessionFor } from "../../operations/fleet/over.ts";
import { readTime } from "../../operations/kit/duration.ts";
import { DEFAULT_CONCURRENCY, wholeNumber } from "../../operations/kit/fields.ts";
import { prepare } from "../context.ts";
import { renderPlan } from "../output/plan.ts";
import { print, printJson, say } from "../output/style.ts";
import type { FleetOptions } from "../watched.ts";
import { type BudgetFlags, withBudget } from "./budget-options.ts";
import { withFleet } from "./fleet-options.ts";

interface PlanCommand extends FleetOptions, BudgetFlags {
  readonly changeSet?: string;
  readonly changed?: string;
  readonly repository?: string;
  readonly traffic?: string;
  readonly window?: number;
  readonly now?: boolean;
  readonly until?: number;
  readonly buildSeconds?: number;
}

/** `sitefleet plan`: how long it will take, which limit binds, and which run does what. Changes nothing. */
export function registerPlan(program: Command): void {
  withBudget(withFleet(program.command("plan")))
    .description("say before anything starts how long `up` takes, which vendor's limit binds, and which run does what")
    .option("--change-set <file>", "plan exactly this change set (sitefleet preview --out FILE.json)")
    .option("--changed <file>", "plan for a git push: a file with the paths that it changed, one a line (- = stdin)")
    .option("--repository <owner/name>", "the repository of --changed")
    .option(
      "--traffic <file>",
      "hourly requests (CSV hour,zone,requests or usage rows as JSON), to find the quiet hours",
    )
    .option("--window <hours>", "length of the quiet hours (default: 2)", wholeNumber("--window"))
    .option("--now", "start now, whatever the hour")
    .option("--until <time>", "nothing may end later (ISO 8601, or a duration from now)", readTime("--until"))
    .option(
      "--build-seconds <n>",
      `how long a build takes (default: ${ASSUMED_BUILD_SECONDS})`,
      wholeNumber("--build-seconds"),
    )
    .action(async (options: PlanCommand, command: Command) => {
      const context = await prepare(command);
      const session = await sessionFor(context, options);
      const ledger = await readLedger(session.folders.state, session.store);
      const { window: quietHours, now: startNow, ...rest } = options;
      const report = planWork(await workFor(session, options), {
        ...rest,
        catalog: session.inputs.catalog,
        now: Date.now(),
        concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
        ...(quietHours === undefined ? {} : { quietHours }),
        ...(startNow === undefined ? {} : { startNow }),
        ...(ledger ? { ledger } : {}),
      });
      for (const { error } of session.faults.values()) say(describeError(error));
      if (session.faults.size > 0) process.exitCode = 1;
      if (context.json) {
        const { plan, startsAt, ...others } = report;
        const faults = [...session.faults.values()].map(({ error }) => error);
        printJson({
          ...others,
          startsAt: new Date(startsAt).toISOString(),
          ...withDates(plan),
          ...(faults.length > 0 ? { faults } : {}),
        });
      } else print(renderPlan(report));
    });
}

/** From a change set, a push, or what the digests say. */
async function workFor(session: Session, { changeSet, changed, repository }: PlanCommand): Promise<Work> {
  const { catalog } = session.inputs;
  if (changeSet !== undefined) return workOfChanges(catalog, readChangeSet(changeSet).changes);
  return changed === undefined ? workOfDigests(session) : workOfPush(catalog, changed, repository);
}

/** Times as text. */
function withDates(plan: PlanReport["plan"]): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(plan, (key, value) =>
      ["startsAt", "endsAt", "from", "until"].includes(key) && typeof value === "number"
        ? new Date(value).toISOString()
        : value,
    ),
  );
}
