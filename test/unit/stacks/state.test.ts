import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CellState, PleskState, SharedState, SiteState } from "../../../stacks/desired.ts";
import {
  cellOfSites,
  changedHosts,
  difference,
  merge,
  mergeShared,
  sameState,
  sitesOf,
  slice,
} from "../../../stacks/state.ts";

// Breaks when going back or a wave touches a site that it is not about, loses one, or sees a difference where there is none.

const site = (host: string, commit: string): SiteState => ({
  host,
  project: { kind: "own", name: host, repository: "acme/sites", rootDirectory: "", framework: null },
  commit,
});
const named = <Part>(name: fc.Arbitrary<string>, make: (name: string, value: string) => Part) =>
  fc
    .uniqueArray(fc.record({ name, value: fc.constantFrom("1", "2", "3") }), {
      selector: (one) => one.name,
      maxLength: 8,
    })
    .map((list) => list.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ name, value }) => make(name, value)));
// Few names, so that two states share some.
const name = fc.constantFrom(..."abcdefghij");
const hosts = fc.subarray([..."abcdefghij"]);
const cells = named(name, site).map((sites): CellState => ({ kind: "cell", sites }));
const zone = (name: string, target: string) => ({ name, mode: "existing", kind: "cname", target, records: [] });
const shared = fc
  .record({
    projects: named(name, (name, commit) => ({ name, repository: "acme/a", commit, wildcardDomains: [] })),
    zones: named(name, zone),
    secrets: named(name, (name, value) => ({ name, source: "fixed", value })),
    environment: fc.constantFrom("production", "staging"),
  })
  .map(
    ({ projects, zones, secrets, environment }) =>
      ({
        kind: "shared",
        projects,
        zones,
        environment: { owner: "acme", repository: "fleet", environment, secrets },
      }) as unknown as SharedState,
  );
const plesk = fc
  .record({
    hosts: named(name, (key, address) => ({ key, address })),
    services: named(name, (key, artifactDigest) => ({ key, artifactDigest })),
  })
  .map((state) => ({ kind: "plesk", ...state }) as unknown as PleskState);

describe("a slice", () => {
  it("holds the sites that are asked for and that there are, and no other", () => {
    fc.assert(
      fc.property(cells, hosts, (state, some) => {
        const expected = state.sites.filter(({ host }) => some.includes(host));
        expect(slice(state, some)).toEqual({ kind: "cell", sites: expected });
      }),
    );
  });

  it("of a slice is the same slice", () => {
    fc.assert(
      fc.property(cells, hosts, (state, some) => {
        expect(slice(slice(state, some), some)).toEqual(slice(state, some));
      }),
    );
  });

  it("of what is no cell, or of nothing, is empty", () => {
    const empty = { kind: "cell", sites: [] };
    fc.assert(
      fc.property(fc.oneof(shared, plesk, fc.constantFrom(null, undefined)), (state) => {
        expect(sitesOf(state)).toEqual([]);
        expect(slice(state, ["a"])).toEqual(empty);
      }),
    );
  });
});

describe("a merge", () => {
  it("of the slices of a cell restores it, whichever way it is cut", () => {
    fc.assert(
      fc.property(cells, hosts, (state, some) => {
        const rest = sitesOf(state).flatMap(({ host }) => (some.includes(host) ? [] : [host]));
        expect(merge(slice(state, rest), slice(state, some), some)).toEqual(state);
        expect(merge(undefined, state, [...some, ...rest])).toEqual(state);
      }),
    );
  });

  it("takes these sites from the other state, also that they are not there, and leaves all others", () => {
    fc.assert(
      fc.property(cells, cells, hosts, (state, other, some) => {
        const merged = merge(state, other, some);
        expect(slice(merged, some)).toEqual(slice(other, some));
        const others = [..."abcdefghij"].filter((host) => !some.includes(host));
        expect(slice(merged, others)).toEqual(slice(state, others));
      }),
    );
  });

  it("and its way back, with the same sites, is what was before", () => {
    fc.assert(
      fc.property(cells, cells, hosts, (state, other, some) => {
        expect(merge(merge(state, other, some), state, some)).toEqual(state);
      }),
    );
  });

  it("of all that differs is the other state", () => {
    fc.assert(
      fc.property(cells, cells, (before, target) => {
        expect(merge(before, target, changedHosts({ before, target }))).toEqual(target);
      }),
    );
  });

  it("leaves the states that it is made of as they are", () => {
    fc.assert(
      fc.property(cells, cells, hosts, (state, other, some) => {
        const before = structuredClone([state, other]);
        merge(state, other, some);
        expect([state, other]).toEqual(before);
      }),
    );
  });
});

describe("the shared stack", () => {
  it("takes projects and zones by name; nothing comes and nothing goes", () => {
    fc.assert(
      fc.property(shared, shared, hosts, (state, other, some) => {
        const merged = mergeShared(state, other, new Set(some));
        expect(merged.environment).toEqual(state.environment);
        for (const list of ["projects", "zones"] as const) {
          expect(merged[list].map((one) => one.name)).toEqual(state[list].map((one) => one.name));
          for (const [index, part] of merged[list].entries()) {
            const there = some.includes(part.name) && other[list].find((one) => one.name === part.name);
            expect(part).toEqual(there || state[list][index]);
          }
        }
      }),
    );
  });
});

describe("a difference", () => {
  const pairs = fc.oneof(fc.tuple(cells, cells), fc.tuple(shared, shared), fc.tuple(plesk, plesk));

  it("is empty exactly when both declare the same", () => {
    fc.assert(
      fc.property(pairs, ([one, other]) => {
        expect(difference(one, other).length === 0).toBe(sameState(one, other));
        expect(difference(one, structuredClone(one))).toEqual([]);
      }),
    );
  });

  it("of the way back names the same parts: what came goes, what went comes", () => {
    const back = { added: "removed", changed: "changed", removed: "added" } as const;
    fc.assert(
      fc.property(pairs, ([one, other]) => {
        const expected = difference(one, other).map(({ change, ...part }) => ({ ...part, change: back[change] }));
        expect(difference(other, one)).toEqual(expected);
      }),
    );
  });

  it("names each part with its kind, sorted", () => {
    const before = cellOfSites([site("b", "1"), site("a", "1"), site("c", "1")]);
    const after = cellOfSites([site("d", "1"), site("a", "2"), site("c", "1")]);
    expect(difference(before, after)).toEqual([
      { part: "site", name: "a", change: "changed" },
      { part: "site", name: "b", change: "removed" },
      { part: "site", name: "d", change: "added" },
    ]);
    const [host, service] = [{ key: "h" }, { key: "s" }];
    expect(
      difference(undefined, { kind: "plesk", hosts: [host], services: [service] } as unknown as PleskState),
    ).toEqual([
      { part: "host", name: "h", change: "added" },
      { part: "service", name: "s", change: "added" },
    ]);
    const estate = (secrets: object[], environment: string) =>
      ({
        kind: "shared",
        projects: [{ name: "p" }],
        zones: [{ name: "z" }],
        environment: { environment, secrets },
      }) as never;
    expect(difference(estate([{ name: "S", value: 1 }], "a"), estate([{ name: "S", value: 2 }], "b"))).toEqual([
      { part: "environment", name: "", change: "changed" },
      { part: "secret", name: "S", change: "changed" },
    ]);
    expect(difference(estate([], "a"), null).map(({ part, name }) => `${part} ${name}`)).toEqual([
      "environment ",
      "project p",
      "zone z",
    ]);
  });

  it("tells a project from a zone of the same name", () => {
    const state = (projects: string[], zones: string[]) =>
      ({
        kind: "shared",
        projects: projects.map((name) => ({ name })),
        zones: zones.map((name) => ({ name })),
        environment: { secrets: [] },
      }) as never;
    expect(difference(state(["x"], []), state([], ["x"]))).toEqual([
      { part: "project", name: "x", change: "removed" },
      { part: "zone", name: "x", change: "added" },
    ]);
  });

  it("looks only at what its view leaves", () => {
    const [before, after] = [cellOfSites([site("a", "1")]), cellOfSites([site("a", "2")])];
    expect(difference(before, after, (part) => ({ ...part, commit: undefined }))).toEqual([]);
  });

  it("has no hosts for what is no cell", () => {
    fc.assert(
      fc.property(shared, shared, (before, target) => {
        expect(changedHosts({ before, target })).toEqual([]);
      }),
    );
  });
});
