import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cellOf, DEFAULT_CELLS, stackOfCell } from "../../model/index.ts";
import { compareWithState } from "../../sandbox/compare.ts";
import { Estate, type Row } from "../support/estate.ts";
import { Visitors } from "../support/visitors.ts";

// Rollouts as visitors see them: every site is asked all the time. What breaks when these fail: a bad release reaches more
// sites than its wave has, or stays; a release that was found out before it was promoted is seen all the same.
// SITEFLEET_SITES is the number of sites, over all cells as they fall; without it there are 24 in a few cells.

const SITES = Number(process.env.SITEFLEET_SITES ?? 0);
const CELLS = ["07", "11", "23"];
const [OLD, UNFIT, BAD, GOOD] = ["a", "b", "c", "d"].map((digit) => digit.repeat(40)) as [
  string,
  string,
  string,
  string,
];

function few(): Row[] {
  const canaries = [0, 1, 2, 3].map((number): Row => ({ name: `canary${number}`, tags: "canary" }));
  const others: Row[] = [];
  for (let number = 0; others.length < 20; number++) {
    const name = `shop${number}`;
    if (CELLS.includes(cellOf({ host: `${name}.qmoney.de`, tags: [] }, DEFAULT_CELLS))) others.push({ name });
  }
  return [...canaries, ...others];
}
const many = (): Row[] =>
  Array.from({ length: SITES }, (_, index) => ({ name: `shop${index}`, tags: index < SITES / 10 ? "canary" : "" }));

const rows = SITES > 0 ? many() : few();
const hosts = rows.map(({ name }) => `${name}.qmoney.de`);
const stackBy = (row: Row) =>
  stackOfCell(cellOf({ host: `${row.name}.qmoney.de`, tags: row.tags ? [row.tags] : [] }, DEFAULT_CELLS));
const STACKS = ["prod", ...new Set(rows.map(stackBy))].flatMap((stack) => ["--stack", stack]);
const estate = new Estate(rows, "none");
let visitors: Visitors;

const release = (commit: string) =>
  estate.edit("releases.yaml", (text) => text.replace(/(stable:\n\s+ref: )"[0-9a-f]{40}"/, `$1"${commit}"`));
const run = async (code: number, ...args: string[]) => {
  const started = Date.now();
  const ran = await estate.sitefleet(...args, "--json");
  expect(ran.code, ran.stdout + ran.stderr).toBe(code);
  console.log(
    `${rows.length} sites: ${args.slice(0, 2).join(" ")} took ${((Date.now() - started) / 1000).toFixed(1)} s`,
  );
  return JSON.parse(ran.stdout);
};
/** What a release of some sites does. */
const serve = (commit: string, sites: readonly string[], how: object) =>
  estate.control("/vercel", {
    method: "PUT",
    body: JSON.stringify({
      releases: sites.map((host) => ({ match: { project: host.replaceAll(".", "-"), commit }, serve: how })),
    }),
    headers: { "content-type": "application/json" },
  });
const live = async () => new Map([...(await visitors.round(hosts))].map(([host, { commit }]) => [host, commit]));
const onCommit = (commit: string, some: readonly string[]) => new Map(some.map((host) => [host, commit]));
const whole = async () => {
  const { missing, orphans } = await compareWithState(estate.info);
  expect({ missing, orphans }).toEqual({ missing: [], orphans: [] });
};
interface Wave {
  readonly name: string;
  readonly step: string;
  readonly hosts: Record<string, string[]>;
}
/** Hosts by wave, as planned for the release that is declared now. */
async function planned(): Promise<Map<string, string[]>> {
  const { waves } = (await run(0, "rollout", "--plan")) as { waves: Wave[] };
  return new Map(waves.map(({ name, hosts: some }) => [name, Object.values(some).flat()]));
}
/** The wave in which sites are to fail, those that do, and what comes before and after it. */
async function scene() {
  const waves = await planned();
  const names = [...waves.keys()];
  const wave = "quarter";
  const at = names.indexOf(wave);
  const inWave = waves.get(wave) ?? [];
  const of = (some: readonly string[]) => some.flatMap((name) => waves.get(name) ?? []);
  const failing = inWave.slice(0, Math.ceil(rows.length * 0.08));
  // Canaries, at least one more before the last wave, and a last wave with the most of them.
  expect(names.length).toBeGreaterThanOrEqual(3);
  expect(failing.length).toBeGreaterThan(0);
  return { wave, inWave, failing, before: of(names.slice(0, at)), after: of(names.slice(at + 1)) };
}

describe(`${rows.length} sites`, () => {
  beforeAll(async () => {
    estate.edit("zones.yaml", (text) => text.replaceAll("mode: create", "mode: existing"));
    estate.edit("rollout.yaml", (text) => text.replaceAll(/soakSeconds: \d+/g, "soakSeconds: 0"));
    release(OLD);
    await estate.start();
    visitors = new Visitors(estate.info.urls.web);
    await run(0, "up", "--yes", ...STACKS);
    expect(await live()).toEqual(onCommit(OLD, hosts));
  }, 900_000);
  afterAll(() => estate.remove());

  it("a release that fails before it is promoted is never seen by a visitor, and all of its wave goes back", async () => {
    release(UNFIT);
    const { wave, inWave, failing, before, after } = await scene();
    await serve(UNFIT, failing, { status: 500 });
    const { result, seen } = await visitors.during(hosts, () => run(1, "rollout", "--yes"));
    expect(result).toMatchObject({ status: "stopped" });
    expect(result.waves.find(({ name }: Wave) => name === wave)).toMatchObject({ step: "rolled-back" });
    expect([...seen.errors]).toEqual([]);
    for (const host of [...failing, ...after]) expect([host, ...(seen.commits.get(host) ?? [])]).toEqual([host, OLD]);
    expect(seen.most.get(UNFIT) ?? 0).toBeLessThanOrEqual(before.length + inWave.length - failing.length);
    expect(await live()).toEqual(new Map([...onCommit(OLD, hosts), ...onCommit(UNFIT, before)]));
    await whole();
    await run(0, "rollout", "abort");
    expect(await live()).toEqual(onCommit(OLD, hosts));
  });

  it("a release that answers 500 on its hosts stops in its wave, which goes back; nothing else ever serves it", async () => {
    release(BAD);
    const { wave, inWave, failing, before, after } = await scene();
    await serve(BAD, failing, { status: 500, at: "hosts" });
    const { result, seen } = await visitors.during(hosts, () => run(1, "rollout", "--yes"));
    expect(result).toMatchObject({ status: "stopped" });
    expect(result.waves.find(({ name }: Wave) => name === wave)).toMatchObject({
      step: "rolled-back",
      figures: { sites: inWave.length, failed: failing.length },
    });
    console.log(`${seen.rounds} rounds of visits; at most ${seen.most.get(BAD)} of ${hosts.length} on the bad release`);
    // It was really out there, or nothing was tried.
    expect([...seen.errors].sort()).toEqual(failing.map((host) => `${host} 500`).sort());
    expect(seen.most.get(BAD) ?? 0).toBeLessThanOrEqual(Math.ceil(hosts.length * 0.25));
    for (const host of after) expect([host, ...(seen.commits.get(host) ?? [])]).toEqual([host, OLD]);
    expect(await live()).toEqual(new Map([...onCommit(OLD, hosts), ...onCommit(BAD, before)]));
    await whole();
    expect(await run(1, "rollout", "--yes")).toMatchObject({ error: { code: "release.bad" } });
    expect(await run(1, "up", "--yes", ...STACKS)).toMatchObject({ error: { code: "release.bad" } });
  });

  it("a good release reaches all without an error, after which nothing differs", async () => {
    release(GOOD);
    const { result, seen } = await visitors.during(hosts, () => run(0, "rollout", "--yes"));
    expect(result).toMatchObject({ status: "done" });
    expect([...seen.errors]).toEqual([]);
    expect(await live()).toEqual(onCommit(GOOD, hosts));
    await whole();
    expect((await run(0, "preview", ...STACKS)).steps).toEqual([]);
  });
});
