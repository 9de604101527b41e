import { SitefleetError } from "../../errors/index.ts";
import { answersAsLosses, type Loss, lookForDeployments, questionsOf } from "../../fleet/releases/rollback/index.ts";
import { listed } from "../../fleet/run/preflight/words.ts";
import type { PlannedRollback } from "./plan.ts";

/** Names of a list that are shown. */
const NAMED = 5;

/**
 * Asks Vercel whether the rollback's targets are still there.
 *
 * @returns what is not as one would wish
 */
export async function lookBefore({ targets }: Pick<PlannedRollback, "targets">): Promise<Loss[]> {
  const questions = targets.flatMap((target) => questionsOf(target, target.resources));
  return answersAsLosses(questions, await lookForDeployments(questions));
}

/** Stops before something stays lost that was not accepted. @throws SitefleetError `rollback.loss` */
export function refuseLost(losses: readonly Loss[]): void {
  const lost = losses.filter(({ kind }) => kind === "lost");
  if (lost.length === 0) return;
  throw new SitefleetError({
    code: "rollback.loss",
    message: "something would stay lost; nothing was changed",
    details: lossLines(lost),
    hint: "--accept-loss goes back all the same",
  });
}

/** Stops before what going back cannot do. @throws SitefleetError `rollback.refused` */
export function refuseImpossible(losses: readonly Loss[]): void {
  const refused = losses.filter(({ kind }) => kind === "refused");
  if (refused.length === 0) return;
  throw new SitefleetError({
    code: "rollback.refused",
    message: "not everything can go back this way; nothing was changed",
    details: refused.map(({ name, reason }) => `${name}: ${reason}`),
    hint: "go back with the others first, or to a version that keeps these",
  });
}

/** Losses in words, a line a reason. Pure. */
export function lossLines(losses: readonly Loss[]): string[] {
  const byReason = Map.groupBy(losses, ({ reason }) => reason);
  return [...byReason].map(([reason, list]) => `${someOf(list.map(({ name }) => name))}: ${reason}`);
}

/** The first of many names, and how many more there are. Pure. */
export const someOf = (names: readonly string[]): string => listed(names, NAMED);
