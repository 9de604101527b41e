import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Catalog,
  type CheckLayer,
  checkOfDeployment,
  checkOfService,
  checkOfSite,
  layered,
  type Service,
  type Site,
} from "../../../model/index.ts";
import { check, replace } from "./fixture.ts";

function catalogOf(text: string | null): Catalog {
  const { catalog, lines } = check({ "checks.yaml": text });
  if (catalog === undefined) throw new Error(lines.join("\n"));
  return catalog;
}
const siteOf = (catalog: Catalog, host: string) => catalog.sites.find((site) => site.host === host) as Site;
const serviceOf = (catalog: Catalog, key: string) => catalog.services.find((one) => one.key === key) as Service;

test("without checks.yaml everything has a default", () => {
  const catalog = catalogOf(null);
  expect(checkOfSite(catalog, siteOf(catalog, "quiz.qmoney.de"))).toMatchObject({
    path: "/",
    statuses: [200],
    marker: null,
    https: true,
    tries: 3,
    tls: { verify: true, days: 7 },
    slow: { percent: 30 },
  });
  expect(catalog.checks.vantages).toEqual([{ name: "here" }]);
});

// Breaks when a general layer lies over a special one, or when one field of a part takes the others with it.
test("special layers lie over general ones, field by field", () => {
  const catalog = catalogOf(`defaults: { tries: 2, tls: { days: 20 }, release: { header: x-a } }
projects: { own: { tries: 4, release: { required: true } } }
zones: { qmoney.de: { tries: 5, slow: { floorMs: 7 } } }
sites: { quiz.qmoney.de: { tries: 6, tls: { verify: false } } }
`);
  const of = (host: string) => checkOfSite(catalog, siteOf(catalog, host));
  expect(of("quiz.qmoney.de")).toMatchObject({ tries: 6, tls: { verify: false, days: 20 }, slow: { floorMs: 7 } });
  expect(of("quiz.qmoney.de").release).toMatchObject({ header: "x-a", required: true });
  expect(of("zins.qmoney.de").tries).toBe(5);
  // Put together once for all sites of a zone, and not for those with a layer of their own.
  expect(of("quiz.qmoney.de").tries).toBe(6);
  expect(of("depot.remotecash.de")).toMatchObject({ tries: 2, release: { required: false } });
});

// Breaks when /health of services.yaml is forgotten, or a default hides it.
test("a service's health of services.yaml lies over the general layers and under its own", () => {
  const layers = "defaults: { path: /x, tries: 9 }\nkinds: { php: { path: /y } }\n";
  const health = { "services.yaml": replace("kind: php", "kind: php\n    health: { path: /health, status: 204 }") };
  const { catalog } = check({ "checks.yaml": layers, ...health });
  if (!catalog) throw new Error("the fixture is wrong");
  expect(checkOfService(catalog, serviceOf(catalog, "main"))).toMatchObject({
    path: "/health",
    statuses: [204],
    tries: 9,
  });
  const own = check({ "checks.yaml": `${layers}services: { main: { path: /own } }\n`, ...health }).catalog;
  expect(checkOfService(own as Catalog, serviceOf(own as Catalog, "main")).path).toBe("/own");
});

test("http must lead to https where a CDN is told so, and a release file is asked where there is one", () => {
  const catalog = catalogOf(null);
  const main = serviceOf(catalog, "main");
  expect(checkOfService(catalog, { ...main, proxied: true }).https).toBe(true);
  expect(checkOfService(catalog, { ...main, proxied: false }).https).toBe(false);
  const release = (value: boolean) =>
    checkOfService(catalog, { ...main, health: { ...main.health, release: value } }).release.path;
  expect([release(true), release(false)]).toEqual(["/.well-known/sitefleet-release", null]);
});

test("a deployment is checked as its site, without what belongs to the host", () => {
  const catalog = catalogOf(`sites: { quiz.qmoney.de: { marker: m, redirect: { to: "https://x.de" } } }
deployments: { tries: 7 }
`);
  const site = siteOf(catalog, "quiz.qmoney.de");
  expect(checkOfDeployment(catalog, site)).toMatchObject({ marker: "m", redirect: null, https: false, tries: 7 });
  expect(checkOfDeployment(catalog)).toMatchObject({ marker: null, tries: 7 });
});

// Breaks when a deployment is held back because its page names the site and not the address that it is asked at.
test("a deployment's page names its site; where many sites share it nobody knows which", () => {
  const catalog = catalogOf('defaults: { marker: "on {host}", slow: { percent: 50 } }\n');
  const site = siteOf(catalog, "quiz.qmoney.de");
  expect(checkOfDeployment(catalog, site).marker).toBe("on quiz.qmoney.de");
  expect(checkOfDeployment(catalog, siteOf(catalog, "zins.qmoney.de")).marker).toBe("on zins.qmoney.de");
  expect(checkOfDeployment(catalog, { project: "shared" }).marker).toBeNull();
  // The first answers of a deployment are late: that alone holds nothing back unless somebody says so.
  expect(checkOfDeployment(catalog, site).slow).toMatchObject({ percent: 50, fails: false });
  const strict = catalogOf("deployments: { slow: { fails: true } }\n");
  expect(checkOfDeployment(strict, site).slow.fails).toBe(true);
});

test.each([
  ["defaults: { tries: 0 }", "checks.yaml:1: defaults.tries: 0 is too small"],
  ["defaults:\n  statuses: [99]", "checks.yaml:2: defaults.statuses[0]: 99 is too small"],
  ["defaults: { path: health }", "checks.yaml:1: defaults.path: "],
  ["defaults: { redirect: { to: www.x.de } }", "checks.yaml:1: defaults.redirect.to: "],
  ["vantages:\n  - { name: a, proxy: 'http://u:p@x:1' }", "checks.yaml:2: vantages[0].proxy: "],
  ["vantages: [{ name: a, address: 'a b' }]", "checks.yaml:1: vantages[0].address: "],
  ["vantages: [{ name: a }, { name: a }]", "stands twice"],
  ["sites: { nobody.qmoney.de: {} }", 'checks.yaml:1: sites["nobody.qmoney.de"]: '],
  ["kinds: { rails: {} }", "checks.yaml:1: kinds.rails: "],
  ["defaults: { marcer: x }", "checks.yaml:1: defaults.marcer: is not known here"],
])("%s is refused with its line", (text, part) => {
  expect(check({ "checks.yaml": `${text}\n` }).lines.join("\n")).toContain(part);
});

// Breaks when laying layers loses what nobody has said anything about.
test("an empty layer changes nothing, and the last layer wins", () => {
  const layer: fc.Arbitrary<CheckLayer> = fc.record(
    {
      path: fc.constantFrom("/", "/a"),
      tries: fc.integer({ min: 1, max: 10 }),
      https: fc.boolean(),
      tls: fc.record({ days: fc.nat(90), verify: fc.boolean() }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(layer), layer, (below, top) => {
      const base = layered(below);
      expect(layered([...below, {}, undefined])).toEqual(base);
      const { tls, ...rest } = top;
      expect(layered([...below, top])).toEqual({ ...base, ...rest, tls: { ...base.tls, ...tls } });
    }),
  );
});
