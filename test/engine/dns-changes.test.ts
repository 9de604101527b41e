import * as cloudflareSdk from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { planRecords, type RecordSpec } from "../../components/dns/plan.ts";
import { WildcardZone } from "../../components/wildcard-zone/wildcard-zone.ts";
import { recordsInTheWay } from "../../fleet/engine/records-in-the-way.ts";
import { cloudflareDns } from "../../vendors/cloudflare/dns.ts";
import { cloudflare as table } from "./conformance/cloudflare.ts";
import { TestStack } from "./conformance/engine.ts";
import { type Plugin, standIn } from "./conformance/plugins.ts";
import type { World } from "./conformance/world.ts";
import "../support/properties.ts";

// What breaks when these fail: a CNAME that becomes an address, or the reverse, is refused by Cloudflare (81053, 81054) on
// every run, and with it the whole estate. Many names change in each run, so that a run of the engine tries many changes.

const ZONE = "rows.example";
const NAMES = 16;
const STEPS = 5;

type Answer = Pick<RecordSpec, "type" | "content" | "priority">;

const addresses: fc.Arbitrary<Answer[]> = fc.uniqueArray(
  fc.constantFrom<Answer>(
    { type: "A", content: "192.0.2.1" },
    { type: "A", content: "192.0.2.2" },
    { type: "AAAA", content: "2001:db8::1" },
  ),
  { minLength: 1, selector: ({ content }) => content },
);
const leading = fc.oneof(
  fc.constant<Answer[]>([]),
  addresses,
  fc.constantFrom("a.example.org", "b.example.org").map((content): Answer[] => [{ type: "CNAME", content }]),
  fc
    .subarray(["ns1.example.org", "ns2.example.org"], { minLength: 1 })
    .map((servers): Answer[] => servers.map((content) => ({ type: "NS", content }))),
);
const beside = fc.subarray<Answer>([
  { type: "TXT", content: "one" },
  { type: "TXT", content: "two" },
  { type: "MX", content: "mail.example.org", priority: 10 },
  { type: "MX", content: "mail2.example.org", priority: 20 },
]);
/** What a name answers; a delegation stands alone. */
const name = fc
  .tuple(leading, beside)
  .map(([first, others]) => (first[0]?.type === "NS" ? first : [...first, ...others]));

const hostOf = (index: number) => `n${index}.${ZONE}`;
const recordsAt = (index: number, answers: readonly Answer[]): RecordSpec[] =>
  answers.map((answer) => ({ host: hostOf(index), ttl: 300, proxied: false, ...answer }));
const recordsOf = (names: readonly Answer[][]): RecordSpec[] =>
  names.flatMap((answers, index) => recordsAt(index, answers));
const shown = (records: readonly Answer[]) =>
  records.map(({ type, content, priority }) => `${type} ${content} ${priority ?? ""}`).sort();

let world: World;
let plugin: Plugin;
let stack: TestStack;

beforeAll(async () => {
  world = await table.world();
  plugin = await standIn("cloudflare", world.env);
  stack = await TestStack.create({ ...world.env, ...plugin.env });
});

afterAll(async () => {
  await stack?.remove();
  await plugin?.stop();
  await world?.stop();
});

/** As `sitefleet up` does it: what is in the way first, then everything. */
async function up(records: readonly RecordSpec[], clear = true): Promise<void> {
  stack.program = () => declare(records);
  const first = clear ? recordsInTheWay(await stack.exported(), records) : [];
  if (first.length > 0) expect((await stack.destroy(first)).ok).toBe(true);
  const run = await stack.up();
  expect(run.said).not.toMatch(/8105\d/);
  expect(run.ok, run.said).toBe(true);
}

function declare(records: readonly RecordSpec[]): void {
  const zoneId = world.facts.zone as string;
  new WildcardZone(ZONE, {
    ...{ name: ZONE, mode: "existing", zoneId, kind: "cname", wildcard: false, target: "" },
    vendor: cloudflareDns({ accountId: "" }),
    records,
  });
}

/** As states had it before a change of type was one resource: the type is part of each logical name. */
function declareAsBefore(records: readonly RecordSpec[]): void {
  const parent = new pulumi.ComponentResource("sitefleet:cloudflare:WildcardZone", ZONE);
  for (const { host, type, content, priority } of records) {
    const args = {
      zoneId: world.facts.zone as string,
      name: host,
      type,
      content,
      ttl: 300,
      ...(priority && { priority }),
    };
    const logical = type === "CNAME" ? `${host}/CNAME` : `${host}/${type}/${content}`;
    new cloudflareSdk.DnsRecord(logical, args, { parent, deleteBeforeReplace: true });
  }
}

async function live(): Promise<Map<string, string[]>> {
  const answer = await world.api("GET", `/zones/${world.facts.zone}/dns_records?per_page=5000`);
  const { result } = answer as { result: (Answer & { name: string })[] };
  const byHost = Map.groupBy(result, (record) => record.name);
  return new Map([...byHost].map(([host, records]) => [host, shown(records)]));
}

it("any sequence of changes at a name converges, each in one run, from the names of earlier states on", async () => {
  const run = fc.sample(fc.array(name, { minLength: NAMES, maxLength: NAMES }), STEPS);
  // The changes that people make, whatever the random ones are.
  const a1 = { type: "A", content: "192.0.2.1" };
  const a2 = { type: "A", content: "192.0.2.2" };
  const a3 = { type: "A", content: "192.0.2.3" };
  const v6 = { type: "AAAA", content: "2001:db8::1" };
  const cname = { type: "CNAME", content: "c.example.org" };
  const ns = [1, 2].map((number) => ({ type: "NS", content: `ns${number}.example.org` }));
  const usual: Answer[][][] = [
    [[a1], [cname], [a1], [v6], [cname]],
    [[a1, a2], [cname], [a2, a3], [a1, a3], [a3]],
    [[cname], [a1, v6], [v6], ns, [cname]],
    [ns, [cname], ns, [a1, a2], ns],
    [[a1, a2], [a2, a3], [a3, v6], [a3], [a3, v6]],
  ];
  for (const [index, names] of run.entries()) {
    const all = [...names, ...usual.map((steps) => steps[index] as Answer[])];
    const records = recordsOf(all);
    if (index === 0) {
      stack.program = () => declareAsBefore(records);
      expect((await stack.up()).ok).toBe(true);
    } else await up(records);
    const found = await live();
    for (const [number, answers] of all.entries()) {
      expect(found.get(hostOf(number)) ?? [], `step ${index}, ${JSON.stringify(all[number])}`).toEqual(shown(answers));
    }
  }
  const again = await stack.preview();
  expect(again.steps.filter(({ op }) => op !== "same")).toEqual([]);
});

it("one record that changes its type needs nothing but the engine: plain pulumi replaces it", async () => {
  const at = (answers: Answer[]) => recordsOf([answers]);
  await up(at([{ type: "CNAME", content: "c.example.org" }]));
  await up(at([{ type: "A", content: "192.0.2.9" }]), false);
  await up(at([{ type: "CNAME", content: "d.example.org" }]), false);
  expect(planRecords(at([{ type: "A", content: "192.0.2.9" }]))[0]?.name).toBe(`${hostOf(0)}/target`);
  expect((await live()).get(hostOf(0))).toEqual(["CNAME d.example.org "]);
});
