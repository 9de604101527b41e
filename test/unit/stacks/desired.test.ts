import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseStacks } from "../../../fleet/run/choose.ts";
import { type Catalog, loadCatalog, type Site } from "../../../model/index.ts";
import { desiredState } from "../../../stacks/desired.ts";
import { canonicalJson, digestOf } from "../../../stacks/digest.ts";
import { stackKind, stackNames } from "../../../stacks/names.ts";
import { PROJECT_ROOT } from "../../../stacks/root.ts";

// What breaks when these fail: a changed row opens stacks that it has nothing to do with, or a changed one is not seen.

const catalog = loadCatalog(`${PROJECT_ROOT}/catalog`);
const digests = (of: Catalog) => new Map(stackNames(of).map((stack) => [stack, digestOf(desiredState(of, stack))]));
const withSites = (sites: readonly Site[]): Catalog => ({ ...catalog, sites });

describe("desired state", () => {
  it("holds every site exactly once over all cells", () => {
    const hosts = stackNames(catalog).flatMap((stack) => {
      const state = desiredState(catalog, stack);
      return state?.kind === "cell" ? state.sites.map(({ host }) => host) : [];
    });
    expect(hosts.sort()).toEqual(catalog.sites.map(({ host }) => host).sort());
  });

  it("does not depend on the order of rows", () => {
    expect(digests(withSites([...catalog.sites].reverse()))).toEqual(digests(catalog));
  });

  it("changes the digest of one cell and no other when a site of its own changes", () => {
    const before = digests(catalog);
    const own = catalog.sites.filter(({ project }) => project === "own");
    fc.assert(
      fc.property(fc.constantFrom(...own), (site) => {
        const changed = catalog.sites.map((one) => (one === site ? { ...one, rootDirectory: "elsewhere" } : one));
        const after = digests(withSites(changed));
        expect([...after].filter(([stack, digest]) => before.get(stack) !== digest)).toHaveLength(1);
      }),
      { numRuns: 15 },
    );
  });

  it("does not contain a row's line, which moves when others are inserted", () => {
    const moved = catalog.sites.map((site) => ({ ...site, line: site.line + 1 }));
    expect(digests(withSites(moved))).toEqual(digests(catalog));
  });
});

describe("how releases are checked", () => {
  // Breaks when checks.yaml says how a site is asked and its releases go live without it.
  it("comes from checks.yaml, a site's own layer included; shared projects have theirs", () => {
    const [one, other] = catalog.sites.filter(({ project }) => project === "own") as [Site, Site];
    const checks = {
      ...catalog.checks,
      sites: { [one.host]: { path: "/ready", release: { required: false } } },
      deployments: { tries: 9 },
    };
    const of = { ...catalog, checks };
    const checkOf = (site: Site) => {
      const cell = stackNames(of).map((stack) => desiredState(of, stack));
      return cell
        .flatMap((state) => (state?.kind === "cell" ? state.sites : []))
        .find(({ host }) => host === site.host);
    };
    expect(checkOf(one)?.check).toMatchObject({
      path: "/ready",
      marker: "{ref}",
      tries: 9,
      release: { header: "x-commit" },
    });
    expect(checkOf(one)?.check?.release).not.toHaveProperty("required");
    expect(checkOf(other)?.check).toMatchObject({ path: "/", tries: 9, release: { required: true } });
    const shared = desiredState(of, "prod");
    const releases = shared?.kind === "shared" ? shared.projects.map(({ release }) => release) : [];
    expect(releases.length).toBeGreaterThan(0);
    for (const release of releases) expect(release).toMatchObject({ check: { marker: "{ref}", tries: 9 } });
  });
});

describe("names of stacks", () => {
  it("are recognised, and nothing else is", () => {
    for (const name of stackNames(catalog)) expect(stackKind(name)).toBeDefined();
    for (const name of ["prod-cell-256", "prod-cell-7", "prod-cell-0007", "dev", "prod-cell-", "prod-plesk-2"])
      expect(stackKind(name)).toBeUndefined();
  });

  it("start with the shared stack, and a cell that lost its last site is opened once more", () => {
    const { stacks, retired } = chooseStacks(withSites([]), new Set(["prod-cell-07", "somebody-elses"]));
    expect(stacks).toEqual(["prod", "prod-plesk", "prod-cell-07"]);
    expect([...retired]).toEqual(["prod-cell-07"]);
    expect(() => chooseStacks(catalog, new Set(), ["prod-cell-99"])).toThrow("not a stack");
  });
  it("can leave out a stack that is not there, but no name that is none", () => {
    const without = { ...catalog, services: [] };
    expect(chooseStacks(without, new Set(), [], ["prod-plesk"]).stacks).not.toContain("prod-plesk");
    expect(() => chooseStacks(catalog, new Set(), [], ["prod-cell-99"])).toThrow("not a stack");
  });
});

describe("canonical JSON", () => {
  it("is the same for equal values whatever the order of their keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(turned)).toBe(canonicalJson(value));
      }),
    );
  });

  // Breaks when digests that stacks bear already would be other ones: every stack of every estate is opened then.
  it("is what JSON with each object's keys in order is", () => {
    const slowly = (value: unknown) =>
      JSON.stringify(value, (_key, item: unknown) =>
        item !== null && typeof item === "object" && !Array.isArray(item)
          ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
          : item,
      );
    const own = { toJSON: (key: string) => ({ z: key, a: [undefined, () => 1, Symbol("s")] }) };
    const odd = { z: 1, ...JSON.parse('{"__proto__": {"b": 1, "a": 2}}'), 10: 1, 9: new Date(0), own, no: undefined };
    for (const value of [odd, [odd, null, Number.NaN], own, new Map([[1, 2]]), null, "x"])
      expect(canonicalJson(value)).toBe(slowly(value));
    fc.assert(
      fc.property(fc.anything({ withDate: true }), (value) => {
        expect(canonicalJson(value)).toBe(slowly(value));
      }),
    );
  });
});
