import { type Charge, focusRow } from "./focus.ts";

const DAY = 86_400_000;

/** A history of charges that never happened, and looks as if. */
export interface HistoryOptions {
  readonly months: number;
  readonly seed: number;
  readonly boundary: "utc" | "pacific";
  readonly dollarsPerDay: number;
  readonly spike: { readonly daysAgo: number; readonly dollars: number } | null;
  readonly flatRateMonthsAgo: number | null;
  /** Ms since 1970. */
  readonly now: number;
  /** @default twelve of its own */
  readonly projects: readonly { readonly id: string; readonly name: string }[];
}

/** Share of a month's average by weekday, Sunday first. */
const WEEK = [0.72, 1.12, 1.15, 1.14, 1.1, 1.03, 0.74];
/** Growth of use a day: a third in a year. */
const GROWTH = 1.0008;
/** Days of a hundred that the vendor never sends. */
const MISSING = 0.015;
/** Products: [share of the metered cost, name, unit, US dollars a unit, category]. Prices are those of vercel.com/pricing, November 2026. */
const PRODUCTS = [
  [0.3, "Edge Requests", "Requests", 2e-6, "Networking"],
  [0.25, "Fast Data Transfer", "GB", 0.15, "Networking"],
  [0.3, "Fluid Active CPU", "CPU Hours", 0.184, "Compute"],
  [0.15, "Build Minutes", "CPU Minutes", 0.0035, "Compute"],
] as const;

/**
 * The rows of each day from `from` to `to` (ms since 1970): a weekly rhythm, growth, noise that all projects share beside their
 * own, projects that begin later, days that are missing, days that are corrected later, a spike, the platform fee on the first
 * of the month with its credit, and a flat rate for the CDN from some month on. The last two days are not complete. Pure: the same
 * options give the same rows.
 */
export function* historyOf(options: HistoryOptions, from: number, to: number): Generator<Record<string, unknown>[]> {
  const { now, months, boundary } = options;
  // Days, and not the moment of the question, decide: a day that is over has the same charges whenever it is asked for.
  const begin = Math.floor((now - months * 30.44 * DAY) / DAY) * DAY;
  for (let midnight = Math.floor(Math.max(from - DAY, begin) / DAY) * DAY; midnight < to; midnight += DAY) {
    const start = midnight + offsetOf(midnight, boundary);
    if (start < from || start >= to || start > now) continue;
    const end = midnight + DAY + offsetOf(midnight + DAY, boundary);
    yield chargesOf(options, midnight, begin, start).map((charge) => focusRow(start, { ...charge, end }));
  }
}

/** The project, product and day of the planted spike. */
export function spikeOf(options: HistoryOptions): {
  readonly day: string;
  readonly project: string;
  readonly service: string;
} {
  const day = Math.floor(options.now / DAY) * DAY - (options.spike?.daysAgo ?? 0) * DAY;
  return {
    day: new Date(day).toISOString().slice(0, 10),
    project: projectsOf(options)[2]?.id ?? "",
    service: "Fluid Active CPU",
  };
}

function projectsOf({ projects }: HistoryOptions) {
  if (projects.length >= 3) return projects;
  return Array.from({ length: 12 }, (_, n) => ({ id: `prj_made_up_${n}`, name: `made-up-${n}` }));
}

function chargesOf(options: HistoryOptions, midnight: number, begin: number, start: number): Charge[] {
  const { seed, dollarsPerDay, now, flatRateMonthsAgo, spike } = options;
  const day = Math.round(midnight / DAY);
  const date = new Date(midnight);
  const first = date.getUTCDate() === 1;
  const flatFrom = flatRateMonthsAgo === null ? Number.POSITIVE_INFINITY : monthBefore(now, flatRateMonthsAgo);
  const flat = midnight >= flatFrom;
  const found: Charge[] = [];
  if (first) {
    const fixed = { category: "Other", quantity: 1, unit: "Months", kind: "Purchase" } as const;
    found.push({ ...fixed, service: "Pro Plan", cost: 20 });
    if (flat) found.push({ ...fixed, service: "Flat Rate CDN", cost: 20 });
    found.push({ category: "Other", service: "Included Credit", quantity: 0, unit: "", kind: "Credit", cost: -20 });
  }
  const today = Math.floor(now / DAY) === day;
  const planted = spikeOf(options);
  const isPlanted = spike !== null && date.toISOString().startsWith(planted.day);
  if (!today && !first && !isPlanted && chance(seed, day, "missing") < MISSING) return [];
  const age = (now - start) / DAY;
  // What is not over is counted so far; what was sent early is corrected when it is five days old.
  const complete = age < 1 ? Math.max(0.02, age) : age < 2 ? 0.9 : 1;
  const corrected = age > 5 && chance(seed, day, "corrected") < 0.05 ? 1.03 : 1;
  const shared = Math.exp(0.06 * gauss(seed, day, "shared"));
  const level = dollarsPerDay * GROWTH ** ((midnight - begin) / DAY) * (WEEK[date.getUTCDay()] ?? 1) * shared;
  const projects = projectsOf(options);
  const weights = projects.map((_, n) => 1 / (n + 2));
  const sum = weights.reduce((a, b) => a + b, 0);
  for (const [n, project] of projects.entries()) {
    // The last third of the projects begins one after the other.
    const born = n < projects.length * 0.67 ? 0 : (n / projects.length - 0.6) * 2 * (now - begin);
    if (midnight - begin < born) continue;
    for (const [share, service, unit, price, category] of PRODUCTS) {
      const noise = Math.exp(0.15 * gauss(seed, day, `${n} ${service}`));
      let cost = level * share * ((weights[n] ?? 0) / sum) * noise * complete * corrected;
      if (isPlanted && project.id === planted.project && service === planted.service) cost += spike.dollars;
      const covered = flat && category === "Networking";
      found.push({
        service,
        category,
        unit,
        quantity: cost / price,
        cost: covered ? 0 : cost,
        project,
        region: "fra1",
      });
    }
  }
  return found;
}

const monthBefore = (now: number, months: number): number => {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months, 1);
};

/** Ms from midnight UTC to the vendor's: in California 8 hours, 7 in summer (second Sunday of March to first of November). */
function offsetOf(midnight: number, boundary: "utc" | "pacific"): number {
  if (boundary === "utc") return 0;
  const year = new Date(midnight).getUTCFullYear();
  const sunday = (month: number, nth: number) => {
    const weekday = new Date(Date.UTC(year, month, 1)).getUTCDay();
    return Date.UTC(year, month, 1 + ((7 - weekday) % 7) + (nth - 1) * 7);
  };
  const summer = midnight > sunday(2, 2) && midnight <= sunday(10, 1);
  return (summer ? 7 : 8) * 3_600_000;
}

/** A number from 0 to 1 that only its arguments decide (FNV-1a, then the finaliser of MurmurHash3). */
function chance(seed: number, day: number, what: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (const character of `${day} ${what}`) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** Normally distributed, by Box and Muller. */
function gauss(seed: number, day: number, what: string): number {
  const radius = Math.sqrt(-2 * Math.log(1 - chance(seed, day, `${what} r`)));
  return radius * Math.cos(2 * Math.PI * chance(seed, day, `${what} a`));
}
