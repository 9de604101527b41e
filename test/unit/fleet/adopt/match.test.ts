import { describe, expect, it } from "vitest";
import { match } from "../../../../fleet/adopt/match.ts";
import { type Wanted, wantedOf } from "../../../../fleet/adopt/wanted.ts";
import type { CellState, SharedState, StackState } from "../../../../stacks/desired.ts";
import type { Seen } from "../../../../vendors/inventory.ts";

// What breaks when these fail: an adoption takes the wrong object, or passes one over without a word.

const COMMIT = "3f0c8a1e5d7b94260af1c3e8d95b7a2046c81df3";
const site = (host: string, root = `sites/${host}`): CellState["sites"][number] => ({
  host,
  project: {
    kind: "own",
    name: host.replaceAll(".", "-"),
    repository: "acme/Sites",
    rootDirectory: root,
    framework: null,
  },
  commit: COMMIT,
});
const cell = (...sites: CellState["sites"]): ReadonlyMap<string, StackState> =>
  new Map([["prod-cell-00", { kind: "cell", sites }]]);

let next = 0;
const project = (name: string, facts: object = {}): Seen => ({
  vendor: "host",
  role: "project",
  id: `prj_${next++}`,
  name,
  facts: { repository: "acme/sites", rootDirectory: `sites/${name}`, framework: null, ...facts },
});
const domain = (name: string, of: Seen): Seen => ({
  vendor: "host",
  role: "site-domain",
  id: `${of.id}/${name}`,
  name,
  of: of.id,
  facts: {},
});
const release = (of: Seen, commit?: string): Seen => ({
  vendor: "host",
  role: "release",
  id: `dpl_${of.id}`,
  name: of.name,
  of: of.id,
  automatic: true,
  facts: { commit },
});
const shown = ({ matched, ties, missing, foreign, unsupported }: ReturnType<typeof match>) => ({
  matched: matched.map(({ wanted, seen, confidence }) => `${wanted.role} ${wanted.name} ${seen.name} ${confidence}`),
  ties: ties.map(({ wanted, seen }) => [wanted.map(({ name }) => name), seen.map(({ name }) => name)]),
  missing: missing.map(({ role, name }) => `${role} ${name}`),
  foreign: foreign.map(({ role, name }) => `${role} ${name}`),
  unsupported: unsupported.map(({ role, name }) => `${role} ${name}`),
});

describe("sites", () => {
  it("are known by their host, whatever their project is called, with domain and release", () => {
    const live = project("old-name", { rootDirectory: "sites/a.example.org" });
    const wanted = wantedOf(cell(site("a.example.org")));
    expect(shown(match(wanted, [live, domain("a.example.org", live), release(live, COMMIT)]))).toEqual({
      matched: [
        "project a-example-org old-name 100",
        "site-domain a.example.org a.example.org 100",
        "release a.example.org old-name 100",
      ],
      ties: [],
      missing: [],
      foreign: [],
      unsupported: [],
    });
  });

  it("say so when the project that serves the host is built from something else", () => {
    const live = project("a", { repository: "acme/other", rootDirectory: "" });
    const { matched } = match(wantedOf(cell(site("a.example.org"))), [live, domain("a.example.org", live)]);
    expect(matched[0]).toMatchObject({ confidence: 80, reason: "serves its host, and is built from something else" });
  });

  it("are never guessed: two idle projects of one folder, and one project with the hosts of two rows", () => {
    const twins = [project("one", { rootDirectory: "sites/a" }), project("two", { rootDirectory: "sites/a" })];
    expect(shown(match(wantedOf(cell(site("a.example.org", "sites/a"))), twins))).toMatchObject({
      matched: [],
      ties: [[["a-example-org"], ["one", "two"]]],
    });
    const both = project("both", { rootDirectory: "" });
    const rows = wantedOf(cell(site("a.example.org", ""), site("b.example.net", "")));
    const found = match(rows, [both, domain("a.example.org", both), domain("b.example.net", both)]);
    expect(shown(found)).toMatchObject({ matched: [], ties: [[["a-example-org", "b-example-net"], ["both"]]] });
  });

  it("of a project that a state has already are not asked for again, and their domain still is", () => {
    const live = project("a-example-org", { rootDirectory: "sites/a.example.org" });
    const wanted = wantedOf(cell(site("a.example.org")));
    const urn = wanted.find(({ role }) => role === "project")?.urn ?? "";
    const states = [{ urn, type: "vercel:index/project:Project", id: live.id }];
    const found = match(wanted, [live, domain("a.example.org", live)], { states });
    expect(found.held.map(({ role }) => role)).toEqual(["project"]);
    expect(shown(found)).toMatchObject({
      matched: ["site-domain a.example.org a.example.org 100"],
      missing: ["release a.example.org"],
      foreign: [],
    });
  });

  it("that nothing declares are counted, each in one list", () => {
    const stranger = project("stranger");
    const gitlab: Seen = { ...project("lab"), unsupported: "is linked to a repository at gitlab" };
    const automatic: Seen = { ...domain("stranger.vercel.app", stranger), automatic: true };
    const found = match([], [stranger, gitlab, automatic, domain("x.example.org", stranger)]);
    expect(shown(found)).toMatchObject({
      foreign: ["project stranger", "site-domain x.example.org"],
      unsupported: ["project lab"],
    });
  });
});

describe("records", () => {
  const zone: Seen = { vendor: "dns", role: "zone", id: "z1", name: "example.org", facts: {} };
  const record = (id: string, name: string, type: string, content: string, more: object = {}): Seen => ({
    vendor: "dns",
    role: "record",
    id,
    name,
    of: "z1",
    facts: { type, content, ttl: 1, proxied: false, ...more },
  });
  const shared = (records: SharedState["zones"][number]["records"]): Wanted[] =>
    wantedOf(
      new Map([
        [
          "prod",
          {
            kind: "shared",
            projects: [],
            zones: [
              {
                name: "example.org",
                mode: "existing",
                kind: "cname",
                wildcard: true,
                target: "cname.vercel-dns.com",
                records,
              },
            ],
            environment: { owner: "acme", repository: "web", environment: "production", secrets: [] },
          } satisfies SharedState,
        ],
      ]),
    ).filter(({ role }) => role === "record");

  it("are known by zone, name, type and content, in any spelling of a host name", () => {
    const wanted = shared([
      { host: "example.org", type: "MX", content: "mail.example.org", ttl: 1, proxied: false, priority: 10 },
    ]);
    const live = [
      zone,
      record("r1", "*.example.org", "CNAME", "CNAME.vercel-dns.com."),
      record("r2", "example.org", "MX", "mail.example.org", { priority: 10 }),
      record("r3", "example.org", "MX", "mail.example.org", { priority: 20 }),
    ];
    const found = match(wanted, live);
    expect(found.matched.map(({ seen }) => seen.id).sort()).toEqual(["r1", "r2"]);
    expect(found.foreign.map(({ id }) => id)).toEqual(["z1", "r3"]);
  });

  it("that lead a name elsewhere are taken with the difference, and a text never for another text", () => {
    const wanted = shared([
      { host: "www.example.org", type: "CNAME", content: "cname.vercel-dns.com", ttl: 1, proxied: false },
      { host: "example.org", type: "TXT", content: "v=spf1 -all", ttl: 1, proxied: false },
    ]);
    const found = match(wanted, [
      zone,
      record("r1", "www.example.org", "A", "203.0.113.7"),
      record("r2", "example.org", "TXT", "google-site-verification=1"),
    ]);
    expect(found.matched.map(({ seen, confidence }) => `${seen.id} ${confidence}`)).toEqual(["r1 60"]);
    expect(found.missing.map(({ name }) => name)).toContain("example.org/TXT/v=spf1 -all");
  });

  it("of a name that two zones have are not guessed", () => {
    const found = match(shared([]), [
      zone,
      { ...zone, id: "z2" },
      record("r1", "*.example.org", "CNAME", "cname.vercel-dns.com"),
    ]);
    expect(found.matched).toEqual([]);
  });
});
