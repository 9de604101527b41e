import type { AliasJob, Deployment } from "../vercel/shapes.ts";
import { type Goal, isBuildOf } from "./goal.ts";

/** What is done next. */
export type Step =
  /** List the project's production deployments of the source. */
  | { readonly do: "look" }
  /** Create a deployment without taking the hosts. */
  | { readonly do: "build" }
  /** Look at the deployment again, after a pause. */
  | { readonly do: "watch"; readonly id: string }
  /** Visit the deployment's own address. */
  | { readonly do: "check"; readonly id: string }
  | { readonly do: "promote"; readonly id: string }
  /** See what the hosts point at; after a pause when a promotion is under way. */
  | { readonly do: "verify"; readonly id: string }
  | { readonly do: "done"; readonly id: string }
  | { readonly do: "fail"; readonly reason: FailReason };

/**
 * Why a release is not live; each is an error's code, `release.<reason>`. `interrupted`: a call failed, or the run was
 * stopped, after something had begun.
 */
export type FailReason =
  | "interrupted"
  | "build-not-started"
  | "build-failed"
  | "build-deadline"
  | "build-gone"
  | "check-failed"
  | "check-inconclusive"
  | "domain-unverified"
  | "promotion-refused"
  | "promotion-failed"
  | "promotion-deadline";

/** What is known so far. */
export interface Known {
  /** Deployments of the source, newest first; undefined: not looked yet, or no longer sure. */
  readonly candidates: readonly Deployment[] | undefined;
  /** The deployment that was decided for, as it was seen last. */
  readonly chosen: Deployment | undefined;
  /** Deployments asked for in this run. */
  readonly builds: number;
  readonly verdict: "pass" | "fail" | "inconclusive" | undefined;
  /** Promotions asked for in this run, and whether the last one was taken. */
  readonly promotions: number;
  readonly promotion: "accepted" | "conflict" | undefined;
  /** What the project's production hosts point at; `sure` when read in this run, else as the state remembers it. */
  readonly live: { readonly id: string | undefined; readonly sure: boolean };
  /** Every host of the goal points at the chosen deployment. */
  readonly hostsMoved: boolean;
  readonly job: AliasJob | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** When the chosen deployment was first seen queued, building, and the first promotion asked for; ms since 1970. */
  readonly since: { readonly queued?: number; readonly building?: number; readonly promotion?: number };
}

/** Deployments asked for at most in one run: a creation whose answer is lost is looked for, then tried again. */
export const MAX_BUILDS = 3;
/** Promotions asked for at most in one run. */
export const MAX_PROMOTIONS = 3;

/** The state of knowledge at the start. `live` is what the state remembers, if it does. Pure. */
export function nothingKnown(now: number, live?: string): Known {
  return {
    candidates: undefined,
    chosen: undefined,
    builds: 0,
    verdict: undefined,
    promotions: 0,
    promotion: undefined,
    live: { id: live, sure: false },
    hostsMoved: false,
    job: undefined,
    now,
    since: {},
  };
}

/** The deployment to go on with: the newest that is ready, else the newest on its way; failed ones are built again. Pure. */
export function choose(candidates: readonly Deployment[], goal: Goal): Deployment | undefined {
  const usable = candidates.filter((item) => item.phase !== "failed" && isBuildOf(item, goal));
  return usable.find(({ phase }) => phase === "ready") ?? usable[0];
}

/**
 * What is done next to make the goal true. Pure; the order is: look, build only what does not exist, watch, check,
 * promote, see that it is so. Nothing is promoted that is not ready and, where a check is wanted, has not passed it.
 */
export function decide(goal: Goal, known: Known): Step {
  const { chosen, candidates, now, since, live } = known;
  if (chosen === undefined) {
    if (candidates === undefined) return { do: "look" };
    if (known.builds >= MAX_BUILDS) return fail("build-not-started");
    return { do: "build" };
  }
  const { id, phase } = chosen;
  if (phase === "failed") return fail("build-failed");
  if (phase === "queued") {
    return passed(since.queued, goal.deadlines.queueMs, now) ? fail("build-not-started") : { do: "watch", id };
  }
  if (phase === "building") {
    return passed(since.building, goal.deadlines.buildMs, now) ? fail("build-deadline") : { do: "watch", id };
  }
  if (live.sure && live.id === id && known.hostsMoved) return { do: "done", id };
  if (known.promotions === 0) return beforePromotion(goal, known, id);
  return afterPromotion(goal, known, id);
}

function beforePromotion(goal: Goal, known: Known, id: string): Step {
  const { chosen, live, verdict } = known;
  // It has served the hosts before and may do so now; a state that names another one says that it does not.
  const mayBeLive = live.id === id || (live.id === undefined && chosen?.promoted === true);
  if (mayBeLive && !live.sure) return { do: "verify", id };
  if (goal.check !== undefined) {
    if (verdict === undefined) return { do: "check", id };
    if (verdict === "fail") return fail("check-failed");
    if (verdict === "inconclusive" && goal.check.inconclusive === "fail") return fail("check-inconclusive");
  }
  return { do: "promote", id };
}

function afterPromotion(goal: Goal, known: Known, id: string): Step {
  const { job, live, promotion, promotions, now, since } = known;
  if (passed(since.promotion, goal.deadlines.promotionMs, now)) return fail("promotion-deadline");
  if (!live.sure) return { do: "verify", id };
  const again = promotions < MAX_PROMOTIONS;
  const ended = job !== undefined && job.status !== "pending";
  if (job?.to === id && job.status === "failed") return again ? { do: "promote", id } : fail("promotion-failed");
  // Refused, and neither live nor on its way: another change of the project was under way, and has ended.
  if (promotion === "conflict" && live.id !== id && (job === undefined || ended)) {
    return again ? { do: "promote", id } : fail("promotion-refused");
  }
  return { do: "verify", id };
}

const fail = (reason: FailReason): Step => ({ do: "fail", reason });

function passed(since: number | undefined, limitMs: number, now: number): boolean {
  return since !== undefined && now - since >= limitMs;
}
