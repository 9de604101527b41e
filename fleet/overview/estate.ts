import { plainLine } from "../../errors/plain.ts";
import { type Catalog, releaseRef, type Site, sharedProjectName, sitesByCell, stackOfCell } from "../../model/index.ts";
import type { SharedState } from "../../stacks/desired.ts";
import { SHARED_STACK } from "../../stacks/names.ts";
import { KEPT_COUNTS_MS, type KeptResult } from "../health/index.ts";
import type { LiveStack, OverviewFacts } from "./facts.ts";
import type { CellNow, Overview, RunNow, SiteNow } from "./shape.ts";

/** Failures that the first screen names. */
const NAMED = 50;

/** A check that still counts. Pure. */
export const fresh = (check: KeptResult | undefined, now: number): KeptResult | undefined =>
  check !== undefined && now - check.at <= KEPT_COUNTS_MS ? check : undefined;

/** What all of these look at. */
export type Facts = Pick<OverviewFacts, "now" | "checks" | "live">;
type Checked = Pick<SiteNow, "verdict" | "at" | "ms" | "reason">;

const fastest = (check: KeptResult): number | undefined =>
  check.result.vantages.find(({ milliseconds }) => milliseconds !== undefined)?.milliseconds;

/** What the last check said, as long as it counts. Pure. */
export function checkedOf(host: string, { checks, now }: Pick<Facts, "checks" | "now">): Checked {
  const check = fresh(checks.get(host), now);
  if (check === undefined) return {};
  const { verdict, reason } = check.result;
  return {
    verdict,
    at: new Date(check.at).toISOString(),
    ms: fastest(check),
    reason: verdict === "pass" ? undefined : plainLine(reason, 300),
  };
}

/** Is all up? Only where all that is declared was checked lately. Pure. */
export function upOf(catalog: Catalog | undefined, facts: Facts): Overview["up"] {
  const hosts = [
    ...(catalog?.sites ?? []).map(({ host }) => ({ host, kind: "site" as const })),
    ...(catalog?.services ?? []).map(({ host }) => ({ host, kind: "service" as const })),
  ];
  const counts = { pass: 0, fail: 0, inconclusive: 0, none: 0 };
  const failures: Overview["up"]["failures"] = [];
  let [oldestAt, newestAt]: (string | undefined)[] = [];
  for (const { host, kind } of hosts) {
    const { verdict, at, reason = "" } = checkedOf(host, facts);
    counts[verdict ?? "none"]++;
    if (at === undefined) continue;
    if (oldestAt === undefined || at < oldestAt) oldestAt = at;
    if (newestAt === undefined || at > newestAt) newestAt = at;
    if (verdict === "fail" && failures.length < NAMED) failures.push({ host, kind, reason, at });
  }
  const state = counts.fail > 0 ? "down" : hosts.length === 0 || counts.pass < hosts.length ? "unknown" : "up";
  return {
    state,
    sentence: sentenceOf(state, counts, hosts.length, catalog === undefined),
    declared: hosts.length,
    ...{ passing: counts.pass, failing: counts.fail, inconclusive: counts.inconclusive, unchecked: counts.none },
    ...{ oldestAt, newestAt, failures },
  };
}

function sentenceOf(
  state: Overview["up"]["state"],
  { pass, fail, inconclusive, none }: Record<"pass" | "fail" | "inconclusive" | "none", number>,
  all: number,
  unread: boolean,
): string {
  if (unread) return "Not known: the catalog cannot be read";
  if (all === 0) return "Nothing is declared";
  if (state === "up") return `All ${all} hosts pass`;
  if (state === "down") return `${fail} of ${all} hosts fail${none > 0 ? `, ${none} are not checked` : ""}`;
  if (pass === 0 && none === all)
    return `Not known: no check of the last ${KEPT_COUNTS_MS / 3_600_000} hours is kept here`;
  const parts = [
    none > 0 ? `${none} are not checked` : "",
    inconclusive > 0 ? `${inconclusive} could not be judged` : "",
  ];
  return `Not known of all: ${pass} of ${all} hosts pass, ${parts.filter((part) => part !== "").join(", ")}`;
}

/** The commit that is live, as of its stack's last update; undefined where that is not known. Pure. */
export function liveCommits(live: ReadonlyMap<string, LiveStack>): (site: Site) => string | undefined {
  const shared = new Map(
    (live.get(SHARED_STACK)?.desired as SharedState | undefined)?.projects?.map(({ name, commit }) => [name, commit]) ??
      [],
  );
  const own = new Map<string, string | undefined>();
  for (const { desired } of live.values())
    if (desired?.kind === "cell") for (const { host, commit } of desired.sites) own.set(host, commit);
  return (site) => {
    if (!own.has(site.host)) return undefined;
    return site.project === "shared" ? shared.get(sharedProjectName(site)) : own.get(site.host);
  };
}

/** All sites, in the catalog's order. Pure. */
export function sitesNow(catalog: Catalog, facts: Facts): SiteNow[] {
  const live = liveCommits(facts.live);
  return catalog.sites.map((site) => ({
    host: site.host,
    cell: site.cell,
    zone: site.zone,
    channel: site.channel,
    shared: site.project === "shared" || undefined,
    declared: releaseRef(catalog.releases, site.channel, site.repository),
    live: live(site),
    ...checkedOf(site.host, facts),
  }));
}

/** All cells that have sites. Pure. @param runs those under way */
export function cellsNow(
  catalog: Catalog,
  facts: Facts,
  runs: readonly (RunNow & { readonly touched: ReadonlyMap<string, boolean> })[],
): CellNow[] {
  return [...sitesByCell(catalog.sites)].map(([cell, sites]): CellNow => {
    const stack = stackOfCell(cell);
    const counts = { pass: 0, fail: 0, inconclusive: 0, none: 0 };
    for (const { host } of sites) counts[checkedOf(host, facts).verdict ?? "none"]++;
    return {
      ...{ cell, stack, sites: sites.length },
      ...{ passing: counts.pass, failing: counts.fail, inconclusive: counts.inconclusive, unchecked: counts.none },
      state: stateOf(stack, runs),
      updatedAt: facts.live.get(stack)?.at ?? null,
    };
  });
}

function stateOf(
  stack: string,
  runs: readonly (RunNow & { readonly touched: ReadonlyMap<string, boolean> })[],
): CellNow["state"] {
  for (const { active, touched } of runs) {
    if (active.includes(stack)) return "active";
    const ok = touched.get(stack);
    if (ok !== undefined) return ok ? "done" : "failed";
  }
  return "idle";
}

/** Zones with their declared records. Pure. */
export function zonesNow(catalog: Catalog): Overview["zones"] {
  const sites = Map.groupBy(catalog.sites, ({ zone }) => zone);
  return catalog.zones.map(({ name, mode, kind, dns, records }) => ({
    zone: name,
    mode,
    kind,
    dns,
    sites: sites.get(name)?.length ?? 0,
    records: records.map((record) => ({ name: record.host, type: record.type, value: record.content })),
  }));
}
