import {
  type FaultConfig,
  type FaultConfigInput,
  type FaultRule,
  faultConfigSchema,
  type LatencyRule,
} from "./fault-config.ts";
import { createLimiter, type LimitCount, type Limiter } from "./limits.ts";
import { type Call, compileMatch, type Matcher } from "./match.ts";

/** Figures of one fault rule since the configuration was set. */
interface FaultCount {
  /** Calls that the rule is about. */
  matched: number;
  /** Calls that it hit. */
  applied: number;
}

/** What GET /faults shows. */
interface FaultStatus {
  readonly config: FaultConfig;
  readonly faults: Record<string, FaultCount>;
  readonly limits: Record<string, LimitCount>;
}

/** Faults, latency and limits of a sandbox; one for all its vendors, changed at run time. */
export interface FaultController {
  /**
   * Replaces the configuration. Faults are armed anew; what was used of a limit that keeps its id stays used.
   * @throws ZodError when it is not valid; the old one stays in force
   */
  set(config: FaultConfigInput): FaultStatus;
  /** Back to no faults, no latency, no limits. */
  clear(): void;
  status(): FaultStatus;
  /** Milliseconds to wait before this call is handled. */
  latency(call: Call): Promise<number>;
  /** The first fault rule that hits this call. */
  pick(call: Call): Promise<FaultRule | undefined>;
  limiter(): Limiter;
}

interface Compiled<Rule> {
  readonly rule: Rule;
  readonly match: Matcher;
}

interface Active {
  readonly config: FaultConfig;
  readonly faults: (Compiled<FaultRule> & { count: FaultCount })[];
  readonly latency: Compiled<LatencyRule>[];
  readonly limiter: Limiter;
  readonly random: () => number;
}

/** Makes a controller. @param initial configuration to start with. @default nothing fails, nothing waits */
export function createFaultController(initial: FaultConfigInput = {}, now: () => number = Date.now): FaultController {
  let active = activate(initial, now);
  const status = (): FaultStatus => ({
    config: active.config,
    faults: Object.fromEntries(active.faults.map(({ rule, count }) => [rule.id, { ...count }])),
    limits: active.limiter.counts(),
  });
  return {
    set(config) {
      active = activate(config, now, active.limiter);
      return status();
    },
    clear() {
      active = activate({}, now);
    },
    status,
    async latency(call) {
      for (const { rule, match } of active.latency) {
        if ((await match(call)) !== undefined) return rule.ms + rule.jitterMs * active.random();
      }
      return 0;
    },
    async pick(call) {
      const { faults, random } = active;
      for (const fault of faults) {
        if ((await fault.match(call)) === undefined) continue;
        const { rule, count } = fault;
        count.matched += 1;
        if (count.matched <= rule.after) continue;
        if (rule.times !== undefined && count.applied >= rule.times) continue;
        if (rule.probability < 1 && random() >= rule.probability) continue;
        count.applied += 1;
        return rule;
      }
      return undefined;
    },
    limiter: () => active.limiter,
  };
}

function activate(input: FaultConfigInput, now: () => number, previous?: Limiter): Active {
  const config = faultConfigSchema.parse(input);
  return {
    config,
    faults: config.faults.map((rule) => ({ rule, match: compileMatch(rule), count: { matched: 0, applied: 0 } })),
    latency: config.latency.map((rule) => ({ rule, match: compileMatch(rule) })),
    limiter: createLimiter(config.limits, config.timeScale, now, previous),
    random: mulberry32(config.seed),
  };
}

/** Small seeded generator of numbers in [0, 1); good enough for faults, useless for secrets. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
