import { z } from "zod";
import { type Backend, bucket } from "../estate/backends.ts";
import { bringUp, cellOptions, type Fleet, fleetOf } from "../estate/fleet.ts";
import { changeSome, everyNth, hostOf } from "../estate/sites.ts";
import { ratio, round } from "../measure/ratios.ts";
import type { Check, Row, Say, Sizes } from "../types.ts";

/** Time that every answer of an API, and of a site, takes while sites are rolled back; ms. */
const LATENCY_MS = 150;
/** What is promised of the fleet: sites → s, and how much longer a review takes than on a directory, s. */
const PROMISED = { fleet: 1500, back: 100, seconds: 30, requests: 25, beyond: 2 };

const rollbackSchema = z.object({ byStack: z.array(z.object({ ok: z.boolean() })) });

/** What was measured of a fleet whose states are in a bucket. */
interface Measured {
  /** The review on a directory, that in the bucket, and the rollback there. */
  readonly directory: Row;
  readonly review: Row;
  readonly back: Row;
  /** Requests to the bucket. */
  readonly requests: { readonly review: number; readonly back: number };
  /** Stacks that are not what they were before. */
  readonly failed: number;
}

/** A fleet in a bucket so far away, beside the same one on a directory: the review of a few changes, and the rollback of many sites. @param roundTrip ms */
export async function fleetInBucket(
  { backend: sizes }: Sizes,
  roundTrip: number,
  say: Say,
): Promise<{ rows: Row[]; checks: Check[] }> {
  const far = await bucket(roundTrip);
  if (far === undefined) return { rows: [], checks: [] };
  let fleet: Fleet | undefined;
  try {
    const beside = await fleetOf(sizes.fleet, say);
    const directory = await review(beside, sizes.changed, "directory", say);
    beside.declareFirst();
    fleet = await bringUp(sizes.fleet, say, far.env);
    far.proxy.taken();
    const reviewed = await review(fleet, sizes.changed, "bucket", say);
    const asked = far.proxy.taken();
    const measured = { directory, review: reviewed, ...(await rollBack(fleet, far, sizes.back, say)) };
    const { requests, ...rest } = measured;
    const found = { ...rest, requests: { review: asked, back: requests } };
    return { rows: [directory, reviewed, found.back], checks: fleetChecks(found, sizes.changed, roundTrip) };
  } finally {
    await fleet?.estate.close();
    await far.close();
  }
}

async function review({ estate, rows }: Fleet, count: number, variant: string, say: Say): Promise<Row> {
  say(`${variant}: review of ${count} changed of ${rows.length}`);
  estate.writeSites(changeSome(rows, count));
  // 2: it has found changes.
  const { stdout: _, ...cost } = await estate.answering([0, 2], "preview", ...cellOptions(rows.map(hostOf)));
  return { variant, operation: `review of ${count} changed`, sites: rows.length, stacks: count, cost };
}

async function rollBack({ estate, hosts, declare }: Fleet, far: Backend, count: number, say: Say) {
  say(`bucket: another release for ${hosts.length} sites`);
  declare(new Set());
  await estate.sitefleet("up", "--yes", "--no-check", ...cellOptions(hosts));
  say(`bucket: rollback of ${count} sites`);
  await estate.latency({ vendors: LATENCY_MS, web: LATENCY_MS });
  far.proxy.taken();
  const sites = everyNth(hosts, count).flatMap((host) => ["--site", host]);
  // 1: a host does not answer as it should.
  const { stdout, ...cost } = await estate.answering([0, 1], "rollback", "--yes", "--json", ...sites);
  const requests = far.proxy.taken();
  await estate.latency({ vendors: 0, web: 0 });
  const { byStack } = rollbackSchema.parse(JSON.parse(stdout));
  const operation = `rollback of ${count} sites`;
  const back: Row = { variant: "bucket", operation, sites: count, stacks: byStack.length, cost };
  return { back, requests, failed: byStack.filter(({ ok }) => !ok).length };
}

/** What a fleet in a bucket is held to; its times at the sizes that they were set for. Pure. @param roundTrip ms */
export function fleetChecks(measured: Measured, changed: number, roundTrip: number): Check[] {
  const { directory, review, back, requests, failed } = measured;
  const at = `bucket ${roundTrip} ms away`;
  const most = (is: boolean, value: number): Pick<Check, "target"> => (is ? { target: { is: "at most", value } } : {});
  const isPromised = review.sites === PROMISED.fleet;
  const going = `${at}: rollback of ${back.sites} sites in ${back.stacks} stacks at ${LATENCY_MS} ms a call`;
  return [
    {
      claim: `${at}: review of ${changed} changed of ${review.sites} beyond a directory's, wall time`,
      value: round(review.cost.wall - directory.cost.wall),
      unit: "s",
      ...most(isPromised, PROMISED.beyond),
    },
    {
      claim: `${at}: requests of the review of ${changed} changed, a stack`,
      value: ratio(requests.review, changed),
      unit: "calls",
      ...most(true, PROMISED.requests),
    },
    {
      claim: `${going}, wall time, sites checked`,
      value: back.cost.wall,
      unit: "s",
      ...most(isPromised && back.sites === PROMISED.back, PROMISED.seconds),
    },
    {
      claim: `${going}: requests a stack`,
      value: ratio(requests.back, back.stacks),
      unit: "calls",
      ...most(true, PROMISED.requests),
    },
    {
      claim: `${going}: stacks that are not what they were`,
      value: failed,
      unit: "errors",
      target: { is: "exactly", value: 0 },
    },
  ];
}
