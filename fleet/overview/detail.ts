import { plainLine } from "../../errors/plain.ts";
import { type Catalog, releaseRef, stackOf } from "../../model/index.ts";
import type { KeptResult } from "../health/index.ts";
import { liveCommits } from "./estate.ts";
import { type OverviewFacts, unknown } from "./facts.ts";
import type { Told } from "./now.ts";
import type { SiteDetail } from "./shape.ts";

/** Longest text of a site that is shown, characters. */
const EXCERPT = 2000;
const HEADERS = 1000;
/** Runs of its history. */
const MOST_RUNS = 20;

type Cost = Extract<SiteDetail, { known: true }>["cost"];
type Check = Extract<SiteDetail, { known: true }>["check"];

/** All that is known of one site. Pure. @param host as the catalog has it */
export function siteDetail(
  host: string,
  catalog: Catalog | undefined,
  facts: Pick<OverviewFacts, "checks" | "live" | "incidents">,
  told: readonly Told[],
  cost: Cost,
): SiteDetail {
  const site = catalog?.sites.find((one) => one.host === host);
  if (catalog === undefined || site === undefined)
    return unknown(catalog ? "the catalog has no such site" : "the catalog cannot be read", "sitefleet cells --json");
  const { zone, repository, rootDirectory, framework, channel, line } = site;
  const stack = stackOf(site);
  return {
    known: true,
    ...{ host, cell: site.cell, stack, zone, repository, rootDirectory, channel, line, cost },
    framework: framework ?? "",
    declared: releaseRef(catalog.releases, channel, repository) ?? null,
    live: liveCommits(facts.live)(site) ?? null,
    check: checkOf(facts.checks.get(host), host),
    history: historyOf(stack, host, told),
    incidents: facts.incidents
      .filter(({ scope, state }) => scope === host && state !== "closed")
      .map(({ id, sentence }) => `${id}: ${sentence}`),
  };
}

/** What the last check saw, as lines without anything unseen: a site decides what stands in it. Pure. */
function checkOf(check: KeptResult | undefined, host: string): Check {
  if (check === undefined) return unknown("no check of it is kept here", `sitefleet health --site ${host}`);
  const { verdict, reason, vantages } = check.result;
  return {
    known: true,
    ...{ verdict, at: new Date(check.at).toISOString(), reason: plainLine(reason) },
    vantages: vantages.map((one) => ({
      vantage: one.vantage,
      verdict: one.verdict,
      ms: one.milliseconds,
      findings: one.findings.map(({ about, verdict: is, text }) => plainLine(`${is} ${about}: ${text}`)),
      // Of another machine's check only the verdict is known here.
      evidence: one.evidence
        .filter(({ status, excerpt, url }) => status ?? excerpt ?? (url || undefined))
        .map((seen) => ({
          url: seen.url,
          at: seen.at,
          status: seen.status,
          headers: plainLine(
            Object.entries(seen.headers ?? {})
              .map(([name, value]) => `${name}: ${value}`)
              .join("; "),
            HEADERS,
          ),
          excerpt: plainLine(seen.excerpt ?? "", EXCERPT),
        })),
    })),
  };
}

/** The runs that changed the site's stack, newest first: what they did to it where that was kept. Pure. */
function historyOf(
  stack: string,
  host: string,
  told: readonly Told[],
): Extract<SiteDetail, { known: true }>["history"] {
  const found = told.flatMap(({ run, streams }) =>
    streams.flatMap(({ entries }) => {
      const start = entries.find((entry) => entry.event === "started");
      if (start === undefined) return [];
      return entries.flatMap((entry) => {
        if (entry.event !== "stack-ended" || entry.stack !== stack) return [];
        const own = (entry.names ?? []).filter((name) => name.includes(host));
        const { changed, created, replaced, deleted } = entry.counts;
        const what = own.length > 0 ? own.join(", ") : `${changed + created + replaced + deleted} changes in its cell`;
        return [{ run, at: entry.at, by: start.by, operation: start.operation, what, ok: entry.ok }];
      });
    }),
  );
  return found.sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, MOST_RUNS);
}
