import { listed } from "../run/preflight/words.ts";
import type { Verdict } from "./types.ts";

/** Names that a sentence holds. */
const NAMED = 5;

/** The first names, and how many more there are. Pure. */
export const some = (names: readonly string[]): string => listed(names, NAMED);

/** A number with its noun. Pure. */
export const counted = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

/** A time to the minute, in UTC. Pure. */
export const minute = (at: Date): string => `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** A number with at most two decimals. Pure. */
export const whole = (value: number): string => String(Math.round(value * 100) / 100);

/** Verdicts as people read them, a line each. @param asks Are approvals asked for: are there approvers? Pure. */
export function verdictLines(verdicts: readonly Verdict[], asks: boolean): string[] {
  return verdicts.map(({ rule, severity, sentence, approvals, area, lifted }) => {
    if (severity === "stop") return `${rule}: ${sentence}: refused; for this run alone: --allow ${rule} --why TEXT`;
    if (severity === "inform") return `${rule}: ${sentence}`;
    const who = `${approvals === 1 ? "an approval" : `${approvals} approvals`}${area === "general" ? "" : ` of ${area}`}`;
    const told = lifted ? " (lifted for this run)" : "";
    return `${rule}: ${sentence}${told}: ${asks ? `needs ${who}` : `would need ${who}, and approvers.yaml names no approver`}`;
  });
}
