import { askHold, held, type LedgerState, type Standing, standings } from "./ledger-state.ts";
import { EMPTY_METER, freeAt } from "./meter.ts";
import { idOfKey, type LimitSpec } from "./spec.ts";

/** A limit with what is left of it. */
interface LimitLeft {
  /** Its key: the id in limits.yaml, and of what. */
  readonly limit: string;
  readonly what: string;
  readonly amount: number;
  readonly used: number;
  readonly held: number;
  readonly left: number;
  /** When one more fits, ISO 8601; null: when what runs gives it back. */
  readonly nextAt: string | null;
  /** The vendor has refused: nothing goes out before that. */
  readonly blocked: boolean;
}

/** The budgets as people look at them. */
export interface BudgetPicture {
  /** By vendor, each with the limits that have been used, what is nearest to its end first. */
  readonly vendors: { vendor: string; limits: LimitLeft[] }[];
  /** Stacks that wait, by the limit that stands in their way; `at`: when they fit, null: when another gives it back. */
  readonly waiting: { limit: string; at: string | null }[];
}

/** What is left of every limit that has been used. Pure. @param now ms since 1970 */
export function budgetPicture(state: LedgerState, specs: ReadonlyMap<string, LimitSpec>, now: number): BudgetPicture {
  const limits = standings(state, specs, now).flatMap((standing) => {
    const spec = specs.get(idOfKey(standing.key));
    return spec ? [{ vendor: spec.vendor, limit: leftOf(state, spec, standing, now) }] : [];
  });
  const byVendor = Map.groupBy(limits, ({ vendor }) => vendor);
  const share = ({ left, amount }: LimitLeft) => (amount === 0 ? 0 : left / amount);
  return {
    vendors: [...byVendor]
      .map(([vendor, own]) => ({ vendor, limits: own.map(({ limit }) => limit).sort((a, b) => share(a) - share(b)) }))
      .sort((a, b) => (a.vendor < b.vendor ? -1 : 1)),
    waiting: Object.values(state.wants)
      .filter(({ lease }) => lease > now)
      .flatMap(({ need }) => {
        const answer = askHold(state, specs, now, need);
        return answer.ok ? [] : [{ limit: answer.key, at: timeOf(answer.at) }];
      }),
  };
}

function leftOf(state: LedgerState, spec: LimitSpec, standing: Standing, now: number): LimitLeft {
  const { key, amount, used, blockedUntil } = standing;
  const promised = held(state, key, () => true);
  const flying = Object.values(state.flights).filter(({ keys }) => keys.includes(key)).length;
  return {
    ...{ limit: key, what: spec.what, amount, used, held: promised },
    left: Math.max(0, amount - used - promised),
    nextAt: timeOf(freeAt(state.meters[key] ?? EMPTY_METER, spec, now, 1, promised + flying)),
    blocked: blockedUntil !== undefined,
  };
}

const timeOf = (ms: number): string | null => (Number.isFinite(ms) ? new Date(ms).toISOString() : null);
