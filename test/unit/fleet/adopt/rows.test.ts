import { describe, expect, it } from "vitest";
import { planRows } from "../../../../fleet/adopt/rows.ts";
import type { Catalog } from "../../../../model/index.ts";
import type { Seen } from "../../../../vendors/inventory.ts";

// What breaks when these fail: a row is written that declares something else than what exists, or an object is left out without a word.

const COMMIT = "3f0c8a1e5d7b94260af1c3e8d95b7a2046c81df3";
const catalog = {
  zones: [{ name: "example.org", mode: "existing", wildcard: true, records: [] }],
  sites: [],
  services: [],
  releases: { stable: { ref: COMMIT, repositories: {} } },
} as unknown as Catalog;
const project = (id: string, facts: object = {}): Seen => ({
  vendor: "host",
  role: "project",
  id,
  name: id,
  facts: { repository: "acme/sites", rootDirectory: `sites/${id}`, framework: "astro", ...facts },
});
const domain = (name: string, of: string, more: Partial<Seen> = {}): Seen => ({
  vendor: "host",
  role: "site-domain",
  id: `${of}/${name}`,
  name,
  of,
  facts: {},
  ...more,
});
const serving = (of: string, commit?: string): Seen => ({
  vendor: "host",
  role: "release",
  id: `d-${of}`,
  name: of,
  of,
  automatic: true,
  facts: { commit },
});
const planned = (...seen: Seen[]) => planRows({ foreign: seen.filter(({ automatic }) => !automatic) }, seen, catalog);

describe("rows for what exists", () => {
  it("take the channel that pins what is live, else make one that says so; an unknown commit is declared as such", () => {
    const { sites, channels } = planned(
      ...[project("a"), domain("a.example.org", "a"), serving("a", COMMIT)],
      ...[project("b"), domain("example.org", "b"), serving("b", "b".repeat(40))],
      ...[project("c"), domain("c.example.org", "c"), serving("c")],
    );
    expect(sites.map(({ name, channel, project: kind }) => [name, channel, kind])).toEqual([
      ["@", "live-bbbbbbbbbbbb", "own"],
      ["a", "stable", "own"],
      ["c", "live-unknown", "own"],
    ]);
    expect(channels).toEqual([
      { name: "live-bbbbbbbbbbbb", ref: "b".repeat(40) },
      { name: "live-unknown", ref: "unknown" },
    ]);
  });

  it("declare a project with several hosts as shared, and leave it where another has the same source", () => {
    const two = [domain("a.example.org", "a"), domain("b.example.org", "a")];
    expect(planned(project("a"), ...two).sites.map(({ project: kind }) => kind)).toEqual(["shared", "shared"]);
    const { sites, left } = planned(project("a"), ...two, project("twin", { rootDirectory: "sites/a" }));
    expect(sites).toEqual([]);
    expect(left[0]?.reason).toContain("another project is built from the same repository and folder");
  });

  it("are not written for what the catalog has no word for, and each says why", () => {
    const { sites, left } = planned(
      ...[project("a", { framework: "own-thing" }), domain("a.example.org", "a")],
      ...[project("b"), domain("b.elsewhere.net", "b")],
      ...[project("c"), domain("www.example.org", "c", { unsupported: "redirects to example.org" })],
    );
    expect(sites).toEqual([]);
    expect(left.map(({ seen, reason }) => `${seen.name}: ${reason}`)).toEqual([
      "a: is built with own-thing, which the catalog does not know",
      "b: serves b.elsewhere.net, which is in no zone that was read",
      "www.example.org: redirects to example.org",
      "c: serves no host of its own",
    ]);
  });
});
