import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { Dashboard } from "../estate/dashboard.ts";
import { cellOptions, fleetOf } from "../estate/fleet.ts";
import { type DelayingProxy, delayingProxy, httpRequests } from "../measure/delaying-proxy.ts";
import { WatchedPage } from "../measure/page.ts";
import { round } from "../measure/ratios.ts";
import { type Counted, compare, type Found, type Sample } from "../measure/shown.ts";
import type { Check, Row, Say, Sizes } from "../types.ts";

/** The connection is cut after so long, for so long, ms. */
const CUT = { after: 15_000, for: 10_000 };
/** What is promised, s: of what is shown, of saying that it is stale, of being up to date after a cut, of work of the page in a second. */
const PROMISED = { behind: 3, stale: 6, again: 7, work: 0.1 };
/** Seconds that each wave is watched. */
const SOAK = 3;

const planSchema = z.object({
  waves: z.array(z.object({ name: z.string(), hosts: z.record(z.string(), z.array(z.string())) })),
});

/** When the page was without its connection, ms since 1970. */
interface Cut {
  readonly from: number;
  readonly to: number;
}

/** (m) The dashboard's page beside a rollout of the whole fleet: every second it is held against the rollout's own events. */
export async function dashboardBeside(sizes: Sizes, say: Say): Promise<{ rows: Row[]; checks: Check[] }> {
  const fleet = await fleetOf(sizes.sites, say);
  const { estate } = fleet;
  const file = join(estate.catalog, "rollout.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replaceAll(/soakSeconds: \d+/g, `soakSeconds: ${SOAK}`));
  fleet.declare(new Set());
  const plan = planSchema.parse(JSON.parse((await estate.sitefleet("rollout", "--plan", "--json")).stdout));
  const waves = new Map(plan.waves.map(({ name, hosts }) => [name, Object.values(hosts).flat().length]));
  const before = new Set(streamsIn(estate.stateDir));
  const [shown, killed] = [await Dashboard.start(estate), await Dashboard.start(estate)];
  const proxy = await delayingProxy(Number(new URL(shown.url).port), 0, httpRequests);
  let page: WatchedPage | undefined;
  try {
    page = await WatchedPage.open(`http://127.0.0.1:${proxy.port}/#${shown.token}`);
    say(`rollout of ${sizes.sites} sites beside the page`);
    page.watch();
    const disturbed = disturb(proxy, killed);
    const { stdout: _, ...cost } = await estate.sitefleet("rollout", "--yes", "--json");
    const cut = await disturbed;
    // The end of the rollout is to be seen as well.
    await sleep(5000);
    await page.stop();
    const events = streamsIn(estate.stateDir)
      .filter((name) => !before.has(name))
      .map((name) => readEvents(estate.stateDir, name))
      .find(([first]) => first?.event === "started" && first.operation === "rollout");
    const changed = await estate.sitefleet("cells", "--changed", "--json");
    await estate.verify();
    const found = compare(page.samples, events ?? [], waves, cut);
    for (const one of [...found.differences.slice(0, 20), ...page.said]) say(one);
    const stacks = cellOptions(fleet.hosts).length / 2;
    return {
      rows: [{ variant: "beside the page", operation: "rollout", sites: sizes.sites, stacks, cost }],
      checks: dashboardChecks({
        ...{
          found,
          cut,
          sites: sizes.sites,
          samples: page.samples,
          task: await page.longestTask(),
          work: page.mostWork,
        },
        left: (JSON.parse(changed.stdout) as { cells: unknown[] }).cells.length,
        complaints: page.said.length,
      }),
    };
  } finally {
    await page?.close();
    await proxy.close();
    await shown.end();
    await killed.end("SIGKILL");
  }
}

/** Kills one dashboard while it is looked at, and cuts the page's connection to the other for a while. */
async function disturb(proxy: DelayingProxy, killed: Dashboard): Promise<Cut> {
  const headers = { authorization: `Bearer ${killed.token}` };
  const looking = await fetch(`${killed.origin}/api/events?after=none`, { headers });
  await sleep(CUT.after / 2);
  await killed.end("SIGKILL");
  await looking.body?.cancel().catch(() => {});
  await sleep(CUT.after / 2);
  const from = Date.now();
  proxy.cut(true);
  await sleep(CUT.for);
  proxy.cut(false);
  return { from, to: Date.now() };
}

const streamsIn = (stateDir: string): string[] => readdirSync(join(stateDir, "events")).sort();

function readEvents(stateDir: string, name: string): Counted[] {
  const lines = readFileSync(join(stateDir, "events", name), "utf8")
    .trimEnd()
    .split("\n");
  return lines.map((line) => JSON.parse(line) as Counted);
}

/** What (m) says about its targets. Pure. */
export function dashboardChecks({
  found,
  cut,
  samples,
  task,
  work,
  sites,
  left,
  complaints,
}: {
  readonly found: Found;
  readonly cut: Cut;
  readonly samples: readonly Sample[];
  readonly task: number;
  readonly work: number;
  readonly sites: number;
  readonly left: number;
  readonly complaints: number;
}): Check[] {
  const claim = `the page beside a rollout of ${sites} sites`;
  const atMost = (value: number) => ({ is: "at most", value }) as const;
  const none = { is: "exactly", value: 0 } as const;
  const seconds = (ms: number) => round(ms / 1000);
  const never = (samples.at(-1)?.t ?? 0) + 3_600_000;
  const said = samples.find(({ t, stale }) => stale && t >= cut.from)?.t ?? never;
  const again = samples.find(({ at, stale }) => !stale && at >= cut.to)?.t ?? never;
  return [
    { claim: `${claim}: seconds at which it was read`, value: found.compared, unit: "s" },
    {
      claim: `${claim}: seconds at which its figures were not those of the events up to a moment before`,
      ...{ value: found.differences.length, unit: "s", target: none },
    },
    {
      claim: `${claim}: the most that it was behind the events without saying that it is stale`,
      ...{ value: seconds(found.behind), unit: "s", target: atMost(PROMISED.behind) },
    },
    {
      claim: `${claim}: connection cut for ${CUT.for / 1000} s, said to be stale after`,
      ...{ value: seconds(said - cut.from), unit: "s", target: atMost(PROMISED.stale) },
    },
    {
      claim: `${claim}: connection back, up to date after`,
      ...{ value: seconds(again - cut.to), unit: "s", target: atMost(PROMISED.again) },
    },
    {
      claim: `${claim}: the most work of its one thread in a second, with a key typed in each, CPU time`,
      note: "no task is longer",
      ...{ value: round(work), unit: "s", target: atMost(PROMISED.work) },
    },
    { claim: `${claim}: the longest task, wall time`, value: seconds(task), unit: "s" },
    { claim: `${claim}: errors of its program`, value: complaints, unit: "errors", target: none },
    {
      claim: `${claim}, and another dashboard killed: stacks that are not as declared afterwards`,
      ...{ value: left, unit: "changes", target: none },
    },
  ];
}
