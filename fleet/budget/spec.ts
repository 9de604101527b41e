import { findLimit, type Limits } from "../../model/index.ts";
import { VENDORS, vendorNamed } from "../../vendors/index.ts";

/** How much of each limit something needs or has used, by {@link limitKey}. Amounts are whole numbers from 0 on. */
export type Need = Readonly<Record<string, number>>;

/** A limit as budgets count it. */
export interface LimitSpec {
  /** Id in limits.yaml. */
  readonly id: string;
  /** In words, for people. */
  readonly what: string;
  readonly vendor: string;
  readonly amount: number;
  /** Milliseconds in which the amount may be used; null = so many at once, given back when done. */
  readonly perMs: number | null;
  /** What the vendor refuses for after the limit was passed, ms. @default 0 */
  readonly blockMs?: number;
  /** Without `perMs`: how long the whole amount takes to be done, for planning, ms. */
  readonly turnoverMs?: number;
}

/** Which of a vendor's plans the accounts have, by vendor. @default the smallest limit of any plan */
type Plans = Readonly<Partial<Record<string, string>>>;

/** How many seconds a build may wait in the vendor's queue: under the 15 minutes after which a deployment counts as failed. */
const BUILD_QUEUE_SECONDS = 12 * 60;

/** A build's length when nothing is known: an assumption, shown with every plan. */
export const ASSUMED_BUILD_SECONDS = 60;

/** The limit of certificates: one key for every registered domain. */
export const CERTIFICATES = "letsencrypt.certificates";
const hosting = VENDORS.find(({ limits }) => limits?.builds !== undefined);
/** The limit of builds at the same time, of the vendor that builds the sites. */
export const BUILDS = hosting?.limits?.builds ?? "";

/** Limits that are spent by what a run does. Others of limits.yaml are maximums that the catalog's checks look after. */
const SPENT: readonly string[] = [
  ...VENDORS.flatMap(({ limits }) => limits?.places.map(({ id }) => id) ?? []),
  CERTIFICATES,
];

/** Options of {@link limitSpecs}. */
export interface SpecOptions {
  readonly plans?: Plans;
  /** How long a build takes, seconds. @default 60, see {@link ASSUMED_BUILD_SECONDS} */
  readonly buildSeconds?: number;
  /** `ignore` when the vendor has told you that it has no limit of certificates for you. @default "enforce" */
  readonly certificates?: "enforce" | "ignore";
}

/** The catalog's limits as budgets count them. Where a limit stands for several plans and none is named: the smallest. Pure. */
export function limitSpecs(limits: Limits, options: SpecOptions = {}): LimitSpec[] {
  const { plans = {}, buildSeconds = ASSUMED_BUILD_SECONDS, certificates = "enforce" } = options;
  const specs = SPENT.flatMap((id): LimitSpec[] => {
    if (id === CERTIFICATES && certificates === "ignore") return [];
    const vendor = id.slice(0, id.indexOf("."));
    const found = findLimit(limits, id, plans[vendor]) ?? findLimit(limits, id);
    if (found === undefined || found.per === null) return [];
    const blockId = vendorNamed(vendor)?.limits?.blocks?.[id];
    const block = blockId === undefined ? undefined : findLimit(limits, blockId)?.amount;
    const { what, amount, per } = found;
    return [
      { id, what, vendor, amount: Math.floor(amount), perMs: per * 1000, blockMs: block ? block * 1000 : undefined },
    ];
  });
  const builder = hosting?.name ?? "";
  const builds = findLimit(limits, BUILDS, plans[builder]) ?? findLimit(limits, BUILDS);
  if (builds === undefined) return specs;
  // The vendor queues builds by itself; what must not happen is a queue so long that deployments at its end time out.
  const queue = Math.max(1, Math.floor(builds.amount * (BUILD_QUEUE_SECONDS / buildSeconds)));
  const turnoverMs = (queue / builds.amount) * buildSeconds * 1000;
  const what = "Builds queued or running";
  return [...specs, { id: BUILDS, what, vendor: builder, amount: queue, perMs: null, turnoverMs }];
}

/** Key of a limit's meter: the id, and for limits that each registered domain has its own of, the domain. */
export function limitKey(id: string, domain?: string): string {
  return domain === undefined ? id : `${id}:${domain}`;
}

/** The limit's id in a key. */
export function idOfKey(key: string): string {
  const end = key.indexOf(":");
  return end === -1 ? key : key.slice(0, end);
}

/** Sum of needs. Pure. */
export function addNeeds(needs: Iterable<Need>): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const need of needs) for (const [key, amount] of Object.entries(need)) sum[key] = (sum[key] ?? 0) + amount;
  return sum;
}
