import type { LimitInfo } from "../../vendors/limits.ts";
import { type LedgerState, learn, type Specs } from "./ledger-state.ts";
import { amountOf, EMPTY_METER, usedOf, useOf } from "./meter.ts";
import { idOfKey, type LimitSpec } from "./spec.ts";

/** How long a learned amount counts before the catalog's is tried again, ms. */
const LEARNED_FOR_MS = 24 * 3_600_000;
/** Without a word on how long to wait, ms. */
const DEFAULT_PAUSE_MS = 60_000;
/** A refusal that does not say how much is allowed lowers the amount at least to this share. */
const STEP_DOWN = 0.75;

/**
 * What an answer teaches about the limits that its call counted against. Pure.
 *
 * A refusal closes its limit for as long as the answer asks, and lowers the limit's amount. The new amount is the one in the
 * answer, else the number of calls that passed in the last window. An ordinary answer lowers the amount when it names a smaller
 * one, and when the vendor has counted more calls than we have: others use the budget too.
 *
 * @param scale see `Clock.scale`: answers speak in the machine's time
 */
export function learnFrom(
  state: LedgerState,
  specs: Specs,
  now: number,
  keys: readonly string[],
  info: LimitInfo,
  scale: number,
): LedgerState {
  const key = attribute(state, specs, now, keys, info, scale);
  const spec = key === undefined ? undefined : specs.get(idOfKey(key));
  if (key === undefined || spec === undefined || spec.perMs === null) return state;
  const meter = state.meters[key] ?? EMPTY_METER;
  const before = amountOf(meter, spec.amount, now);
  const until = now + Math.max(LEARNED_FOR_MS, spec.perMs);
  if (info.limited) {
    const pause = info.retryInMs === undefined ? (spec.blockMs ?? DEFAULT_PAUSE_MS) : info.retryInMs * scale;
    const passed = Math.max(1, usedOf(meter, spec.perMs, now));
    const told = info.amount !== undefined && info.amount < before ? info.amount : undefined;
    const amount = Math.max(1, told ?? Math.min(passed, Math.floor(before * STEP_DOWN)));
    const why = told === undefined ? `refused after ${passed} of ${before}` : `the answer to a refusal named ${told}`;
    const learned = { amount, until, at: now, why };
    return learn(state, key, now, { blockedUntil: now + pause, learned: amount < before ? learned : undefined });
  }
  if (info.amount === undefined) return state;
  let next = state;
  if (info.amount >= 1 && info.amount < before) {
    const why = `an answer named ${info.amount}`;
    next = learn(next, key, now, { learned: { amount: info.amount, until, at: now, why } });
  }
  if (info.remaining === undefined) return next;
  const ours = usedOf(meter, spec.perMs, now) + Object.values(state.flights).filter((f) => f.keys.includes(key)).length;
  const foreign = Math.min(info.amount - info.remaining - ours, spec.amount);
  if (foreign <= 0) return next;
  const known = next.meters[key] ?? EMPTY_METER;
  return { ...next, meters: { ...next.meters, [key]: useOf(known, spec.perMs, now, foreign) } };
}

/**
 * Which of a call's limits an answer is about. It is the limit with exactly that amount. Else it is the shortest one whose window
 * can end when the answer says, and whose amount is no smaller. Without figures it is the limit that is used up most.
 */
function attribute(
  state: LedgerState,
  specs: Specs,
  now: number,
  keys: readonly string[],
  { limited, amount, resetInMs, retryInMs }: LimitInfo,
  scale: number,
): string | undefined {
  const known = keys.flatMap((key): { key: string; spec: LimitSpec; share: number }[] => {
    const spec = specs.get(idOfKey(key));
    if (spec === undefined || spec.perMs === null) return [];
    const meter = state.meters[key] ?? EMPTY_METER;
    return [{ key, spec, share: usedOf(meter, spec.perMs, now) / amountOf(meter, spec.amount, now) }];
  });
  const reset = resetInMs ?? retryInMs;
  // A second more: what is told in seconds is rounded up.
  const ends = ({ perMs, blockMs = 0 }: LimitSpec) =>
    (reset ?? 0) * scale <= Math.max(perMs ?? 0, blockMs) + 1000 * scale;
  if (amount !== undefined) {
    const exact = known.find(
      ({ key, spec }) => spec.amount === amount || state.meters[key]?.learned?.amount === amount,
    );
    if (exact) return exact.key;
    const shorter = known.filter(({ spec }) => ends(spec) && amount <= spec.amount);
    const best = shorter.sort((a, b) => (a.spec.perMs ?? 0) - (b.spec.perMs ?? 0))[0];
    return best?.key ?? (limited ? known.sort((a, b) => b.share - a.share)[0]?.key : undefined);
  }
  if (!limited) return undefined;
  const fitting = known.filter(({ spec }) => ends(spec));
  return (fitting.length > 0 ? fitting : known).sort((a, b) => b.share - a.share)[0]?.key;
}
