import { z } from "zod";
import { readLedger } from "../../fleet/budget/index.ts";
import { MATRIX_JOBS, matrixOf } from "../../fleet/budget/matrix.ts";
import { planWork, workOfDigests } from "../../fleet/budget/strategy/index.ts";
import { asksBefore } from "../../fleet/quality/index.ts";
import { PLESK_STACK } from "../../stacks/names.ts";
import { changedCells } from "../cells.ts";
import { policyOf } from "../fleet/gate-facts.ts";
import { canStop } from "../fleet/gate-run.ts";
import { sessionFor } from "../fleet/over.ts";
import { noEvents } from "../kit/events.ts";
import { wholeNumber } from "../kit/fields.ts";
import { flag } from "../kit/flags.ts";
import { collectHosts } from "../kit/host.ts";
import { defineOperation } from "../kit/operation.ts";
import { atOnce, chooseWay, WAYS } from "./way.ts";

const output = z.object({
  way: z.enum(WAYS).describe("none, direct: one run; cells: a job each; waves: a rollout"),
  reason: z.string().describe("why it goes that way"),
  stacks: z.array(z.string()).describe("that differ from what is declared"),
  urgent: z.array(z.string()).describe("sites that go first"),
  jobs: z.int().min(0).describe("of the matrix"),
  maxParallel: z.int().min(1).describe("jobs at once"),
  matrix: z.object({ include: z.array(z.object({ name: z.string(), cells: z.string(), sites: z.int() })) }),
  seconds: z.number().describe("how long it takes"),
  notes: z.array(z.string()).describe("what was assumed"),
});

/** See {@link ciPlan}. */
export type CiPlan = z.infer<typeof output>;

/** Which way a push goes through CI, and as which jobs. Services on hosts are left out: they have a workflow of their own. */
export const ciPlan = defineOperation({
  name: "ci plan",
  summary: "say which way what differs goes through CI, and as which jobs. Changes nothing.",
  changes: false,
  input: z.object({
    way: flag(
      z.enum(["auto", "direct", "cells", "waves"]).optional(),
      "--way <way>",
      "direct: one run; cells: a job for each cell; waves: a rollout (default: auto)",
    ),
    urgent: flag(
      z.array(z.string()).optional(),
      "--urgent <host>",
      "this site first, ahead of everything; may be given several times",
      (text, before) => collectHosts(text, before as string[] | undefined),
    ),
    maxJobs: flag(
      z.int().min(1).max(MATRIX_JOBS).optional(),
      "--max-jobs <n>",
      `jobs of the matrix at most; cells share jobs then (default: ${MATRIX_JOBS})`,
      wholeNumber("--max-jobs"),
    ),
  }),
  events: noEvents,
  output,
  async run({ way: asked = "auto", urgent = [], maxJobs = MATRIX_JOBS }, { estate }): Promise<CiPlan> {
    const session = await sessionFor(estate, { except: [PLESK_STACK] });
    const work = await workOfDigests(session);
    const matrix = matrixOf(changedCells(session).cells, maxJobs);
    const shared = session.store !== undefined;
    const maxParallel = atOnce(matrix, shared);
    const { catalog } = session.inputs;
    const ledger = await readLedger(session.folders.state, session.store);
    const options = { catalog, now: Date.now(), ledger, urgent, startNow: true, concurrency: maxParallel };
    const { strategy, plan, notes } = planWork(work, options);
    const policy = await policyOf(session);
    const chosen = chooseWay({
      stacks: session.open.length,
      kind: strategy.kind,
      reason: strategy.reason,
      live: work.live > 0,
      asks: policy.asks || canStop(policy, session.open.includes(PLESK_STACK) && asksBefore(catalog)),
      asked,
    });
    const alone = shared ? [] : ["this backend shares no locks between machines: one job at a time"];
    return {
      ...chosen,
      stacks: [...session.open],
      urgent,
      jobs: matrix.length,
      maxParallel,
      matrix: { include: matrix },
      seconds: plan.seconds,
      notes: [...alone, ...notes],
    };
  },
  document: (found) => found,
});
