import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeRun, refusals, SAFEGUARDS, type StackFacts } from "../../../../../fleet/run/preflight/index.ts";
import { type Fate, type Item, KINDS, type Kind } from "../../../../../fleet/run/preflight/types.ts";

// What breaks when these fail: a cut sites.csv deletes the estate, or an ordinary change is refused.

/** A stack with `there` things of a kind, of which the first `gone` go. */
function facts(kind: Kind, there: number, gone: number, fate: Fate = "deleted", zone?: string): StackFacts {
  const items = Array.from(
    { length: there },
    (_, index): Item => ({
      kind,
      name: `${kind}${index}`,
      ...(zone ? { zone } : {}),
      ...(index < gone ? { fate } : {}),
    }),
  );
  return { stack: "prod-cell-07", inRun: true, items, protected: [] };
}
const refused = (all: readonly StackFacts[], allow: (typeof SAFEGUARDS)[number][] = []) =>
  refusals(judgeRun(all, { allow }));

describe("shares", () => {
  it.each([
    ["below the floor nothing is judged", 9, 9, false],
    ["exactly 30 % passes", 10, 3, false],
    ["one more does not", 10, 4, true],
    ["sites cut from 1500 to 15", 1500, 1485, true],
    ["sites cut from 60 to 15", 60, 45, true],
    ["services cut from 22 to 15, 31.8 %", 22, 7, true],
    ["services cut from 22 to 16, 27.3 %", 22, 6, false],
    ["nothing goes", 1500, 0, false],
  ])("%s", (_, there, gone, wanted) => {
    for (const kind of ["site", "service", "secret", "record"] as const) {
      for (const fate of ["deleted", "replaced"] as const) {
        const found = refused([facts(kind, there, gone, fate)]);
        expect(found.map(({ rule }) => rule)).toEqual(wanted ? [`mass-delete.${kind}`] : []);
      }
    }
  });

  it("says the figures and the limit", () => {
    const [found] = refused([facts("site", 60, 45)]);
    expect(found).toMatchObject({
      scope: "estate",
      sentence: "45 of 60 sites (75 %) would be deleted",
      figures: { there: 60, deleted: 45, replaced: 0, percent: 75, limit: 30, floor: 10 },
      safeguard: "mass-delete",
    });
  });

  it("counts what is deleted and replaced together", () => {
    const half = facts("site", 6, 2);
    const other = { ...facts("site", 6, 2, "replaced"), stack: "prod-cell-08" };
    expect(refused([half, other])[0]?.sentence).toBe("4 of 12 sites (33.3 %) would be deleted (2) or replaced (2)");
  });

  it("judges a run on one cell by what the catalog takes away from the estate", () => {
    const here = facts("site", 5, 4);
    const rest = { ...facts("site", 55, 41), stack: "prod-cell-08", inRun: false };
    expect(refused([here, rest])[0]?.sentence).toBe("45 of 60 sites (75 %) would be deleted, 4 of them by this run");
    // A large part of one small cell is a small part of the estate.
    expect(refused([here, { ...facts("site", 55, 0), stack: "prod-cell-08", inRun: false }])).toEqual([]);
    // A run that takes nothing away is not to blame.
    expect(refused([facts("site", 5, 0), rest])).toEqual([]);
  });

  it("judges records within their zone as well", () => {
    const small = facts("record", 12, 4, "deleted", "a.example");
    const large = { ...facts("record", 100, 0, "deleted", "b.example"), stack: "prod-plesk" };
    expect(refused([small, large]).map(({ scope, sentence }) => [scope, sentence])).toEqual([
      ["a.example", "4 of 12 DNS records of zone a.example (33.3 %) would be deleted"],
    ]);
  });

  it("tells of many updates and refuses none", () => {
    const found = judgeRun([facts("site", 1500, 1500, "updated")], { allow: [] });
    expect(found.map(({ rule, severity }) => [rule, severity])).toEqual([["mass-update.site", "inform"]]);
    expect(found[0]?.sentence).toBe("1500 of 1500 sites (100 %) are changed");
  });
});

describe("safeguards", () => {
  it.each([
    ["zone", "delete-zone"],
    ["database", "delete-database"],
    ["project", "delete-project"],
    ["environment", "delete-environment"],
  ] as const)("a single %s needs %s, whatever else is lifted", (kind, safeguard) => {
    for (const fate of ["deleted", "replaced"] as const) {
      const one = [facts(kind, 3, 1, fate)];
      expect(refused(one).map(({ rule }) => rule)).toEqual([safeguard]);
      expect(
        refused(
          one,
          SAFEGUARDS.filter((name) => name !== safeguard),
        ),
      ).toHaveLength(1);
      expect(refused(one, [safeguard])).toEqual([]);
    }
    expect(refused([facts(kind, 3, 1, "updated")])).toEqual([]);
  });

  it("each lifts exactly its rule", () => {
    const both = [facts("site", 60, 45), { ...facts("zone", 3, 1), stack: "prod" }];
    expect(refused(both, ["mass-delete"]).map(({ rule }) => rule)).toEqual(["delete-zone"]);
    expect(judgeRun(both, { allow: ["mass-delete"] }).find(({ rule }) => rule === "mass-delete.site")?.lifted).toBe(
      true,
    );
  });

  it("none lifts protection, and the way on is said", () => {
    const urn = "urn:pulumi:prod::sitefleet::cloudflare:index/zone:Zone::a.example";
    const one = { urn, type: "cloudflare:index/zone:Zone", name: "a.example", fate: "deleted" as const };
    const found = refused([{ stack: "prod", inRun: true, items: [], protected: [one] }], [...SAFEGUARDS]);
    expect(found[0]).toMatchObject({ rule: "protected", sentence: "zone a.example is protected and would be deleted" });
    expect(found[0]?.wayOn).toContain(`pulumi state unprotect '${urn}' --stack prod`);
  });

  it("going back is stopped by protection alone", () => {
    const all = [facts("site", 60, 45), { ...facts("zone", 3, 1), stack: "prod" }];
    expect(refusals(judgeRun(all, { allow: [], direction: "back" }))).toEqual([]);
  });
});

it("refuses a share if and only if at least 10 are there and more than 30 % go", () => {
  const kinds = fc.constantFrom<Kind>("site", "service", "secret");
  fc.assert(
    fc.property(kinds, fc.nat(60), fc.nat(60), fc.integer({ min: 1, max: 5 }), (kind, there, some, parts) => {
      const gone = Math.min(some, there);
      const { items } = facts(kind, there, gone);
      // However the things are spread over stacks.
      const spread = Array.from({ length: parts }, (_, part) => ({
        stack: `s${part}`,
        inRun: true,
        items: items.filter((_, index) => index % parts === part),
        protected: [],
      }));
      expect(refused(spread).length > 0).toBe(there >= 10 && gone / there > 0.3);
    }),
  );
  expect(KINDS).toHaveLength(8);
});
