import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { inEnvironment } from "../../../environment/index.ts";
import { directoryStore } from "../../../fleet/backend/store/directory-store.ts";
import { loadCatalog } from "../../../model/index.ts";
import { openChecks } from "../../../operations/fleet/gate-quality.ts";
import { perform } from "../../../operations/kit/operation.ts";
import { artifactDigests } from "../../../operations/quality/choose.ts";
import { showMisses } from "../../../operations/quality/issue.ts";
import { qualityRun } from "../../../operations/quality-run.ts";
import { qualityShow } from "../../../operations/quality-show.ts";
import { qualityStatus } from "../../../operations/quality-status.ts";
import type { QualityResult } from "../../../quality/index.ts";
import { createContext, createFaultController, type Served, serve } from "../../../sandbox/core/index.ts";
import { createGithub } from "../../../sandbox/github/index.ts";
import { tempDir } from "../plesk/support/temp.ts";

// Breaks when a deployment goes on without proof, when proof for one artifact counts for another, when a vendor that says nothing is
// taken for green, or when a miss opens two issues.

const github = createGithub(createContext({ options: { github: { repositories: ["acme/estate"] } } }));
const fresh = github.snapshot();
let hub: Served;
let codacy: Server;
let grade: string;
beforeAll(async () => {
  hub = await serve(github, { faults: createFaultController() });
  codacy = createServer((request, response) => {
    const right =
      request.headers["api-token"] === "codacy-token" &&
      request.url === "/api/v3/analysis/organizations/gh/acme/repositories/estate";
    response.writeHead(right ? 200 : 401).end(grade);
  });
  await new Promise<void>((done) => codacy.listen(0, "127.0.0.1", done));
});
afterAll(async () => {
  codacy.close();
  await hub.close();
});

let dir: string;
let env: Record<string, string | undefined>;
const catalogDir = () => join(dir, "catalog");
const QUALITY = `repositories:
  - key: own
    path: ..
    github: acme/estate
    services: [docs]
    checks: [coverage, codacy, dependabot, code-scanning]
    reports: { coverage: lcov.info }
`;
const write = (name: string, text: string) => writeFileSync(join(dir, name), text);
const lcov = (hit: number) => write("lcov.info", `SF:a.ts\nLF:10\nLH:${hit}\nend_of_record\n`);
const alerts = (alerts: object) => {
  const body = JSON.stringify({ pulls: [], commits: [], runs: [], alerts });
  return fetch(`${hub.url}/repos/acme/estate/sandbox`, { method: "PUT", body, headers: { authorization: "Bearer t" } });
};
beforeEach(async () => {
  dir = tempDir("sitefleet-quality-");
  mkdirSync(join(catalogDir(), "sample/artifacts/docs"), { recursive: true });
  for (const name of readdirSync("catalog"))
    if (/\.(yaml|csv)$/.test(name)) copyFileSync(join("catalog", name), join(catalogDir(), name));
  write("catalog/sample/artifacts/docs/index.html", "<h1>docs</h1>");
  write("catalog/quality.yaml", QUALITY);
  lcov(9);
  grade = '{"data":{"grade":85}}';
  github.restore(structuredClone(fresh));
  await alerts({ dependabot: [], codeScanning: [] });
  env = {
    ...process.env,
    SITEFLEET_STATE_DIR: join(dir, "state"),
    GITHUB_BASE_URL: `${hub.url}/`,
    GITHUB_TOKEN: `ghp_${"t".repeat(36)}`,
    CODACY_BASE_URL: `http://127.0.0.1:${(codacy.address() as AddressInfo).port}`,
    CODACY_API_TOKEN: "codacy-token",
  };
});
const options = () => ({ estate: { catalogDir: catalogDir(), configFile: join(dir, "Pulumi.prod.yaml"), env } });
const run = (input: object = {}) => perform(qualityRun, input, options());
const states = (results: readonly { check: string; state: string }[]) =>
  Object.fromEntries(results.map(({ check, state }) => [check, state]));
const GREEN = { coverage: "pass", codacy: "pass", dependabot: "pass", "code-scanning": "pass" };
const store = () => directoryStore(join(dir, "state"));
const open = async () => {
  const checks = await inEnvironment(env, () => openChecks(loadCatalog(catalogDir()), store(), ["docs"], Date.now()));
  return checks.map(({ check, state, why }) => `${check} ${state}: ${why}`);
};

test("a deployment is open until all is proven for its artifact, and again once the artifact is another", async () => {
  expect((await open()).length).toBe(4);
  const { document, exitCode } = await run({ out: join(dir, "out") });
  expect([exitCode, states(document.results)]).toEqual([0, GREEN]);
  expect(document.files.map((file) => file.split("/").at(-1))).toEqual([
    "quality.json",
    "quality.md",
    "quality.sarif",
    "quality.junit.xml",
  ]);
  expect(JSON.parse(readFileSync(join(dir, "out/quality.json"), "utf8")).results).toHaveLength(4);
  expect(await open()).toEqual([]);
  expect((await perform(qualityStatus, {}, options())).exitCode).toBe(0);
  write("catalog/sample/artifacts/docs/index.html", "<h1>other</h1>");
  expect((await open())[0]).toBe("coverage of own not-run: it ran for another artifact");
  const status = await perform(qualityStatus, {}, options());
  expect([status.exitCode, status.document.checks[0]?.blocks]).toEqual([4, ["docs"]]);
  // Nothing is asked without the file.
  rmSync(join(catalogDir(), "quality.yaml"));
  expect(await open()).toEqual([]);
  await expect(run()).rejects.toMatchObject({ code: "quality.none" });
});

test("planted faults are found, and mended ones pass", async () => {
  lcov(7);
  grade = '{"data":{"grade":84}}';
  const advisory = { ghsa_id: "GHSA-1", severity: "high", summary: "bad" };
  const alert = {
    state: "open",
    security_advisory: advisory,
    dependency: { package: { name: "lodash" }, manifest_path: "package.json" },
  };
  const scanned = {
    state: "open",
    rule: { id: "js/xss", severity: "error" },
    most_recent_instance: { message: { text: "XSS" }, location: { path: "a.js", start_line: 3 } },
  };
  await alerts({ dependabot: [alert, { ...alert, state: "fixed" }], codeScanning: [scanned] });
  const { document, exitCode } = await run();
  expect([exitCode, new Set(Object.values(states(document.results)))]).toEqual([1, new Set(["fail"])]);
  expect(document.results.flatMap(({ findings }) => findings)).toMatchObject([
    { rule: "GHSA-1", message: "high: lodash: bad", file: "package.json" },
    { rule: "js/xss", message: "error: XSS", file: "a.js", line: 3 },
  ]);
  expect((await open())[0]).toBe("coverage of own fail: lines percent 70 (80 or more)");
  lcov(9);
  grade = '{"data":{"grade":90}}';
  await alerts({ dependabot: [], codeScanning: [] });
  expect(states((await run()).document.results)).toEqual(GREEN);
  const shown = await perform(qualityShow, { what: "own" }, options());
  expect(states(shown.document.results)).toEqual(GREEN);
});

test("vendors that say nothing, no, or nonsense leave it unknown", async () => {
  await alerts({ dependabot: null, codeScanning: null });
  grade = '{"data":{}}';
  const first = await run();
  expect(first.exitCode).toBe(4);
  expect(first.document.results.map(({ state, reason }) => reason ?? state)).toEqual([
    "pass",
    "Codacy gives no grade: it has not analysed the repository",
    "GitHub answered 403: Dependabot alerts are disabled for this repository.",
    "GitHub answered 404: no analysis found",
  ]);
  grade = "<html>";
  env = { ...env, GITHUB_TOKEN: "" };
  expect((await run()).document.results.slice(1).map(({ state, reason }) => `${state} ${reason}`)).toEqual([
    "not-run Codacy answered something that is no JSON",
    "not-run GitHub cannot be asked: GITHUB_TOKEN is not set",
    "not-run GitHub cannot be asked: GITHUB_TOKEN is not set",
  ]);
});

test("a run that was cut off goes on: what it has proven is not done again", async () => {
  const first = await run({ only: ["coverage"] });
  const at = first.document.results[0]?.at as string;
  await store().put("quality/run.json", JSON.stringify({ startedAt: at, sites: [], done: false }));
  const events: object[] = [];
  const { document } = await perform(
    qualityRun,
    { resume: true },
    { ...options(), emit: (event) => events.push(event) },
  );
  expect(states(document.results)).toEqual(GREEN);
  expect(events).toContainEqual(expect.objectContaining({ event: "planned", checks: 4, left: 3 }));
  expect(document.results[0]?.at).toBe(at);
});

test("a miss opens one issue, which is kept up to date and closed; the next miss is another", async () => {
  write("catalog/notify.yaml", "publish: { repository: acme/estate }\n");
  const measured = (key: string, state: "pass" | "fail"): QualityResult => ({
    subject: { kind: "service", key },
    check: "lighthouse",
    state,
    measures: [{ name: "performance", value: state === "fail" ? 60 : 95, limit: 90, must: "least" }],
    findings: [],
    found: 0,
    at: new Date().toISOString(),
    seconds: 9,
    artifacts: {},
  });
  const show = (...latest: QualityResult[]) =>
    inEnvironment(env, () => showMisses(catalogDir(), store(), latest, Date.now()));
  const issues = () =>
    (github.snapshot() as { repositories: { issues: { title: string; state: string; body: string }[] }[] })
      .repositories[0]?.issues ?? [];
  expect(await show(measured("docs", "pass"))).toEqual({ did: "none" });
  expect((await show(measured("docs", "fail"))).did).toBe("made");
  expect((await show(measured("docs", "fail"), measured("crm", "fail"))).did).toBe("changed");
  expect(issues().map(({ title, state }) => [title, state])).toEqual([
    ["Lighthouse: below the thresholds: docs, crm", "open"],
  ]);
  expect(issues()[0]?.body).toContain("performance 60 \\(90 or more\\)");
  expect((await show(measured("docs", "pass"), measured("crm", "pass"))).did).toBe("changed");
  expect(issues().map(({ state }) => state)).toEqual(["closed"]);
  expect((await show(measured("docs", "fail"))).did).toBe("made");
  expect(issues().map(({ state }) => state)).toEqual(["closed", "open"]);
});

test("digests are those that a deployment has", async () => {
  const catalog = loadCatalog(catalogDir());
  const digests = await artifactDigests(catalog, ["docs", "crm"]);
  expect([...digests.keys()]).toEqual(["docs"]);
  expect(digests.get("docs")).toMatch(/^[0-9a-f]{64}$/);
});
