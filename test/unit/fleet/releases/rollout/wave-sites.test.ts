import { expect, test } from "vitest";
import { waveLosses } from "../../../../../fleet/releases/rollout/wave-losses.ts";
import { expectedIn, sitesOf } from "../../../../../fleet/releases/rollout/wave-sites.ts";
import { type Catalog, type Site, sharedProjectName, stackOf } from "../../../../../model/index.ts";
import type { SiteState, StackState } from "../../../../../stacks/desired.ts";
import { stateText, writeState } from "../../../../support/states.ts";
import { tempDir } from "../../../plesk/support/temp.ts";

// Breaks when a wave is judged by other sites than it changes, by another release than it brought, or when what would be
// lost by going back is not seen.

const site = (name: string, more: Partial<Site> = {}): Site =>
  ({
    name,
    zone: "one.de",
    host: `${name}.one.de`,
    project: "own",
    repository: "acme/sites",
    rootDirectory: "",
    channel: "stable",
    tags: [],
    cell: "07",
    ...more,
  }) as never;
const own = site("own");
const shared = site("shared", { project: "shared", repository: "acme/landing" });
const other = site("other", { project: "shared", repository: "acme/other" });
const far = site("far", { zone: "two.de", host: "far.two.de" });
const sites = [own, shared, other, far];
const catalog = {
  sites,
  releases: { channels: { stable: { ref: "declared", repositories: {} } } },
} as unknown as Catalog;
const cellOf = (...states: [Site, string][]): StackState => ({
  kind: "cell",
  sites: states.map(
    ([{ host }, commit]): SiteState => ({ host, project: { kind: "own", name: host } as never, commit }),
  ),
});
const prod = (projects: Record<string, string>, zones: Record<string, string> = {}): StackState =>
  ({
    kind: "shared",
    projects: Object.entries(projects).map(([name, commit]) => ({ name, commit, repository: "acme/landing" })),
    zones: Object.entries(zones).map(([name, target]) => ({ name, target, mode: "create" })),
    environment: { secrets: [] },
  }) as never;
const wave = { kind: "shared", hosts: {} } as const;
const names = (some: readonly Site[]) => some.map(({ name }) => name);

test("the shared stack is judged by the sites of the projects and zones that it changes, and by no others", () => {
  const project = sharedProjectName(shared);
  const same = { "one.de": "x", "two.de": "x" };
  const states = (then: StackState, now: StackState) => ({ before: { prod: then }, target: { prod: now } });
  const released = states(prod({ [project]: "old", rest: "a" }, same), prod({ [project]: "new", rest: "a" }, same));
  expect(names(sitesOf(catalog, released, wave))).toEqual(["shared"]);
  const rezoned = states(prod({}, same), prod({}, { ...same, "two.de": "y" }));
  expect(names(sitesOf(catalog, rezoned, wave))).toEqual(["far"]);
  expect(sitesOf(catalog, { before: { prod: null }, target: { prod: prod({}, same) } }, wave)).toEqual([]);
});

test("sites are to serve what their stack is; those of other stacks what the catalog says, and one that is new nothing before", () => {
  const stack = stackOf(own);
  const releases = { ...catalog };
  expect([...expectedIn({ [stack]: cellOf([own, "old"]) }, releases, [own])]).toEqual([[own.host, { ref: "old" }]]);
  expect(expectedIn({ [stack]: cellOf() }, releases, [own]).has(own.host)).toBe(false);
  expect(expectedIn({ [stack]: null }, releases, [own]).has(own.host)).toBe(false);
  const project = sharedProjectName(shared);
  expect(expectedIn({ prod: prod({ [project]: "p" }) }, releases, [shared]).get(shared.host)).toEqual({ ref: "p" });
});

test("a site whose project the wave has deleted does not go back by itself; one that is there still does", async () => {
  const dir = tempDir("losses-");
  const [gone, there] = [site("gone"), site("there")];
  const stack = stackOf(gone);
  const env = { PULUMI_BACKEND_URL: `file://${dir}` };
  const record = { before: { [stack]: cellOf([gone, "a"], [there, "a"]) }, target: { [stack]: cellOf() } };
  const both = { kind: "sites", hosts: { [stack]: [gone.host, there.host] } } as never;
  const state = stateText(stack, { resources: 1 }).replaceAll("::site-0", `::${there.host}`);
  writeState(dir, `stacks/sitefleet/${stack}.json`, state);
  const losses = await waveLosses(record, both, env);
  expect(losses).toMatchObject({ left: { [stack]: [gone.host] } });
  expect(losses.held).toBeUndefined();
  expect(losses.reasons.join()).toContain(gone.host);
  const nothing = await waveLosses({ ...record, target: record.before }, both, env);
  expect(nothing).toEqual({ left: {}, reasons: [] });
});

test("the shared stack is held where going back would lose a zone, or where there is nothing to go back to", async () => {
  const shared = { kind: "shared", hosts: {} } as never;
  const lost = { before: { prod: prod({}, { "one.de": "x" }) }, target: { prod: prod({}) } };
  expect((await waveLosses(lost, shared)).held).toContain("one.de");
  const fresh = { before: { prod: null }, target: { prod: prod({}) } };
  expect((await waveLosses(fresh, shared)).held).toContain("new");
  const moved = { before: { prod: prod({ p: "a" }) }, target: { prod: prod({ p: "b" }) } };
  expect(await waveLosses(moved, shared)).toEqual({ left: {}, reasons: [] });
});
