import { expect, test } from "vitest";
import {
  anyRelease,
  checkDeployment,
  checkSites,
  deploymentTarget,
  failureRate,
  selectTargets,
} from "../../../../fleet/health/index.ts";
import { loadCatalog, releaseRef, sitesByCell } from "../../../../model/index.ts";
import { plainServer } from "./world.ts";

const catalog = loadCatalog("catalog");
const [first] = catalog.sites;
if (first === undefined) throw new Error("the sample has no site");

test("all sites and services, each once, with what is to be live", () => {
  const targets = selectTargets(catalog);
  expect(targets).toHaveLength(catalog.sites.length + catalog.services.length);
  expect(new Set(targets.map(({ id }) => id)).size).toBe(targets.length);
  const expected = { ref: releaseRef(catalog.releases, first.channel, first.repository) };
  expect(targets.find(({ id }) => id === first.host)).toMatchObject({ kind: "site", expected, check: { https: true } });
  const api = targets.find(({ service }) => service === "api");
  expect(api).toMatchObject({ kind: "service", check: { path: "/health", statuses: [200] }, expected: {} });
});

test("a selection is the union of what is named", () => {
  const canary = sitesByCell(catalog.sites).get("canary")?.length;
  expect(selectTargets(catalog, { cells: ["canary"] })).toHaveLength(canary ?? 0);
  expect(selectTargets(catalog, { cells: ["canary"], sites: [first.host], services: ["crm"] })).toHaveLength(
    (canary ?? 0) + 1,
  );
  for (const [selection, code] of [
    [{ sites: ["x.test"] }, "site.unknown"],
    [{ cells: ["99"] }, "cell.unknown"],
    [{ services: ["nope"] }, "service.unknown"],
  ] as const) {
    expect(() => selectTargets(catalog, selection)).toThrow(expect.objectContaining({ code }));
  }
});

test("a deployment has its site's checks, without the host's", () => {
  const url = "https://quiz-abc-team.vercel.app";
  const target = deploymentTarget(catalog, { url, site: first });
  expect(target).toMatchObject({ id: "quiz-abc-team.vercel.app", kind: "deployment", origin: url });
  expect(target.check).toMatchObject({ https: false, marker: "{ref}", tries: 4 });
  expect(deploymentTarget(catalog, { url: "quiz-abc.vercel.app" }).expected).toEqual({});
  expect(deploymentTarget(catalog, { url: `${url}/health` }).check.path).toBe("/health");
});

// Breaks when a password in a mistyped address is printed.
test.each(["ftp://x.test", "https://", "https://user:hunter22@x.test"])("%s is no address of a deployment", (url) => {
  expect(() => deploymentTarget(catalog, { url })).toThrow(expect.objectContaining({ code: "health.url" }));
  try {
    deploymentTarget(catalog, { url });
  } catch (error) {
    expect(JSON.stringify(error)).not.toContain("hunter22");
  }
});

test("any release is right when nothing is expected", () => {
  for (const { expected } of anyRelease(selectTargets(catalog, { cells: ["canary"] }))) expect(expected).toEqual({});
});

// Breaks when a rollout's checks ask for another release than the one that it has just made live.
test("a wave's sites are held against what it made live, a deployment against its own commit", async () => {
  const port = await plainServer((request, response) => {
    const commit = request.headers.host?.endsWith(".vercel.app") ? "new" : "old";
    response.writeHead(200, { "x-commit": commit }).end(`page of ${commit}`);
  });
  const options = { env: { SITEFLEET_RESOLVE: `http://127.0.0.1:${port}` } };
  const expected = (ref: string) => ({ ...options, expected: new Map([[first.host, { ref }]]) });
  expect((await checkSites(catalog, [first], expected("old")))[0]?.verdict).toBe("pass");
  const url = "quiz-abc.vercel.app";
  const deployment = await checkDeployment(catalog, { url, site: first, expected: { ref: "new" } }, options);
  expect(deployment).toMatchObject({ verdict: "pass", kind: "deployment" });
  const one = { ...catalog, checks: { ...catalog.checks, defaults: {}, zones: { [first.zone]: { tries: 1 } } } };
  const [wrong] = await checkSites(one, [first], expected("new"));
  expect(wrong?.verdict).toBe("fail");
  expect(failureRate([...(wrong ? [wrong] : [])]).rate).toBe(1);
});
