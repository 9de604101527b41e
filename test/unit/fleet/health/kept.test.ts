import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { evidenceOf, excerptOf } from "../../../../checks/evidence.ts";
import { resultOf } from "../../../../checks/judge/verdict.ts";
import { usualOf } from "../../../../checks/times.ts";
import type { Store, StoredObject } from "../../../../fleet/backend/store/store.ts";
import { withResults } from "../../../../fleet/health/baseline.ts";
import { addTimes, type HealthResult, keepEvidence, readTimes } from "../../../../fleet/health/index.ts";
import { target } from "./world.ts";

const dir = mkdtempSync(join(tmpdir(), "health-"));
afterAll(() => rmSync(dir, { recursive: true }));

function result(
  id: string,
  ms: number,
  verdict: "pass" | "fail" = "pass",
  about: "status" | "time" = "status",
): HealthResult {
  const evidence = [{ url: `https://${id}/`, at: "", timing: { totalMs: ms }, status: 200, excerpt: "the page" }];
  const findings = [{ about, verdict, text: "" }] as const;
  return resultOf({ id, kind: "site", host: id, url: `https://${id}/`, cell: "07" }, [
    { vantage: "here", verdict, findings, milliseconds: ms, tries: 1, evidence },
  ]);
}

describe("times", () => {
  const slow = { percent: 30, floorMs: 0, samples: 4, least: 2, fails: true };
  const a = target({ slow }, { host: "a.example.test", cell: "07" });

  test("are known again by another process, of passing hosts only", async () => {
    for (const ms of [10, 20, 30]) await addTimes(dir, undefined, [a], [result(a.id, ms)]);
    await addTimes(dir, undefined, [a], [result(a.id, 9_999, "fail")]);
    const times = await readTimes(dir, undefined, [a]);
    expect(times.get("here a.example.test")).toEqual([10, 20, 30]);
    expect(usualOf(times, "here", a)).toBe(20);
    expect(usualOf(times, "there", a)).toBeUndefined();
    expect(readdirSync(join(dir, "health"))).toEqual(["cell-07.json"]);
  });

  // Breaks when a host that got slow for good fails for ever.
  test("what stays slow becomes usual", () => {
    let times: ReadonlyMap<string, readonly number[]> = new Map([["here a.example.test", [10, 10, 10, 10]]]);
    for (let turn = 0; turn < 3; turn++) times = withResults(times, [result(a.id, 50, "fail", "time")], () => 4);
    expect(usualOf(times, "here", a)).toBe(50);
  });

  test("never more than are kept, always the newest", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { maxLength: 30 }), fc.integer({ min: 1, max: 10 }), (values, samples) => {
        let times: ReadonlyMap<string, readonly number[]> = new Map();
        for (const ms of values) times = withResults(times, [result("a", ms)], () => samples);
        expect(times.get("here a") ?? []).toEqual(values.slice(-samples));
      }),
    );
  });

  test("a damaged file counts as empty and is written anew", async () => {
    mkdirSync(join(dir, "broken/health"), { recursive: true });
    writeFileSync(join(dir, "broken/health/cell-07.json"), '{"version":1,"times":{"here a');
    expect((await readTimes(join(dir, "broken"), undefined, [a])).size).toBe(0);
    await addTimes(join(dir, "broken"), undefined, [a], [result(a.id, 5)]);
    expect((await readTimes(join(dir, "broken"), undefined, [a])).get("here a.example.test")).toEqual([5]);
  });

  // Breaks when jobs of a matrix, each with its own cells, overwrite each other's times in the bucket.
  test("machines that share a store lose none", async () => {
    const objects = new Map<string, StoredObject>();
    let version = 0;
    const store: Store = {
      kind: "s3",
      append: async () => {},
      get: async (key) => objects.get(key),
      async put(key, text, condition) {
        const found = objects.get(key);
        await new Promise((resolve) => setImmediate(resolve));
        if (objects.get(key) !== found) return false;
        if (condition && "absent" in condition && found) return false;
        if (condition && "version" in condition && found?.version !== condition.version) return false;
        objects.set(key, { text, version: String(++version) });
        return String(version);
      },
      bytes: async (key) => ({ content: Buffer.from(objects.get(key)?.text ?? "") }),
      head: async (key, bytes) => ({ content: objects.get(key)?.text.slice(0, bytes) ?? "" }),
      remove: async (key) => void objects.delete(key),
      list: async () => [],
    };
    await Promise.all([1, 2, 3, 4].map((ms) => addTimes(dir, store, [a], [result(a.id, ms)])));
    expect([...((await readTimes(dir, store, [a])).get("here a.example.test") ?? [])].sort()).toEqual([1, 2, 3, 4]);
  });
});

describe("evidence", () => {
  test("is one file a run, failures first, for its owner only; of what passes figures only", () => {
    const file = keepEvidence(dir, [result("good", 1), result("bad", 2, "fail")]);
    const lines = readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as HealthResult);
    expect(lines.map(({ id }) => id)).toEqual(["bad", "good"]);
    expect(lines.map(({ vantages }) => vantages[0]?.evidence[0]?.excerpt)).toEqual(["the page", undefined]);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  test("old files go", () => {
    for (let second = 0; second < 60; second++) keepEvidence(dir, [], new Date(Date.UTC(2026, 0, 1, 0, 0, second)));
    const files = readdirSync(join(dir, "evidence"));
    expect(files).toHaveLength(50);
    expect(files.some((name) => name.startsWith("health-20260101T000000"))).toBe(false);
  });

  // Breaks when a page's secret ends up in files that CI uploads.
  test.each([
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF123_-x",
    '{"api_key": "sEcReT-value-1"}',
    "password=sEcReT-value-1;",
    '<input name="csrf_token" value="sEcReT-value-1">',
    "Authorization: Bearer sEcReT-value-1",
    "postgres://svc:sEcReT-value-1@db.test/x",
    "-----BEGIN PRIVATE KEY-----\nsEcReT-value-1\n-----END PRIVATE KEY-----",
    "ghp_sEcReTvalue1sEcReTvalue1",
    "the deployment's own secret is own-secret-123 here",
    "Kontakt: sEcReT-value-1@example.org",
  ])("%s is not kept", (text) => {
    const kept = excerptOf(`before ${text} after`, ["own-secret-123"]);
    expect(kept).not.toMatch(/sEcReT|own-secret|eyJzdWIi/);
    expect(kept).toMatch(/\[(secret|mail)\]/);
    expect(kept).toContain("before");
  });

  test("neither queries, cookies nor control characters are kept, whatever the answer", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 2_000 }), (text) => {
        const headers = { "set-cookie": "a=cookievalue", location: `/x?token=queryvalue`, server: text };
        const seen = { url: "https://a.test/x?y=queryvalue", at: 0, timing: { totalMs: 1 } };
        const kept = evidenceOf({ ...seen, answer: { status: 302, headers, body: text, cut: false } }, null);
        expect(kept.excerpt).not.toMatch(/\p{Cc}/u);
        expect((kept.excerpt ?? "").length).toBeLessThanOrEqual(401);
        expect(JSON.stringify(kept)).not.toMatch(/cookievalue|queryvalue/);
      }),
    );
  });
});
