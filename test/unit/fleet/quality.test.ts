import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { directoryStore } from "../../../fleet/backend/store/directory-store.ts";
import {
  askedChecks,
  asksBefore,
  keepResult,
  readResults,
  readTrend,
  standing,
  unmeasuredLongest,
} from "../../../fleet/quality/index.ts";
import { QualityFile } from "../../../model/shape/quality.ts";
import type { QualityResult } from "../../../quality/index.ts";
import { tempDir } from "../plesk/support/temp.ts";

// Breaks when what was proven for one artifact counts for another, or an old result for a new one.

const NOW = Date.parse("2026-11-29T12:00:00Z");
const result = (more: Partial<QualityResult> = {}): QualityResult => ({
  subject: { kind: "service", key: "crm" },
  check: "axe",
  state: "pass",
  measures: [],
  findings: [],
  found: 0,
  at: new Date(NOW).toISOString(),
  seconds: 1,
  artifacts: { crm: "aaa" },
  ...more,
});
const ASKED = { service: "crm", subject: { kind: "service", key: "crm" }, check: "axe" } as const;
const stands = (results: QualityResult[], digest: string | undefined = "aaa") => {
  const { state, reason } = standing(ASKED, results, digest, { resultDays: 30, now: NOW });
  return reason === undefined ? state : `${state}: ${reason}`;
};

test("what was proven must be what is deployed, the newest result counts, and none for ever", () => {
  expect(stands([])).toBe("not-run: it never ran");
  expect(stands([result()])).toBe("pass");
  expect(stands([result()], "bbb")).toBe("not-run: it ran for another artifact");
  expect(standing(ASKED, [result()], undefined, { resultDays: 30, now: NOW }).state).toBe("not-run");
  expect(stands([result(), result({ state: "fail" })])).toBe("fail");
  expect(stands([result({ state: "fail" }), result()])).toBe("pass");
  expect(stands([result(), result({ state: "not-run", reason: "no browser" })])).toBe("not-run: no browser");
  expect(stands([result(), result({ state: "fail", artifacts: { crm: "bbb" } })])).toBe("pass");
  expect(stands([result({ at: "2026-10-01T00:00:00Z" })])).toBe("not-run: it ran 59 days ago; at most 30 count");
  expect(stands([result({ at: "soon" })])).toMatch(/^not-run/);
});

test("only a pass for exactly this artifact is green", () => {
  const states = fc.constantFrom("pass", "fail", "not-run");
  const some = fc.array(fc.record({ state: states, digest: fc.constantFrom("aaa", "bbb") }), { maxLength: 6 });
  fc.assert(
    fc.property(some, (list) => {
      const results = list.map(({ state, digest }) => result({ state: state as "pass", artifacts: { crm: digest } }));
      const last = list.findLast(({ digest }) => digest === "aaa");
      expect(standing(ASKED, results, "aaa", { resultDays: 30, now: NOW }).state === "pass").toBe(
        last?.state === "pass",
      );
    }),
  );
});

test("what is asked before a deployment", () => {
  const quality = QualityFile.parse({
    repositories: [{ key: "own", path: "..", services: ["crm"], checks: ["gitleaks", "eslint"] }],
    services: { checks: ["dependencies", "axe", "lighthouse"], staging: { api: "https://stg.at" }, except: ["docs"] },
    osv: "osv",
  });
  const named = (keys: string[], more = {}) =>
    askedChecks({ ...quality, ...more }, keys).map(
      ({ service, subject, check }) => `${service} ${subject.kind} ${check}`,
    );
  expect(named(["crm"])).toEqual(["crm repository gitleaks", "crm repository eslint", "crm service dependencies"]);
  expect(named(["api"])).toEqual(["api service dependencies", "api service axe", "api service lighthouse"]);
  expect(named(["docs"])).toEqual([]);
  expect(named(["crm"], { before: ["axe", "gitleaks"] })).toEqual(["crm repository gitleaks", "crm service axe"]);
});

// What nothing must come before is not previewed for: a rollout would take a preview of the whole fleet more.
test("whether anything is asked before a deployment", () => {
  const services = [{ key: "crm" }] as never;
  const asks = (text: object) => asksBefore({ quality: QualityFile.parse(text), services });
  expect(asksBefore({ quality: undefined, services })).toBe(false);
  expect(asks({ services: { checks: ["lighthouse", "axe"] } })).toBe(false);
  expect(asks({ services: { checks: ["dependencies"] }, osv: "osv" })).toBe(true);
  expect(asks({ services: { checks: ["axe"], staging: { crm: "https://stg.at" } } })).toBe(true);
  expect(asks({ services: { checks: ["axe"] }, before: ["axe"] })).toBe(true);
});

test("results and trend are kept, sites take turns, and what is damaged is not known", async () => {
  const store = directoryStore(join(tempDir("sitefleet-quality-"), "state"));
  const site = (key: string) =>
    result({ subject: { kind: "site", key }, check: "lighthouse", measures: [{ name: "seo", value: 91 }] });
  for (let at = 0; at < 12; at++) await keepResult(store, result({ seconds: at }));
  expect((await readResults(store, ASKED.subject)).map(({ seconds }) => seconds)).toEqual([
    2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
  ]);
  const hosts = ["a.at", "b.at", "c.at"];
  const [first, second] = await unmeasuredLongest(store, hosts, 2);
  await keepResult(store, site(first as string));
  // One that does not answer has had its turn as well.
  await keepResult(store, { ...site(second as string), state: "not-run", measures: [] });
  const next = await unmeasuredLongest(store, hosts, 2);
  expect([next[0], next.includes(second as string)]).toEqual([
    hosts.find((host) => host !== first && host !== second),
    false,
  ]);
  expect(await readTrend(store, { kind: "site", key: first as string })).toEqual([
    { at: result().at, values: { seo: 91 } },
  ]);
  await store.put("quality/results/service/crm.json", "{");
  expect(await readResults(store, ASKED.subject)).toEqual([]);
});
