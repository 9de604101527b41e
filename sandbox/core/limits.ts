import type { LimitRule } from "./fault-config.ts";
import { type Call, compileMatch, type Matcher } from "./match.ts";

/** Where a caller stands with one rule. Times in milliseconds since 1970, of the real clock. */
export interface LimitState {
  readonly rule: LimitRule;
  readonly remaining: number;
  /** When the window starts anew, or the bucket is full again. */
  readonly resetAt: number;
  /** When the next call will be let through; `resetAt` or the end of a block. */
  readonly retryAt: number;
}

/** Outcome of asking all rules. `tightest` is the announced rule with the smallest share left, for headers. */
export interface LimitVerdict {
  readonly refused?: LimitState;
  readonly tightest?: LimitState;
}

/** Figures of one rule since the configuration was set. */
export interface LimitCount {
  passed: number;
  refused: number;
}

/** Applies limit rules to calls. */
export interface Limiter {
  check(call: Call): Promise<LimitVerdict> | LimitVerdict;
  counts(): Record<string, LimitCount>;
  /** What was used up so far, by rule and whom it counts for; see `previous` of {@link createLimiter}. */
  readonly meters: ReadonlyMap<string, Meters>;
}

type Meters = Map<string, Meter>;

interface Meter {
  /** Start of the window, or the time when `used` was last reduced. */
  at: number;
  used: number;
  blockedUntil: number;
}

interface Compiled {
  readonly rule: LimitRule;
  readonly match: Matcher;
  /** Real milliseconds that stand for the rule's `per`. */
  readonly perMs: number;
  readonly blockMs: number;
  readonly meters: Meters;
  readonly count: LimitCount;
}

/**
 * Compiles rules into a limiter. A call that one rule refuses uses up nothing of the others.
 * @param timeScale divides all times; see {@link FaultConfig}
 * @param previous a limiter whose use of rules with the same ids is taken over: changing a limit begins no new window
 */
export function createLimiter(
  rules: readonly LimitRule[],
  timeScale: number,
  now: () => number,
  previous?: Limiter,
): Limiter {
  const compiled = rules.map(
    (rule): Compiled => ({
      rule,
      match: compileMatch(rule),
      perMs: (rule.per * 1000) / timeScale,
      blockMs: ((rule.block ?? 0) * 1000) / timeScale,
      meters: previous?.meters.get(rule.id) ?? new Map(),
      count: { passed: 0, refused: 0 },
    }),
  );
  return {
    meters: new Map(compiled.map(({ rule, meters }) => [rule.id, meters])),
    check(call) {
      if (compiled.length === 0) return {};
      const found = compiled.map((limit) => limit.match(call));
      if (!found.some((captured) => captured instanceof Promise)) {
        return decide(compiled, found as (string | undefined)[], call, now());
      }
      return Promise.all(found).then((captured) => decide(compiled, captured, call, now()));
    },
    counts: () => Object.fromEntries(compiled.map(({ rule, count }) => [rule.id, { ...count }])),
  };
}

function decide(
  rules: readonly Compiled[],
  captures: readonly (string | undefined)[],
  call: Call,
  now: number,
): LimitVerdict {
  const hit: { limit: Compiled; meter: Meter }[] = [];
  for (const [index, limit] of rules.entries()) {
    const captured = captures[index];
    if (captured === undefined) continue;
    const meter = meterOf(limit, captured, call, now);
    if (now < meter.blockedUntil || meter.used + 1 > limit.rule.amount + 1e-9) {
      if (limit.blockMs > 0 && now >= meter.blockedUntil) meter.blockedUntil = now + limit.blockMs;
      limit.count.refused += 1;
      return { refused: stateOf(limit, meter, now) };
    }
    hit.push({ limit, meter });
  }
  let tightest: LimitState | undefined;
  for (const { limit, meter } of hit) {
    meter.used += 1;
    limit.count.passed += 1;
    if (!limit.rule.announce) continue;
    const state = stateOf(limit, meter, now);
    if (tightest === undefined || share(state) < share(tightest)) tightest = state;
  }
  return tightest === undefined ? {} : { tightest };
}

function share(state: LimitState): number {
  return state.remaining / state.rule.amount;
}

function meterOf(limit: Compiled, captured: string, call: Call, now: number): Meter {
  const key = limit.rule.scope === "all" ? "" : limit.rule.scope === "token" ? call.caller : captured;
  let meter = limit.meters.get(key);
  if (meter === undefined) {
    meter = { at: now, used: 0, blockedUntil: 0 };
    limit.meters.set(key, meter);
  }
  if (limit.rule.algorithm === "bucket") {
    meter.used = Math.max(0, meter.used - ((now - meter.at) * limit.rule.amount) / limit.perMs);
    meter.at = now;
  } else if (now - meter.at >= limit.perMs) {
    meter.used = 0;
    meter.at = now;
  }
  return meter;
}

function stateOf(limit: Compiled, meter: Meter, now: number): LimitState {
  const { rule, perMs } = limit;
  const oneMs = perMs / rule.amount;
  const bucket = rule.algorithm === "bucket";
  const resetAt = bucket ? now + meter.used * oneMs : meter.at + perMs;
  const freeAt = bucket ? now + Math.max(0, meter.used + 1 - rule.amount) * oneMs : resetAt;
  return {
    rule,
    remaining: Math.max(0, Math.floor(rule.amount - meter.used + 1e-9)),
    resetAt,
    retryAt: Math.max(freeAt, meter.blockedUntil),
  };
}
