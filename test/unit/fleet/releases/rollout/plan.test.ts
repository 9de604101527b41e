import fc from "fast-check";
import { expect, test } from "vitest";
import { planWaves } from "../../../../../fleet/releases/rollout/plan.ts";
import { defaultRollout } from "../../../../../model/assemble/rollout.ts";
import { cellOf, DEFAULT_CELLS, stackOfCell } from "../../../../../model/index.ts";
import type { CellState, SiteState } from "../../../../../stacks/desired.ts";
import { changedHosts, merge, type StackChange } from "../../../../../stacks/state.ts";

// Breaks when a site goes out twice or never, when a wave is larger than its share, or when two releases of a site meet.

const site = (host: string, commit: string): SiteState => ({
  host,
  project: { kind: "own", name: host, repository: "acme/sites", rootDirectory: "", framework: null } as never,
  commit,
});
const cell = (sites: readonly SiteState[]): CellState => ({ kind: "cell", sites });

interface Given {
  readonly name: string;
  readonly canary: boolean;
  readonly fate: "changed" | "same" | "new" | "removed";
}
const estates = fc.uniqueArray(
  fc.record<Given>({
    name: fc.stringMatching(/^[a-z]{1,6}$/),
    canary: fc.boolean(),
    fate: fc.constantFrom("changed", "changed", "same", "new", "removed"),
  }),
  { selector: ({ name }) => name, maxLength: 60 },
);

function changesOf(given: readonly Given[]): StackChange[] {
  const stacks = Map.groupBy(given, ({ name, canary }) =>
    stackOfCell(cellOf({ host: name, tags: canary ? ["canary"] : [] }, DEFAULT_CELLS)),
  );
  return [...stacks].map(([stack, list]) => ({
    stack,
    before: cell(list.filter(({ fate }) => fate !== "new").map(({ name }) => site(name, "old"))),
    target: cell(
      list
        .filter(({ fate }) => fate !== "removed")
        .map(({ name, fate }) => site(name, fate === "same" ? "old" : "new")),
    ),
  }));
}
const hostsIn = (waves: ReturnType<typeof planWaves>) => waves.map(({ hosts }) => Object.values(hosts).flat());

test("every site that changes, comes or goes is in exactly one wave, and no other", () => {
  fc.assert(
    fc.property(estates, (given) => {
      const all = hostsIn(planWaves(changesOf(given), defaultRollout())).flat();
      expect(all.toSorted()).toEqual(
        given
          .filter(({ fate }) => fate !== "same")
          .map(({ name }) => name)
          .sort(),
      );
    }),
  );
});

test("waves are the same in whatever order stacks come, hold no more than their share, and canaries are first", () => {
  fc.assert(
    fc.property(estates, (given) => {
      const rules = defaultRollout();
      const waves = planWaves(changesOf(given), rules);
      expect(planWaves(changesOf(given).toReversed(), rules).map(({ name }) => name)).toEqual(
        waves.map(({ name }) => name),
      );
      const count = hostsIn(waves).flat().length;
      const canaries = given.filter(({ canary, fate }) => canary && fate !== "same").length;
      let reached = 0;
      for (const [index, { name }] of waves.entries()) {
        reached += hostsIn(waves)[index]?.length ?? 0;
        const share = rules.waves.find((rule) => rule.name === name)?.share;
        if (share === "canary") expect(reached).toBe(canaries);
        else expect(reached).toBeLessThanOrEqual(Math.max(canaries, Math.ceil((count * (share ?? 0)) / 100)));
      }
      expect(waves.filter(({ kind }) => kind === "last").length).toBe(count > 0 ? 1 : 0);
    }),
  );
});

test("a wave opens no more stacks than its sites need: at most one cell is divided at its edge", () => {
  fc.assert(
    fc.property(estates, (given) => {
      const waves = planWaves(changesOf(given), defaultRollout());
      for (const [index, { hosts }] of waves.entries()) {
        const before = new Set(waves.slice(0, index).flatMap((wave) => Object.keys(wave.hosts)));
        expect(Object.keys(hosts).filter((stack) => before.has(stack)).length).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test("each wave changes its own sites only, and all waves together reach the catalog", () => {
  fc.assert(
    fc.property(estates, (given) => {
      const changes = changesOf(given);
      const waves = planWaves(changes, defaultRollout());
      for (const { stack, before, target } of changes) {
        let state = before as CellState;
        for (const { hosts } of waves) {
          const own = hosts[stack] ?? [];
          const next = merge(state, target, own);
          expect(changedHosts({ before: state, target: next })).toEqual([...own].sort());
          // Going back from there is what was before.
          expect(changedHosts({ before: merge(next, before, own), target: state })).toEqual([]);
          state = next;
        }
        expect(changedHosts({ before: state, target })).toEqual([]);
      }
    }),
  );
});

test("the shared stack is a wave of its own before all others, when it changes", () => {
  const shared = (commit: string) => ({ kind: "shared", projects: [{ commit }], zones: [], environment: {} }) as never;
  const sites = changesOf([{ name: "a", canary: true, fate: "changed" }]);
  const waves = planWaves(
    [...sites, { stack: "prod", before: shared("old"), target: shared("new") }],
    defaultRollout(),
  );
  expect(waves.map(({ kind }) => kind)).toEqual(["shared", "last"]);
  const same = planWaves([...sites, { stack: "prod", before: shared("old"), target: shared("old") }], defaultRollout());
  expect(same.map(({ kind }) => kind)).toEqual(["last"]);
});

test("groups of services are waves after the one that the rules name, or the last, and change nothing of the sites' waves", () => {
  const sites = changesOf([
    { name: "a", canary: true, fate: "changed" },
    { name: "b", canary: false, fate: "changed" },
  ]);
  const namesOf = (services: object | undefined, groups: string[][], changes = sites) =>
    planWaves(changes, { ...defaultRollout(), services } as never, groups).map(({ name, kind }) => `${name} ${kind}`);
  const alone = namesOf(undefined, []);
  expect(alone).toEqual(["canary sites", "all last"]);
  const both = [["idp"], ["crm", "docs"]];
  expect(namesOf({}, both)).toEqual([...alone, "services-1 services", "services-2 services"]);
  expect(namesOf({ after: "canary" }, [["idp"]])).toEqual(["canary sites", "services services", "all last"]);
  // A wave that has no site this time is followed all the same.
  expect(namesOf({ after: "few" }, [["idp"]])).toEqual(["canary sites", "services services", "all last"]);
  expect(namesOf({}, [["idp"]], [])).toEqual(["services services"]);
});
