import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { areParts, differingPart, partsOf, stillKnown } from "../../../../fleet/run/parts.ts";
import type { CellState, SiteState } from "../../../../stacks/desired.ts";
import { digestOf } from "../../../../stacks/digest.ts";
import { declaredOf } from "../../../../stacks/site-targets.ts";
import { cellOfSites, merge, sameState } from "../../../../stacks/state.ts";

// What breaks when these fail: a change that was reviewed is not made, or a site that nothing was said of is touched.

const site = (host: string, commit = "1"): SiteState =>
  ({ host, project: { kind: "own", name: host, repository: "acme/shops" }, commit }) as unknown as SiteState;
const cell = (commits: Readonly<Record<string, string>>): CellState =>
  cellOfSites(Object.entries(commits).map(([host, commit]) => site(host, commit)));

const cells = fc
  .dictionary(fc.constantFrom(..."abcdefgh"), fc.constantFrom("1", "2"), { noNullPrototype: true })
  .map(cell);

describe("the part of a cell that differs", () => {
  it("holds all that differs and nothing else", () => {
    fc.assert(
      fc.property(cells, cells, (before, now) => {
        const part = differingPart(before, now);
        if (part === undefined) return;
        expect(sameState(merge(before, now, part.sites), now)).toBe(true);
        for (const host of part.sites) {
          const of = (state: CellState) => state.sites.find((one) => one.host === host);
          expect(of(before)).not.toEqual(of(now));
        }
        expect(declaredOf(now, part).sites.every(({ host }) => part.sites.includes(host))).toBe(true);
      }),
    );
  });

  it("is worth it while no more than half of the cell differs", () => {
    const before = cell({ a: "1", b: "1", c: "1", d: "1" });
    expect(differingPart(before, cell({ a: "2", b: "2", c: "1", d: "1" }))).toEqual({
      sites: ["a", "b"],
      about: "all",
      whole: true,
      current: true,
    });
    expect(differingPart(before, cell({ a: "2", b: "2", c: "2", d: "1" }))).toBeUndefined();
    expect(differingPart(before, before)).toBeUndefined();
    expect(differingPart(before, cell({})), "all of it goes").toBeUndefined();
  });

  it("is of a number of sites that the engine can tell apart quickly", () => {
    const many = (count: number) => cell(Object.fromEntries(Array.from({ length: count }, (_, at) => [`s${at}`, "1"])));
    const more = (count: number) =>
      cell({
        ...Object.fromEntries(many(200).sites.map(({ host }) => [host, "1"])),
        ...Object.fromEntries(Array.from({ length: count }, (_, at) => [`n${at}`, "1"])),
      });
    expect(differingPart(many(200), more(50))?.sites).toHaveLength(50);
    expect(differingPart(many(200), more(51))).toBeUndefined();
  });

  it("is of a cell only, and of one that is known", () => {
    const services = { kind: "plesk", hosts: [], services: [] } as const;
    expect(differingPart(services, services)).toBeUndefined();
    expect(differingPart(undefined, cell({ a: "1" }))).toBeUndefined();
  });
});

describe("the parts of a run", () => {
  const part = { sites: ["a"], about: "all", whole: true, current: true } as const;
  const [before, now] = [cell({ a: "1", b: "1" }), cell({ a: "2", b: "1" })];
  const session = (was: string | undefined) => ({
    surveyed: [
      { stack: "prod", reason: "x", differs: true },
      { stack: "prod-cell-00", reason: "x", differs: true, was },
      { stack: "prod-cell-01", reason: "x", differs: true },
    ],
    inputs: { state: async () => now },
  });
  const read = async (stack: string) => {
    if (stack !== "prod-cell-00") throw new Error("it is not asked for");
    return [{ urn: "u", type: "pulumi:pulumi:Stack", outputs: { desired: JSON.stringify(before) } }];
  };
  const STACKS = ["prod-cell-00", "prod-cell-01"];

  it("are of the stacks of which nothing else can differ", async () => {
    expect([...(await partsOf(session(digestOf(before)), STACKS, read))]).toEqual([["prod-cell-00", part]]);
    expect((await partsOf(session(digestOf(before)), ["prod-cell-01"], read)).size, "asked for").toBe(0);
  });

  it("are none where the state does not say that it is what is known of it", async () => {
    expect((await partsOf(session(digestOf(now)), STACKS, read)).size).toBe(0);
    expect((await partsOf(session(undefined), STACKS, read)).size).toBe(0);
  });

  it("are none where the shared stack may change what every site reads", async () => {
    expect((await partsOf(session(digestOf(before)), ["prod", ...STACKS], read)).size).toBe(0);
  });

  it("count no more of a stack that another run has written meanwhile, or removed", () => {
    const parts = new Map([
      ["one", part],
      ["two", part],
      ["three", part],
    ]);
    const at = (times: Readonly<Record<string, string>>) =>
      new Map(Object.entries(times).map(([stack, lastUpdate]) => [stack, { lastUpdate }]));
    const still = stillKnown(parts, at({ one: "1", two: "1", three: "1" }), at({ one: "1", two: "2" }));
    expect([...still.keys()]).toEqual(["one"]);
    expect([areParts(["one", "two"], parts), areParts(["one", "two"], still)]).toEqual([true, false]);
  });
});
