import { describe, expect, it } from "vitest";
import { isCertain } from "../../../../../fleet/run/preflight/certain.ts";
import { type FactsOptions, factsOf } from "../../../../../fleet/run/preflight/facts.ts";
import type { PleskState, SiteState, StackState } from "../../../../../stacks/desired.ts";
import { cell, SHARED, shared, siteState } from "../../releases/health-gate/world.ts";
import { RECORD, resource, SECRET, SERVICE, SITE, ZONE } from "./world.ts";

// What breaks when these fail: something goes that the preflight does not know of.

const of = (options: Partial<FactsOptions> & Pick<FactsOptions, "resources">) =>
  factsOf({ stack: "s", inRun: true, declared: cell(), zones: ["qmoney.de"], ...options });
const fates = (options: Partial<FactsOptions> & Pick<FactsOptions, "resources">) =>
  of(options).items.map(({ kind, name, fate }) => `${kind} ${name} ${fate ?? "stays"}`);
const site = (name: string) => resource(SITE, `${name}.qmoney.de`);
const plesk = (...services: object[]) => ({ kind: "plesk", hosts: [], services }) as unknown as PleskState;

describe("what goes", () => {
  it("is what the state holds and the declaration does not", () => {
    const declared = cell(siteState("a", "1"));
    expect(fates({ resources: [site("a"), site("b")], declared })).toEqual([
      "site a.qmoney.de stays",
      "site b.qmoney.de deleted",
    ]);
  });

  it("is everything of a stack that the catalog has emptied", () => {
    expect(fates({ resources: [site("a"), site("b")], declared: undefined })).toEqual([
      "site a.qmoney.de deleted",
      "site b.qmoney.de deleted",
    ]);
  });

  it("takes a zone's records with it, a service's, and what protects the zone is known", () => {
    const zone = [ZONE, "old.example"] as const;
    const resources = [
      resource(...zone),
      resource("cloudflare:index/zone:Zone", "old.example", { parent: zone, protect: true }),
      resource(RECORD, "*.old.example/CNAME", { parent: zone }),
    ];
    const facts = of({ resources, declared: shared("1"), zones: ["old.example"] });
    expect(facts.items.map(({ kind, fate }) => [kind, fate])).toEqual([
      ["zone", "deleted"],
      ["record", "deleted"],
    ]);
    expect(facts.protected.map(({ name, fate }) => [name, fate])).toEqual([["old.example", "deleted"]]);
  });

  it("is a created zone that is to be used as an existing one", () => {
    const zone = [ZONE, "qmoney.de"] as const;
    const resources = [
      resource(...zone),
      resource("cloudflare:index/zone:Zone", "qmoney.de", { parent: zone, protect: true }),
    ];
    expect(fates({ resources, declared: shared("1", { mode: "existing" }) })).toEqual(["zone qmoney.de deleted"]);
    expect(fates({ resources, declared: shared("1", { mode: "create" }) })).toEqual(["zone qmoney.de stays"]);
  });

  it("is a service with its record; one that is protected is known", () => {
    const service = [SERVICE, "docs"] as const;
    const resources = [
      resource(...service),
      resource(RECORD, "docs.qmoney.de/A", { parent: service }),
      resource("command:local:Command", "docs", { parent: service, protect: true }),
    ];
    const facts = of({ resources, declared: plesk() });
    expect(facts.items.map(({ kind, zone, fate }) => [kind, zone, fate])).toEqual([
      ["service", undefined, "deleted"],
      ["record", "qmoney.de", "deleted"],
    ]);
    expect(facts.protected).toHaveLength(1);
    // A deployment of other services touches none of it.
    expect(of({ resources, declared: plesk(), services: ["wiki"] }).protected).toEqual([]);
  });

  it("is a database that a service lets go of, or changes", () => {
    const service = (name?: string) => ({ key: "games", ...(name ? { database: { engine: "mariadb", name } } : {}) });
    const resources = [resource(SERVICE, "games")];
    const found = (declared: PleskState) => fates({ resources, before: plesk(service("mo")), declared })[1];
    expect(found(plesk(service("mo")))).toBe("database mo of games stays");
    expect(found(plesk(service("mo2")))).toBe("database mo of games replaced");
    expect(found(plesk(service()))).toBe("database mo of games deleted");
    expect(found(plesk())).toBe("database mo of games deleted");
  });

  it("is a site whose project is another one", () => {
    const before = cell(siteState("a", "1"));
    const declared = cell(siteState("a", "1", { shared: true }));
    expect(fates({ resources: [site("a")], before, declared })).toEqual(["site a.qmoney.de replaced"]);
  });
});

describe("what a preview adds", () => {
  const step = (op: string, type: string, name: string, parent = "") => ({ op, urn: `u:${name}`, type, name, parent });

  it("is records that go, and what is replaced", () => {
    const resources = [
      resource(SITE, "a.qmoney.de"),
      resource(SECRET, "production/TOKEN"),
      resource(RECORD, "x.qmoney.de/A"),
      resource(RECORD, "y.qmoney.de/A"),
    ];
    const steps = [
      step("replace", "vercel:index/projectDomain:ProjectDomain", "a.qmoney.de", "a.qmoney.de"),
      step("replace", "random:index/randomPassword:RandomPassword", "production/TOKEN"),
      step("delete", RECORD, "x.qmoney.de/A"),
      step("update", RECORD, "y.qmoney.de/A"),
    ];
    const declared = { ...cell(siteState("a", "1")) };
    expect(fates({ resources, declared, steps })).toEqual([
      "site a.qmoney.de replaced",
      "secret production/TOKEN replaced",
      "record x.qmoney.de/A deleted",
      "record y.qmoney.de/A updated",
    ]);
  });

  it("is a protected resource that would be replaced", () => {
    const steps = [{ ...step("replace", "cloudflare:index/zone:Zone", "qmoney.de"), protect: true as const }];
    expect(of({ resources: [], steps }).protected.map(({ name, fate }) => [name, fate])).toEqual([
      ["qmoney.de", "replaced"],
    ]);
  });
});

const renamed = (site: SiteState): SiteState =>
  site.project.kind === "own" ? { ...site, project: { ...site.project, name: "other" } } : site;

describe("whether a preview is needed to know what is replaced", () => {
  const games = { key: "games", server: "h", host: "g.example", path: "/g", kind: "php", artifactDigest: "1" };
  it.each<[string, StackState, StackState, boolean]>([
    [
      "sites that come, go or get a release",
      cell(siteState("a", "1"), siteState("b", "1")),
      cell(siteState("a", "2"), siteState("c", "1")),
      true,
    ],
    [
      "a site with another framework, which the provider changes in place",
      cell(siteState("a", "1")),
      cell(siteState("a", "1", { framework: "astro" })),
      true,
    ],
    ["a site whose project has another name", cell(siteState("a", "1")), cell(renamed(siteState("a", "1"))), false],
    ["a shared project's release", shared("1"), shared("2"), true],
    ["another target of a zone", shared("1"), shared("1", { target: "other.example" }), false],
    ["a service's artifact", plesk(games), plesk({ ...games, artifactDigest: "2" }), true],
    ["a service's host", plesk(games), plesk({ ...games, host: "h.example" }), false],
  ])("%s", (_, before, now, certain) => {
    expect(isCertain(before, now)).toBe(certain);
  });

  it("looks only at the services that are deployed", () => {
    expect(isCertain(plesk(games), plesk({ ...games, host: "h.example" }), ["wiki"])).toBe(true);
  });

  it("knows the shared project by its name", () => expect(SHARED).toContain("landing"));
});
