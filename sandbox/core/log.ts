import type { VendorName } from "./names.ts";

/** One call as logged: no header, no body, no query, so that no secret can get in. */
interface RequestEntry {
  /** Number of the call since the log was last cleared, from 1. */
  readonly n: number;
  readonly at: number;
  readonly vendor: VendorName;
  readonly method: string;
  readonly path: string;
  /** Pattern, e.g. `/v9/projects/:id`. */
  readonly route: string;
  /** HTTP status; 0 when the connection was dropped or left hanging. */
  readonly status: number;
  readonly ms: number;
  /** Id of the fault or limit rule that decided, if one did. */
  readonly rule?: string;
}

/** Figures of one route. */
interface RouteCount {
  readonly vendor: VendorName;
  readonly method: string;
  readonly route: string;
  count: number;
  /** Calls answered with a status below 400. */
  ok: number;
  /** Calls by status, e.g. `{ "200": 12, "429": 1 }`. */
  readonly statuses: Record<string, number>;
  totalMs: number;
}

/** Figures of one vendor. */
interface VendorCount {
  /** GET, HEAD, OPTIONS. */
  reads: number;
  /** Everything else. */
  writes: number;
  /** Writes answered with a status below 400: what really changed something. */
  writesOk: number;
  /** Answers with 429, and GitHub's 403 for its limits. */
  limited: number;
}

/** What GET /requests shows. */
interface RequestSummary {
  readonly total: number;
  readonly vendors: Record<string, VendorCount>;
  readonly routes: RouteCount[];
  /** The latest calls, oldest first. */
  readonly latest: RequestEntry[];
}

/** Log and counters of all vendors of a sandbox. */
export interface RequestLog {
  add(entry: Omit<RequestEntry, "n">, limited?: boolean): void;
  /** @param latest how many single calls to include. @default all that are kept */
  summary(latest?: number): RequestSummary;
  clear(): void;
}

const READS = new Set(["GET", "HEAD", "OPTIONS"]);

/** True for methods that change nothing. */
export function isRead(method: string): boolean {
  return READS.has(method);
}

/**
 * Makes a log that keeps the last `capacity` calls; counters never forget until cleared.
 * @param capacity calls kept. @default 20000: about one first `up` of 1500 sites, some 5 MB
 */
export function createRequestLog(capacity = 20_000): RequestLog {
  let ring: RequestEntry[] = [];
  let start = 0;
  let total = 0;
  const routes = new Map<string, RouteCount>();
  const vendors = new Map<VendorName, VendorCount>();
  return {
    add(entry, limited = false) {
      total += 1;
      const full = { n: total, ...entry };
      if (ring.length < capacity) ring.push(full);
      else {
        ring[start] = full;
        start = (start + 1) % capacity;
      }
      countRoute(routes, entry);
      countVendor(vendors, entry, limited);
    },
    summary(latest = capacity) {
      const ordered = [...ring.slice(start), ...ring.slice(0, start)];
      return {
        total,
        vendors: Object.fromEntries([...vendors].map(([name, count]) => [name, { ...count }])),
        routes: [...routes.values()].map((route) => ({ ...route, statuses: { ...route.statuses } })),
        latest: latest <= 0 ? [] : ordered.slice(-latest),
      };
    },
    clear() {
      ring = [];
      start = 0;
      total = 0;
      routes.clear();
      vendors.clear();
    },
  };
}

function countRoute(routes: Map<string, RouteCount>, entry: Omit<RequestEntry, "n">): void {
  const key = `${entry.vendor} ${entry.method} ${entry.route}`;
  let route = routes.get(key);
  if (route === undefined) {
    const { vendor, method } = entry;
    route = { vendor, method, route: entry.route, count: 0, ok: 0, statuses: {}, totalMs: 0 };
    routes.set(key, route);
  }
  route.count += 1;
  if (entry.status >= 200 && entry.status < 400) route.ok += 1;
  const status = String(entry.status);
  route.statuses[status] = (route.statuses[status] ?? 0) + 1;
  route.totalMs += entry.ms;
}

function countVendor(vendors: Map<VendorName, VendorCount>, entry: Omit<RequestEntry, "n">, limited: boolean): void {
  let vendor = vendors.get(entry.vendor);
  if (vendor === undefined) {
    vendor = { reads: 0, writes: 0, writesOk: 0, limited: 0 };
    vendors.set(entry.vendor, vendor);
  }
  if (isRead(entry.method)) vendor.reads += 1;
  else {
    vendor.writes += 1;
    if (entry.status >= 200 && entry.status < 400) vendor.writesOk += 1;
  }
  if (limited || entry.status === 429) vendor.limited += 1;
}
