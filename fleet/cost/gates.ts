import type { Prices } from "../../model/index.ts";
import { money } from "./money.ts";

/** What a gate needs to know of money. */
export interface CostGate {
  readonly gate: "monthly-cost" | "cost-spike";
  /** `ask`: a person must approve; `escalate`: a person must be told; `pass`: neither. */
  readonly answer: "ask" | "escalate" | "pass";
  readonly value: number;
  readonly limit: number;
  readonly currency: string;
  /** In a sentence. */
  readonly reason: string;
}

/** What {@link costGates} goes by; amounts in the account's currency. */
export interface CostFigures {
  /** A month's cost as declared, or the forecast of the cycle. */
  readonly monthly: number;
  /** What a change adds to it. @default 0 */
  readonly added?: number;
  /** What is not known is not in `monthly`: its drivers. @default nothing */
  readonly dependsOn?: readonly string[];
  /** The largest spike of the days that were judged: cost above the expected day. @default 0 */
  readonly spike?: number;
  /** Where it was, e.g. `shop, Edge Requests, fra1 on 2026-11-03`. @default not said */
  readonly spikeAt?: string;
}

/** Whether a month's cost asks for approval, and whether a spike escalates. Exactly at the limit nothing is asked. Pure. */
export function costGates(
  { monthly, added = 0, dependsOn = [], spike = 0, spikeAt }: CostFigures,
  { account: { currency }, budget }: Pick<Prices, "account" | "budget">,
): CostGate[] {
  const value = monthly + added;
  const more = dependsOn.length > 0 ? `, and more by use (${dependsOn.join(", ")})` : "";
  const change = added === 0 ? "" : `, ${money(added, currency)} of it by this change`;
  const figure = (amount: number) => money(amount, currency);
  return [
    {
      gate: "monthly-cost",
      answer: value > budget.approval ? "ask" : "pass",
      value,
      limit: budget.approval,
      currency,
      reason: `${figure(value)} a month${change}${more}; more than ${figure(budget.approval)} needs approval`,
    },
    {
      gate: "cost-spike",
      answer: spike > budget.spike ? "escalate" : "pass",
      value: spike,
      limit: budget.spike,
      currency,
      reason: `${figure(spike)} above the expected day${spikeAt === undefined ? "" : ` (${spikeAt})`}; more than ${figure(budget.spike)} escalates`,
    },
  ];
}
