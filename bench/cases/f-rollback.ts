import { z } from "zod";
import { cellOptions, type Fleet, fleetOf } from "../estate/fleet.ts";
import type { Route } from "../estate/requests.ts";
import { everyNth } from "../estate/sites.ts";
import { cpuOf, ratio } from "../measure/ratios.ts";
import type { Check, Row, Say, Sizes } from "../types.ts";

/** Time that every answer of an API, and of a site, takes; ms. */
const LATENCY_MS = 150;
/** What is promised: sites → s. */
const PROMISED: ReadonlyMap<number, number> = new Map([
  [1, 5],
  [100, 30],
]);
const PROMOTION = "POST /v10/projects/:project/promote/:deployment";
const BUILD = "POST /v13/deployments";

const counts = z.object({ created: z.number(), changed: z.number(), unchanged: z.number(), replaced: z.number() });
const rollbackSchema = z.object({
  run: z.string(),
  total: counts,
  byStack: z.array(z.object({ stack: z.string(), ok: z.boolean() })),
  health: z.object({ counts: z.object({ pass: z.number(), fail: z.number(), inconclusive: z.number() }) }).optional(),
});
const previewSchema = z.object({ steps: z.array(z.unknown()) });

/** One rollback with everything that is to be true of it. */
interface Measured {
  readonly row: Row;
  readonly promotions: number;
  readonly builds: number;
  /** Sites whose host does not answer with the release of before. */
  readonly unhealthy: number;
  /** Changes that a preview with `--refresh` finds against a catalog that declares what was gone back to. */
  readonly differences: number;
}

/** (f) Rollback of some sites of a fleet to the previous state, while every call takes its time. */
export async function rollbacks(
  sizes: Sizes,
  say: Say,
  _earlier: readonly Row[],
  save: (outcome: { rows: Row[]; checks: Check[] }) => void,
) {
  const all = sizes.rollback.at(-1) ?? 1;
  const fleet = await fleetOf(all, say);
  const rows: Row[] = [];
  const checks: Check[] = [];
  for (const count of sizes.rollback) {
    await serveAfter(fleet, say);
    const measured = await rollBack(fleet, everyNth(fleet.hosts, count), say);
    rows.push(measured.row);
    checks.push(...checksOf(measured));
    save({ rows, checks });
  }
  // The next case finds the fleet as it was.
  fleet.declareFirst();
  await fleet.estate.sitefleet("up", "--yes", "--no-check", ...cellOptions(fleet.hosts));
  await fleet.estate.verify();
  return { rows, checks };
}

/** Every site serves the release of after: built the first time, else promoted. */
async function serveAfter({ estate, hosts, declare }: Fleet, say: Say): Promise<void> {
  say(`preparing: another release for ${hosts.length} sites`);
  declare(new Set());
  await estate.sitefleet("release", "clear", "--all");
  await estate.sitefleet("up", "--yes", "--no-check", ...cellOptions(hosts));
}

async function rollBack({ estate, declare }: Fleet, back: readonly string[], say: Say): Promise<Measured> {
  const what = back.length === 1 ? "1 site" : `${back.length} sites`;
  say(`rollback of ${what}`);
  await estate.latency({ vendors: LATENCY_MS, web: LATENCY_MS });
  await estate.requests();
  const options = back.flatMap((host) => ["--site", host]);
  // 1: a host does not answer as it should, which is counted below.
  const { stdout, ...cost } = await estate.answering([0, 1], "rollback", "--yes", "--json", ...options);
  const { reads, writes, routes } = await estate.requests();
  await estate.latency({ vendors: 0, web: 0 });
  const parsed = rollbackSchema.safeParse(JSON.parse(stdout));
  if (!parsed.success || parsed.data.health === undefined) {
    throw new Error(`rollback of ${what} failed: ${stdout.slice(0, 2000)}`);
  }
  const { total, byStack, health } = parsed.data;
  say(`preview --refresh of ${byStack.length} stacks after it`);
  declare(new Set(back));
  const preview = await estate.sitefleet("preview", "--refresh", "--json", ...cellOptions(back));
  const { steps } = previewSchema.parse(JSON.parse(preview.stdout));
  const { created, changed, unchanged } = total;
  const figures = { created, changed, unchanged, reads, writes };
  const stacks = byStack.length;
  return {
    row: { variant: what, operation: "rollback", sites: back.length, stacks, cost, ...figures },
    promotions: countOf(routes, PROMOTION),
    builds: countOf(routes, BUILD),
    unhealthy: back.length - health.counts.pass,
    differences: steps.length,
  };
}

/** What a rollback says about its targets. Those of time hold for the sizes they were set for. Pure. */
export function checksOf({ row, promotions, builds, unhealthy, differences }: Measured): Check[] {
  const { sites, stacks, cost, reads = 0, writes = 0 } = row;
  const claim = (text: string) => `rollback of ${row.variant} at ${LATENCY_MS} ms a call: ${text}`;
  const exactly = (value: number) => ({ is: "exactly", value }) as const;
  const most = PROMISED.get(sites);
  const inStacks = stacks === 1 ? "1 stack" : `${stacks} stacks`;
  return [
    {
      claim: claim(`wall time, sites checked, ${inStacks}`),
      value: cost.wall,
      unit: "s",
      ...(most === undefined ? {} : { target: { is: "at most", value: most } as const }),
    },
    { claim: claim("CPU time a stack"), value: ratio(cpuOf(row), stacks), unit: "s" },
    { claim: claim("promotions a site"), value: ratio(promotions, sites), unit: "x", target: exactly(1) },
    { claim: claim("builds"), value: builds, unit: "calls", target: exactly(0) },
    { claim: claim("API writes beyond promotions"), value: writes - promotions, unit: "calls", target: exactly(0) },
    { claim: claim("API reads a site"), value: ratio(reads, sites), unit: "x" },
    { claim: claim("hosts without the release of before"), value: unhealthy, unit: "hosts", target: exactly(0) },
    { claim: claim("changes of a refresh preview after it"), value: differences, unit: "changes", target: exactly(0) },
  ];
}

function countOf(routes: readonly Route[], wanted: string): number {
  return routes.reduce((sum, { method, route, count }) => sum + (`${method} ${route}` === wanted ? count : 0), 0);
}
