import { amountOf, EMPTY_METER, freeAt, type Learned, type Meter, usedOf, useOf } from "./meter.ts";
import { idOfKey, type LimitSpec, type Need } from "./spec.ts";

/** What a stack was promised and has not used up yet. */
interface Hold {
  /** Process that runs the stack. */
  readonly owner: string;
  readonly need: Need;
  /** The promise ends by itself then, unless renewed: the process is gone. */
  readonly lease: number;
}

/** A stack that waits for its budget. */
interface Want {
  readonly owner: string;
  readonly need: Need;
  readonly since: number;
  readonly lease: number;
}

/** A call that is on its way: it counts until it is answered, and from then on for a window. */
export interface Flight {
  readonly owner: string;
  readonly keys: readonly string[];
  readonly lease: number;
}

/** All that processes share. JSON. */
export interface LedgerState {
  readonly meters: Readonly<Record<string, Meter>>;
  readonly holds: Readonly<Record<string, Hold>>;
  readonly wants: Readonly<Record<string, Want>>;
  readonly flights: Readonly<Record<string, Flight>>;
  /** Calls that were counted for owners with holds: so much of their promises is used. */
  readonly drawn: Readonly<Record<string, Need>>;
}

/** A ledger in which nothing has happened. */
export const EMPTY_LEDGER: LedgerState = { meters: {}, holds: {}, wants: {}, flights: {}, drawn: {} };

/** Outcome of asking: granted, or when to ask again and which limit stands in the way. */
export type Answer = { readonly ok: true } | { readonly ok: false; readonly key: string; readonly at: number };

/** Limits by id. */
export type Specs = ReadonlyMap<string, LimitSpec>;

const meterOf = (state: LedgerState, key: string) => state.meters[key] ?? EMPTY_METER;
const total = (values: Iterable<number>) => [...values].reduce((sum, value) => sum + value, 0);

/** Promised and not yet used: of one process, or of all but one. */
export function held(state: LedgerState, key: string, who: (owner: string) => boolean): number {
  const byOwner = new Map<string, number>();
  for (const { owner, need } of Object.values(state.holds)) {
    if (who(owner)) byOwner.set(owner, (byOwner.get(owner) ?? 0) + (need[key] ?? 0));
  }
  return total([...byOwner].map(([owner, sum]) => Math.max(0, sum - (state.drawn[owner]?.[key] ?? 0))));
}

function flying(state: LedgerState, key: string): number {
  return Object.values(state.flights).filter(({ keys }) => keys.includes(key)).length;
}

/** Ends what belongs to processes that are gone. Their calls on the way count as made. Pure. */
export function expire(state: LedgerState, specs: Specs, now: number): LedgerState {
  const alive = <T extends { readonly lease: number }>(all: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(all).filter(([, { lease }]) => lease > now));
  const dead = Object.values(state.flights).filter(({ lease }) => lease <= now);
  let meters = state.meters;
  for (const { keys } of dead) meters = count(meters, specs, now, keys, 1);
  const holds = alive(state.holds);
  const owners = new Set(Object.values(holds).map(({ owner }) => owner));
  const drawn = Object.fromEntries(Object.entries(state.drawn).filter(([owner]) => owners.has(owner)));
  return { meters, holds, wants: alive(state.wants), flights: alive(state.flights), drawn };
}

function count(
  meters: LedgerState["meters"],
  specs: Specs,
  now: number,
  keys: readonly string[],
  times: number,
): LedgerState["meters"] {
  const next = { ...meters };
  for (const key of keys) {
    const spec = specs.get(idOfKey(key));
    if (spec) next[key] = useOf(next[key] ?? EMPTY_METER, spec.perMs, now, times);
  }
  return next;
}

/**
 * Can a stack be promised its need? A need above a limit's whole amount is cut to it: the stack starts when the limit is
 * unused, and its calls are spread by the gateway. Pure.
 */
export function askHold(state: LedgerState, specs: Specs, now: number, need: Need): Answer {
  let worst: { key: string; at: number } | undefined;
  for (const [key, wanted] of Object.entries(need)) {
    const spec = specs.get(idOfKey(key));
    if (spec === undefined || wanted <= 0) continue;
    const meter = meterOf(state, key);
    const amount = amountOf(meter, spec.amount, now);
    const taken = held(state, key, () => true) + flying(state, key);
    const at = freeAt(meter, spec, now, Math.min(wanted, amount), taken);
    if (at > now && (worst === undefined || at > worst.at)) worst = { key, at };
  }
  return worst === undefined ? { ok: true } : { ok: false, ...worst };
}

/** Can a call be made now? A process uses up its own promises first, then what is not promised. Pure. */
export function askCall(state: LedgerState, specs: Specs, now: number, owner: string, keys: readonly string[]): Answer {
  let worst: { key: string; at: number } | undefined;
  for (const key of keys) {
    const spec = specs.get(idOfKey(key));
    if (spec === undefined) continue;
    const own = held(state, key, (other) => other === owner) > 0;
    const others = own ? 0 : held(state, key, (other) => other !== owner);
    const meter = meterOf(state, key);
    const taken = flying(state, key);
    let at = freeAt(meter, spec, now, 1, taken + others);
    // Promises to others never shut a call out for good: they end, or what they leave is enough.
    if (at === Number.POSITIVE_INFINITY) at = now + (spec.perMs ?? 60_000) / 60;
    if (at > now && (worst === undefined || at > worst.at)) worst = { key, at };
  }
  return worst === undefined ? { ok: true } : { ok: false, ...worst };
}

/** A call goes out. Pure. */
export function startCall(state: LedgerState, id: string, flight: Flight): LedgerState {
  const drawn = { ...state.drawn };
  if (Object.values(state.holds).some(({ owner }) => owner === flight.owner)) {
    const sums = { ...drawn[flight.owner] };
    for (const key of flight.keys) sums[key] = (sums[key] ?? 0) + 1;
    drawn[flight.owner] = sums;
  }
  return { ...state, flights: { ...state.flights, [id]: flight }, drawn };
}

/** A call was answered, or broke: it counts from now, since it is not known when within its time the vendor counted it. Pure. */
export function endCall(state: LedgerState, specs: Specs, now: number, id: string): LedgerState {
  const { [id]: flight, ...flights } = state.flights;
  if (flight === undefined) return state;
  return { ...state, flights, meters: count(state.meters, specs, now, flight.keys, 1) };
}

/** A call was refused: the vendor has not counted it. Pure. */
export function cancelCall(state: LedgerState, id: string): LedgerState {
  const { [id]: flight, ...flights } = state.flights;
  if (flight === undefined) return state;
  const before = state.drawn[flight.owner];
  if (before === undefined) return { ...state, flights };
  const sums = { ...before };
  for (const key of flight.keys) sums[key] = Math.max(0, (sums[key] ?? 0) - 1);
  return { ...state, flights, drawn: { ...state.drawn, [flight.owner]: sums } };
}

/**
 * A stack has ended. `used` is what its result says that it did.
 *
 * @param metered the limits whose calls a gateway counted one by one; of the others `used` is counted now
 */
export function endHold(
  state: LedgerState,
  specs: Specs,
  now: number,
  id: string,
  used: Need,
  metered: (key: string) => boolean,
): LedgerState {
  const { [id]: hold, ...holds } = state.holds;
  if (hold === undefined) return state;
  let meters = state.meters;
  const rest: Record<string, number> = { ...state.drawn[hold.owner] };
  for (const [key, amount] of Object.entries(used)) {
    if (!metered(key)) meters = count(meters, specs, now, [key], amount);
    else if (rest[key] !== undefined) rest[key] = Math.max(0, rest[key] - amount);
  }
  const others = Object.values(holds).some(({ owner }) => owner === hold.owner);
  const { [hold.owner]: _, ...drawn } = state.drawn;
  return { ...state, holds, meters, drawn: others ? { ...drawn, [hold.owner]: rest } : drawn };
}

/** Takes over what an answer taught: a smaller amount, a pause. Never raises an amount. Pure. */
export function learn(
  state: LedgerState,
  key: string,
  now: number,
  lesson: { readonly learned?: Learned; readonly blockedUntil?: number },
): LedgerState {
  const meter = meterOf(state, key);
  const before = meter.learned !== undefined && now < meter.learned.until ? meter.learned : undefined;
  const smaller =
    lesson.learned !== undefined && (before === undefined || lesson.learned.amount <= before.amount)
      ? lesson.learned
      : before;
  const blockedUntil = Math.max(meter.blockedUntil ?? 0, lesson.blockedUntil ?? 0);
  const { learned: _, ...rest } = meter;
  const next: Meter = { ...rest, blockedUntil, learned: smaller };
  return { ...state, meters: { ...state.meters, [key]: next } };
}

/** One limit as it stands. */
export interface Standing {
  readonly key: string;
  readonly amount: number;
  /** Used within the window, calls on the way included. */
  readonly used: number;
  /** Promised to stacks that run. */
  readonly held: number;
  readonly blockedUntil?: number;
  readonly learned?: Learned;
}

/** Every limit that has been used. Pure. */
export function standings(state: LedgerState, specs: Specs, now: number): Standing[] {
  return Object.entries(state.meters).flatMap(([key, meter]) => {
    const spec = specs.get(idOfKey(key));
    if (spec === undefined) return [];
    const { blockedUntil = 0, learned } = meter;
    const used = usedOf(meter, spec.perMs, now) + flying(state, key);
    return [
      {
        key,
        amount: amountOf(meter, spec.amount, now),
        used,
        held: held(state, key, () => true),
        blockedUntil: blockedUntil > now ? blockedUntil : undefined,
        learned: learned !== undefined && learned.until > now ? learned : undefined,
      },
    ];
  });
}
