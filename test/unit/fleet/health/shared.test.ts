// What breaks when these fail: the page on one machine calls a site well that CI's machine has seen fail, or a broken network of one machine
// takes away what all others knew.
import { join } from "node:path";
import { expect, it } from "vitest";
import { directoryStore } from "../../../../fleet/backend/store/directory-store.ts";
import {
  type HealthResult,
  KEPT_COUNTS_MS,
  keepEvidence,
  sharedResults,
  shareVerdicts,
} from "../../../../fleet/health/index.ts";
import { KeptEstate } from "../../../../operations/kept/estate.ts";
import { tempDir } from "../../plesk/support/temp.ts";

const NOW = Date.parse("2026-11-30T03:00:00Z");

function result(
  id: string,
  verdict: HealthResult["verdict"],
  at: number,
  more: Partial<HealthResult> = {},
): HealthResult {
  const evidence = [{ url: "", at: new Date(at).toISOString(), timing: { totalMs: 1 }, certificate: { until: 2e12 } }];
  const vantages = [{ vantage: "here", verdict, findings: [], tries: 1, evidence, milliseconds: 40 }];
  const base = { id, kind: "site", host: id, url: "", cell: "07", verdict, reason: `is ${verdict}`, vantages };
  return { ...base, ...more } as unknown as HealthResult;
}

/** Two machines with a bucket between them. */
function machines() {
  const bucket = directoryStore(tempDir("sitefleet-bucket-"));
  const dirs = [tempDir("sitefleet-ci-"), tempDir("sitefleet-desk-")];
  const own = {
    ...bucket,
    list: async (prefix: string) => strip(await bucket.list(`.sitefleet/${prefix}`)),
    get: (key: string) => bucket.get(`.sitefleet/${key}`),
  };
  const strip = (all: Awaited<ReturnType<typeof bucket.list>>) =>
    all.map((one) => ({ ...one, key: one.key.slice(".sitefleet/".length) }));
  const look = async (dir: string) => new KeptEstate(join(dir, "catalog"), dir).checks(own, bucket);
  return { bucket, ci: dirs[0] ?? "", desk: dirs[1] ?? "", look };
}

it("what one machine has checked is known to the other, in one object a cell", async () => {
  const { bucket, desk, look } = machines();
  const long = result("b.at", "fail", NOW, { reason: "x".repeat(5000) });
  const service = result("s.at", "pass", NOW, { kind: "service", cell: undefined } as never);
  const deployment = result("https://d.at", "fail", NOW, { kind: "deployment" });
  await shareVerdicts(bucket, [result("a.at", "pass", NOW), long, service, deployment], NOW);
  const objects = await bucket.list(".sitefleet/checks/");
  expect(objects.map(({ key }) => key)).toEqual([".sitefleet/checks/cell-07.json", ".sitefleet/checks/services.json"]);
  expect(objects[0]?.size).toBeLessThan(1000);
  const seen = await look(desk);
  expect(
    [...seen]
      .map(
        ([
          host,
          {
            at,
            result: { verdict },
          },
        ]) => [host, at, verdict],
      )
      .sort(),
  ).toEqual([
    ["a.at", NOW, "pass"],
    ["b.at", NOW, "fail"],
    ["s.at", NOW, "pass"],
  ]);
  expect(seen.get("s.at")?.result.vantages[0]).toMatchObject({
    milliseconds: 40,
    evidence: [{ certificate: { until: 2e12 } }],
  });
});

it("the newer verdict stands with its evidence where it was seen; doubt takes none away before it is a day old", async () => {
  const { bucket, ci, desk, look } = machines();
  await shareVerdicts(bucket, [result("a.at", "fail", NOW)], NOW);
  keepEvidence(desk, [result("a.at", "pass", NOW + 60_000)], new Date(NOW + 60_000));
  expect((await look(desk)).get("a.at")?.result.verdict).toBe("pass");
  expect((await look(ci)).get("a.at")?.result.verdict).toBe("fail");
  await shareVerdicts(bucket, [result("a.at", "inconclusive", NOW + 120_000)], NOW);
  expect((await look(ci)).get("a.at")?.result.verdict).toBe("fail");
  await shareVerdicts(bucket, [result("a.at", "inconclusive", NOW + KEPT_COUNTS_MS + 1)], NOW);
  expect((await look(ci)).get("a.at")?.result.verdict).toBe("inconclusive");
  // Late news of another machine change nothing.
  await shareVerdicts(bucket, [result("a.at", "pass", NOW - 1)], NOW);
  expect((await look(ci)).get("a.at")?.result.verdict).toBe("inconclusive");
});

it("two machines at once lose none, hosts that are gone go, and what another version wrote says nothing", async () => {
  const { bucket, ci, look } = machines();
  await Promise.all(
    ["a", "b", "c", "d"].map((name) => shareVerdicts(bucket, [result(`${name}.at`, "pass", NOW)], NOW)),
  );
  expect((await look(ci)).size).toBe(4);
  const later = NOW + 8 * 86_400_000;
  await shareVerdicts(bucket, [result("a.at", "pass", later)], later);
  expect([...(await look(ci)).keys()]).toEqual(["a.at"]);
  expect(sharedResults('{"version":2}')).toEqual([]);
  expect(sharedResults("half a li")).toEqual([]);
});
