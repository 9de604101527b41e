import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Estate } from "../support/estate.ts";

// Breaks when checks do not see what visitors would see, or the command's exit code says something else than its document.

const estate = new Estate([
  { name: "eins", tags: "canary" },
  { name: "zwei", tags: "canary" },
  { name: "drei", tags: "canary", project: "shared" },
]);
const bad = "zwei.qmoney.de";

interface Document {
  readonly ok: boolean;
  readonly counts: Record<string, number>;
  readonly evidence: string;
  readonly results: {
    readonly id: string;
    readonly verdict: string;
    readonly reason: string;
    readonly vantages: { readonly baselineMs?: number; readonly evidence: { certificate?: object }[] }[];
  }[];
}

async function health(...args: string[]): Promise<{ code: number | null; document: Document; stderr: string }> {
  const { code, stdout, stderr } = await estate.sitefleet("health", "--json", ...args);
  if (stdout === "") throw new Error(stderr);
  return { code, document: JSON.parse(stdout) as Document, stderr };
}
const put = (path: string, body: unknown) =>
  estate.control(path, {
    method: "PUT",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });

beforeAll(async () => {
  estate.edit("checks.yaml", (text) =>
    text
      .replace("slow: { percent: 30, floorMs: 100 }", "slow: { percent: 30, floorMs: 2000, least: 1 }")
      .replace("- { name: here }", '- { name: here }\n  - { name: nowhere, address: "127.0.0.1:9" }'),
  );
  await estate.start();
  const up = await estate.sitefleet("up", "--yes", "--stack", "prod", "--cell", "canary");
  expect(up.code, up.stderr).toBe(0);
});
afterAll(() => estate.remove());

const HERE = ["--cell", "canary", "--vantage", "here"];

test("what is live as declared passes, with its certificate, and its times are remembered", async () => {
  const { code, document, stderr } = await health(...HERE, "--update-baseline");
  expect(code, JSON.stringify(document.results) + stderr).toBe(0);
  expect(document).toMatchObject({ ok: true, counts: { pass: 3, fail: 0, inconclusive: 0 } });
  expect(document.results[0]?.vantages[0]?.evidence[0]?.certificate).toBeDefined();
  const again = await health(...HERE);
  for (const { vantages } of again.document.results) expect(vantages[0]?.baselineMs).toBeGreaterThan(0);
});

test("a release that answers 500 fails, on paper for people and in files for programs", async () => {
  await put("/vercel", { releases: [{ match: { project: "zwei-qmoney-de" }, serve: { status: 500 } }] });
  const [junit, prometheus] = [join(estate.dir, "junit.xml"), join(estate.dir, "health.prom")];
  const { code, document } = await health(...HERE, "--junit", junit, "--prometheus", prometheus);
  expect(code).toBe(1);
  expect(document.counts).toEqual({ pass: 2, fail: 1, inconclusive: 0 });
  expect(document.results[0]).toMatchObject({ id: bad, verdict: "fail", reason: "answers 500, not 200" });
  expect(readFileSync(junit, "utf8")).toContain('failures="1"');
  expect(readFileSync(prometheus, "utf8")).toMatch(new RegExp(`sitefleet_health_up\\{host="${bad}".*\\} 0`));
  const [line = ""] = readFileSync(document.evidence, "utf8").split("\n");
  expect(JSON.parse(line)).toMatchObject({ id: bad, vantages: [{ tries: 3, evidence: [{ status: 500 }, {}, {}] }] });
  expect(readdirSync(join(document.evidence, ".."))).toHaveLength(3);
  const page = await estate.sitefleet("health", ...HERE);
  expect(page.code).toBe(1);
  expect(page.stdout).toMatch(/^verdict +host[^\n]*\nfail +zwei\.qmoney\.de/);
  expect(page.stdout).toContain("2 pass, 1 fail, 0 inconclusive");
});

test("a page without its marker fails before it is promoted, on the deployment's own address", async () => {
  const { vercel } = (await estate.control("/inventory?vendor=vercel")) as {
    vercel: { deployments: { name: string; project: string }[] };
  };
  const url = vercel.deployments.find(({ project }) => project === "zwei-qmoney-de")?.name ?? "";
  await put("/vercel", { releases: [{ match: { project: "zwei-qmoney-de" }, serve: { body: "wrong" } }] });
  const wrong = await health("--deployment", url, "--site", bad, "--vantage", "here");
  expect([wrong.code, wrong.document.results[0]?.reason]).toEqual([1, expect.stringContaining("does not hold")]);
  await put("/vercel", {});
  const good = await health("--deployment", url, "--site", bad, "--vantage", "here");
  expect(good.code, JSON.stringify(good.document)).toBe(0);
});

test("another release than declared fails, unless any is right", async () => {
  estate.edit("releases.yaml", (text) => text.replace(/ref: "[0-9a-f]{40}"/, `ref: "${"d".repeat(40)}"`));
  const { code, document } = await health("--site", bad, "--vantage", "here");
  expect([code, document.results[0]?.reason]).toEqual([1, expect.stringContaining("does not hold")]);
  const any = await health("--site", bad, "--vantage", "here", "--any-release");
  expect(any.code, JSON.stringify(any.document)).toBe(0);
});

test("where nobody is reached the answer is that nobody knows; one vantage in doubt does not count", async () => {
  const { code, document } = await health("--cell", "canary", "--vantage", "nowhere", "--any-release");
  expect([code, document.counts]).toEqual([4, { pass: 0, fail: 0, inconclusive: 3 }]);
  expect((await health("--cell", "canary", "--any-release")).code).toBe(0);
});

test("what is not known is an error of its own", async () => {
  for (const [args, name] of [
    [["--site", "nobody.qmoney.de"], "site.unknown"],
    [["--vantage", "mars"], "vantage.unknown"],
    [["--all", "--site", bad], "usage"],
    [["--junit", "/nonexistent/x.xml"], "file.unwritable"],
  ] as const) {
    const { code, stdout } = await estate.sitefleet("health", "--json", ...args);
    expect([code, (JSON.parse(stdout) as { error: { code: string } }).error.code]).toEqual([1, name]);
  }
});
