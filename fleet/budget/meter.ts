/**
 * What was used of one limit lately. The window slides: at no time was more than the amount used in the `per` before it,
 * so it holds against vendors that count in fixed windows, wherever those start, and against buckets.
 */
export interface Meter {
  /** Uses by slot of time, oldest first: [number of the slot since 1970, uses]. */
  readonly slots: readonly (readonly [number, number])[];
  /** Nothing is let through before, ms; set by a refusal. */
  readonly blockedUntil?: number;
  /** Less than the catalog says, learned from the vendor's answers. */
  readonly learned?: Learned;
}

/** What a vendor's answer taught. */
export interface Learned {
  readonly amount: number;
  /** When the catalog's amount counts again, ms. */
  readonly until: number;
  readonly at: number;
  readonly why: string;
}

/** Nothing used. */
export const EMPTY_METER: Meter = { slots: [] };
/** Slots of a window: the window is exact to one of them, on the safe side. */
const SLOTS = 60;

const slotMs = (perMs: number) => perMs / SLOTS;

/** Uses in the window that ends now. Pure. */
export function usedOf(meter: Meter, perMs: number | null, now: number): number {
  if (perMs === null) return 0;
  const width = slotMs(perMs);
  let used = 0;
  for (const [slot, count] of meter.slots) if ((slot + 1) * width > now - perMs) used += count;
  return used;
}

/** Adds uses at a time, forgets what the window has passed. Pure. */
export function useOf(meter: Meter, perMs: number | null, now: number, count: number): Meter {
  if (perMs === null || count === 0) return meter;
  const width = slotMs(perMs);
  const slot = Math.floor(now / width);
  const slots = meter.slots.filter(([old]) => (old + 1) * width > now - perMs);
  const index = slots.findIndex(([old]) => old === slot);
  if (index >= 0) slots[index] = [slot, (slots[index]?.[1] ?? 0) + count];
  else slots.push([slot, count]);
  return { ...meter, slots: slots.sort(([a], [b]) => a - b) };
}

/** The amount that counts now: the catalog's, or what was learned. Pure. */
export function amountOf(meter: Meter, amount: number, now: number): number {
  const { learned } = meter;
  return learned !== undefined && now < learned.until ? Math.min(amount, learned.amount) : amount;
}

/**
 * When `wanted` more uses fit, given that `taken` are promised elsewhere: now or later, ms; Infinity when they never do.
 * Pure.
 */
export function freeAt(
  meter: Meter,
  limit: { readonly amount: number; readonly perMs: number | null },
  now: number,
  wanted: number,
  taken = 0,
): number {
  const amount = amountOf(meter, limit.amount, now);
  const from = Math.max(now, meter.blockedUntil ?? 0);
  const room = amount - taken - wanted;
  if (limit.perMs === null) return room >= 0 ? from : Number.POSITIVE_INFINITY;
  if (room < 0) return Number.POSITIVE_INFINITY;
  const width = slotMs(limit.perMs);
  let used = usedOf(meter, limit.perMs, from);
  if (used <= room) return from;
  for (const [slot, count] of meter.slots) {
    const leaves = (slot + 1) * width + limit.perMs;
    if (leaves <= from) continue;
    used -= count;
    // One ms later, since sums of fractions may miss the edge.
    if (used <= room) return Math.max(from, Math.ceil(leaves) + 1);
  }
  return Number.POSITIVE_INFINITY;
}
