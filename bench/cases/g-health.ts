import { z } from "zod";
import { cellOptions, fleetOf } from "../estate/fleet.ts";
import type { Check, Row, Say, Sizes } from "../types.ts";

/** Time that every answer takes, ms. */
const LATENCY_MS = 100;
/** What is promised: sites, s. */
const PROMISED = { sites: 1500, seconds: 20 };

const reportSchema = z.object({
  counts: z.object({ pass: z.number(), fail: z.number(), inconclusive: z.number() }),
});

/** (g) Health of every site: over TLS, with its redirect from http, while every answer takes its time. */
export async function healthOfFleet(sizes: Sizes, say: Say): Promise<{ rows: Row[]; checks: Check[] }> {
  const sites = sizes.rollback.at(-1) ?? 1;
  const { estate, hosts } = await fleetOf(sites, say);
  say(`health of ${sites} sites`);
  await estate.latency({ vendors: 0, web: LATENCY_MS });
  // 1 and 4: a host fails, or a check is inconclusive; both are counted below.
  const { stdout, ...cost } = await estate.answering([0, 1, 4], "health", "--json", ...cellOptions(hosts));
  await estate.latency({ vendors: 0, web: 0 });
  const { pass } = reportSchema.parse(JSON.parse(stdout)).counts;
  const row: Row = { variant: "over TLS", operation: "health", sites, stacks: 0, cost };
  return { rows: [row], checks: healthChecks(row, pass) };
}

/** What health says about its targets. Pure. @param pass hosts that pass */
export function healthChecks({ sites, cost }: Row, pass: number): Check[] {
  const claim = `health of ${sites} sites at ${LATENCY_MS} ms an answer`;
  const most = sites === PROMISED.sites ? { target: { is: "at most", value: PROMISED.seconds } as const } : {};
  return [
    { claim: `${claim}: wall time`, value: cost.wall, unit: "s", ...most },
    { claim: `${claim}: CPU time`, value: cost.cpu, unit: "s" },
    {
      claim: `${claim}: hosts that do not pass`,
      value: sites - pass,
      unit: "hosts",
      target: { is: "exactly", value: 0 },
    },
  ];
}
