import { held, type LedgerState } from "./ledger-state.ts";
import { amountOf, EMPTY_METER, freeAt, usedOf } from "./meter.ts";
import { cutIntoRuns, type PlannedRun, type Slot, type WorkWindow, windowsAround } from "./runs.ts";
import { CERTIFICATES, idOfKey, type LimitSpec, type Need } from "./spec.ts";

/** A stack that a run has to do. */
export interface PlannedStack {
  readonly stack: string;
  readonly need: Need;
  /** Once it is started. */
  readonly seconds: number;
  readonly changes: number;
  /** Everything else waits for it: the shared stack. @default false */
  readonly first?: boolean;
  /** @default false */
  readonly urgent?: boolean;
  /** Right after the urgent ones, because it takes long. @default false */
  readonly early?: boolean;
}

/** Options of {@link planFleet}. Times in ms since 1970. */
export interface PlanOptions {
  readonly specs: readonly LimitSpec[];
  readonly startsAt: number;
  /** What was used before. @default nothing */
  readonly ledger?: LedgerState;
  /** Stacks at once. @default 3 */
  readonly concurrency?: number;
  /** A CI job's limit. @default 6 h */
  readonly jobLimitSeconds?: number;
  /** Kept free at the job's end. @default 600 */
  readonly marginSeconds?: number;
  /** Nothing ends later. @default no end */
  readonly until?: number;
  /** @default any time */
  readonly window?: WorkWindow;
}

/** What one limit means for the whole. */
interface LimitLine {
  readonly key: string;
  readonly vendor: string;
  readonly what: string;
  readonly amount: number;
  /** Null: so many at once. */
  readonly perSeconds: number | null;
  readonly need: number;
  /** How long the limit alone takes for the need. */
  readonly seconds: number;
  /** How long stacks wait for it, and from when to when; absent when it binds nothing. */
  readonly binds?: { readonly from: number; readonly until: number; readonly seconds: number };
}

/** What is going to happen. */
export interface FleetPlan {
  readonly changes: number;
  /** From the start to the last stack's end. */
  readonly seconds: number;
  readonly endsAt: number;
  /** The longest first. */
  readonly limits: readonly LimitLine[];
  /** The limit that takes longest, by vendor. */
  readonly vendors: readonly { readonly vendor: string; readonly key: string; readonly seconds: number }[];
  readonly runs: readonly PlannedRun[];
  /** What does not fit before `until`. */
  readonly left: readonly { readonly stack: string; readonly reason: string }[];
}

/** Defaults of {@link PlanOptions}. */
export const PLAN_DEFAULTS = { concurrency: 3, jobLimitSeconds: 6 * 3600, marginSeconds: 600 } as const;

interface Use {
  readonly amount: number;
  /** When it no longer counts. */
  readonly leaves: number;
}

/**
 * Plans a run: who starts when, which limit binds, and how the work falls into jobs. Each stack starts when the one
 * before it has started, a place is free and its whole need fits every window; no stack overtakes another. More work, or less
 * budget, therefore never ends sooner. Pure.
 */
export function planFleet(work: readonly PlannedStack[], options: PlanOptions): FleetPlan {
  const { startsAt, until, window, concurrency = PLAN_DEFAULTS.concurrency } = options;
  const specs = new Map(options.specs.map((spec) => [spec.id, spec]));
  const amounts = (key: string) => amountNow(specs, options.ledger, key, startsAt);
  const uses = new Map<string, Use[]>();
  const places = Array.from({ length: concurrency }, () => startsAt);
  const slots: Slot[] = [];
  const left: { stack: string; reason: string }[] = [];
  const binding = new Map<string, { from: number; until: number; seconds: number }>();
  let previous = startsAt;

  for (const item of startOrder(work, options.specs)) {
    const place = places.indexOf(Math.min(...places));
    const ready = Math.max(previous, places[place] ?? startsAt);
    const { at: budget, key } = earliest(item.need, ready, specs, amounts, uses, options.ledger, startsAt);
    const seconds = durationOf(item, specs, amounts);
    const from = window === undefined ? budget : inWindow(window, budget, seconds);
    const endsAt = from + seconds * 1000;
    if (!Number.isFinite(endsAt) || (until !== undefined && endsAt > until)) {
      left.push({
        stack: item.stack,
        reason: Number.isFinite(endsAt) ? "does not fit before the end" : `no budget: ${key}`,
      });
      continue;
    }
    if (key !== undefined && budget > ready) {
      const known = binding.get(key);
      const waited = (budget - ready) / 1000;
      binding.set(key, { from: known?.from ?? ready, until: budget, seconds: (known?.seconds ?? 0) + waited });
    }
    for (const [name, amount] of Object.entries(item.need)) {
      const spec = specs.get(idOfKey(name));
      if (spec === undefined || amount <= 0) continue;
      const list = uses.get(name) ?? [];
      list.push({ amount: Math.min(amount, amounts(name)), leaves: endsAt + (spec.perMs ?? 0) });
      uses.set(name, list);
    }
    const waited = key !== undefined && budget > ready ? { waitedFor: key } : {};
    slots.push({ stack: item.stack, changes: item.changes, startsAt: from, endsAt, ...waited });
    // The shared stack runs alone: the others read its outputs.
    if (item.first) places.fill(endsAt);
    else places[place] = endsAt;
    previous = from;
  }

  const endsAt = Math.max(startsAt, ...slots.map((slot) => slot.endsAt));
  const done = new Set(slots.map(({ stack }) => stack));
  const limits = limitLines(
    work.filter(({ stack }) => done.has(stack)),
    specs,
    amounts,
    binding,
  );
  const runs = cutIntoRuns(slots, {
    jobLimitSeconds: options.jobLimitSeconds ?? PLAN_DEFAULTS.jobLimitSeconds,
    marginSeconds: options.marginSeconds ?? PLAN_DEFAULTS.marginSeconds,
    window,
  });
  const changes = slots.reduce((sum, slot) => sum + slot.changes, 0);
  return { changes, seconds: (endsAt - startsAt) / 1000, endsAt, limits, vendors: longestByVendor(limits), runs, left };
}

/** The order in which stacks get their budget. Pure. */
export function startOrder(work: readonly PlannedStack[], specs: readonly LimitSpec[]): PlannedStack[] {
  return [...work].sort(byOrder(new Map(specs.map((spec) => [spec.id, spec]))));
}

/** Urgent before all but the shared stack, then those that need no certificate (weeks), then the largest. */
function byOrder(specs: ReadonlyMap<string, LimitSpec>): (a: PlannedStack, b: PlannedStack) => number {
  const rank = ({ first, urgent, early, need }: PlannedStack) =>
    first
      ? 0
      : urgent
        ? 1
        : early
          ? 2
          : Object.keys(need).some((key) => idOfKey(key) === CERTIFICATES && specs.has(CERTIFICATES))
            ? 4
            : 3;
  const size = ({ need }: PlannedStack) =>
    Math.max(
      0,
      ...Object.entries(need).map(([key, n]) => n / (specs.get(idOfKey(key))?.amount ?? Number.POSITIVE_INFINITY)),
    );
  const name = (a: PlannedStack, b: PlannedStack) => (a.stack < b.stack ? -1 : 1);
  return (a, b) => rank(a) - rank(b) || size(b) - size(a) || name(a, b);
}

function amountNow(
  specs: ReadonlyMap<string, LimitSpec>,
  ledger: LedgerState | undefined,
  key: string,
  now: number,
): number {
  const amount = specs.get(idOfKey(key))?.amount ?? Number.POSITIVE_INFINITY;
  return amountOf(ledger?.meters[key] ?? EMPTY_METER, amount, now);
}

/** The first moment from `ready` on at which the need fits, and the limit that made it wait. */
function earliest(
  need: Need,
  ready: number,
  specs: ReadonlyMap<string, LimitSpec>,
  amounts: (key: string) => number,
  uses: ReadonlyMap<string, readonly Use[]>,
  ledger: LedgerState | undefined,
  startsAt: number,
): { at: number; key?: string } {
  let latest: { at: number; key?: string } = { at: ready };
  for (const [key, wanted] of Object.entries(need)) {
    const spec = specs.get(idOfKey(key));
    if (spec === undefined || wanted <= 0) continue;
    const amount = amounts(key);
    const mine = Math.min(wanted, amount);
    const list = uses.get(key) ?? [];
    const meter = ledger?.meters[key] ?? EMPTY_METER;
    const taken = (at: number) => {
      const planned = list.reduce((sum, use) => (use.leaves > at ? sum + use.amount : sum), 0);
      const before = ledger === undefined ? 0 : usedOf(meter, spec.perMs, at);
      const running = ledger !== undefined && at <= startsAt ? held(ledger, key, () => true) : 0;
      return planned + before + running;
    };
    const moments = [ready, ...list.map(({ leaves }) => leaves).filter((leaves) => leaves > ready)].sort(
      (a, b) => a - b,
    );
    // What was used before this plan leaves at moments of its own.
    const own = ledger === undefined ? ready : freeAt(meter, { amount, perMs: spec.perMs }, ready, mine);
    if (own > ready && Number.isFinite(own)) moments.push(own);
    const at = moments.sort((a, b) => a - b).find((moment) => moment >= own && taken(moment) + mine <= amount);
    const fits = at ?? Number.POSITIVE_INFINITY;
    if (fits > latest.at) latest = { at: fits, key };
  }
  return latest;
}

/** A need above a limit's whole amount is spread over further windows. */
function durationOf(
  item: PlannedStack,
  specs: ReadonlyMap<string, LimitSpec>,
  amounts: (key: string) => number,
): number {
  const more = Object.entries(item.need).map(([key, wanted]) => {
    const perMs = specs.get(idOfKey(key))?.perMs ?? 0;
    return (Math.max(0, Math.ceil(wanted / amounts(key)) - 1) * (perMs ?? 0)) / 1000;
  });
  return item.seconds + Math.max(0, ...more);
}

/** The first moment from `at` on that lies in a window with enough of it left; at a window's start everything may begin. */
function inWindow(window: WorkWindow, at: number, needed: number): number {
  const { last, next } = windowsAround(window, at);
  return at === last || at + needed * 1000 <= last + window.seconds * 1000 ? at : next;
}

function limitLines(
  work: readonly PlannedStack[],
  specs: ReadonlyMap<string, LimitSpec>,
  amounts: (key: string) => number,
  binding: ReadonlyMap<string, { from: number; until: number; seconds: number }>,
): LimitLine[] {
  const sums = new Map<string, number>();
  for (const { need } of work) for (const [key, n] of Object.entries(need)) sums.set(key, (sums.get(key) ?? 0) + n);
  const lines = [...sums].flatMap(([key, need]): LimitLine[] => {
    const spec = specs.get(idOfKey(key));
    if (spec === undefined || need === 0) return [];
    const { vendor, what, perMs, turnoverMs = 0 } = spec;
    const amount = amounts(key);
    const binds = binding.get(key);
    const seconds = need <= amount && perMs !== null ? 0 : (need / amount) * ((perMs ?? turnoverMs) / 1000);
    const perSeconds = perMs === null ? null : perMs / 1000;
    return [{ key, vendor, what, amount, perSeconds, need, seconds, binds }];
  });
  return lines.sort((a, b) => b.seconds - a.seconds || (a.key < b.key ? -1 : 1));
}

function longestByVendor(limits: readonly LimitLine[]): { vendor: string; key: string; seconds: number }[] {
  const found = new Map<string, { vendor: string; key: string; seconds: number }>();
  for (const { vendor, key, seconds } of limits) if (!found.has(vendor)) found.set(vendor, { vendor, key, seconds });
  return [...found.values()];
}
