import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readListen, serveMetrics } from "../../../../cli/metrics-server.ts";
import type { HealthResult, Target } from "../../../../fleet/health/index.ts";
import { keepEvidence, keptResults } from "../../../../fleet/health/index.ts";
import { FAMILIES, renderMetrics, type Sample, sample } from "../../../../fleet/metrics/index.ts";
import { reportOf } from "../../../../fleet/report/index.ts";
import { merge, newestFirst } from "../../../../operations/metrics/health.ts";
import { samplesOf } from "../../../../operations/metrics/samples.ts";
import { NO_SOURCES, type Sources } from "../../../../operations/metrics/sources.ts";
import { figuresQuery, parseFigures } from "../../../../plesk/commands/figures.ts";
import { textOf } from "../../docs/markdown.ts";

// What breaks when these fail: an alert fires on figures of nothing, or a real one is not seen.

const NOW = Date.parse("2026-11-28T10:00:00Z");

function result(id: string, verdict: HealthResult["verdict"], milliseconds?: number, at = NOW): HealthResult {
  const finding = { about: "status" as const, verdict, text: "x" };
  const evidence = [{ url: "", at: new Date(at).toISOString(), timing: { totalMs: 1 } }];
  const vantages = [{ vantage: "here", verdict, findings: [finding], tries: 1, evidence, milliseconds }];
  return { id, kind: "service", host: id, url: "", verdict, reason: "", vantages, service: id.split(".")[0] };
}
const target = (id: string): Target =>
  ({ id, kind: "service", host: id, origin: `https://${id}`, service: id.split(".")[0] }) as Target;
const figureOf = (samples: readonly Sample[], name: string, labels: Record<string, string> = {}) =>
  samples.find((one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value))
    ?.value;

describe("health", () => {
  const at = (ms: number, one: HealthResult) => ({ at: ms, result: one });

  it("is the newest judgement of each host; a doubt leaves the last one as it was", () => {
    const older = [at(NOW - 2000, result("a.at", "fail", 50)), at(NOW - 3000, result("a.at", "pass", 40))];
    const hosts = merge([target("a.at"), target("b.at")], [at(NOW, result("a.at", "inconclusive"))], older);
    expect(hosts.value?.map(({ last, judged }) => [last.verdict, judged?.verdict])).toEqual([["inconclusive", "fail"]]);
    const samples = samplesOf({ ...NO_SOURCES, services: hosts }, NOW);
    expect(figureOf(samples, "sitefleet_health_up", { service: "a" })).toBe(0);
    expect(figureOf(samples, "sitefleet_health_inconclusive", { service: "a" })).toBe(1);
    expect(figureOf(samples, "sitefleet_health_failed_ratio", { kind: "service" })).toBe(1);
  });

  it("reads no further than it needs, and nothing of hosts that are gone", () => {
    const read: string[] = [];
    function* older() {
      for (const id of ["gone.at", "a.at", "never.at"]) {
        read.push(id);
        yield at(NOW, result(id, "pass", 10));
      }
    }
    expect(merge([target("a.at")], [], older()).value?.map(({ last }) => last.id)).toEqual(["a.at"]);
    expect(read).toEqual(["gone.at", "a.at"]);
  });

  it("is what another machine has told where that is newer, or nothing was kept here", () => {
    const kept = [at(NOW - 2000, result("a.at", "pass", 50)), at(NOW - 3000, result("b.at", "fail", 50))];
    const told = [
      at(NOW - 1000, result("a.at", "fail")),
      at(NOW - 5000, result("b.at", "pass")),
      at(NOW, result("c.at", "pass")),
    ];
    const hosts = merge(["a.at", "b.at", "c.at"].map(target), [], newestFirst(kept, told));
    expect(hosts.value?.map(({ last }) => [last.id, last.verdict])).toEqual([
      ["a.at", "fail"],
      ["b.at", "fail"],
      ["c.at", "pass"],
    ]);
  });

  it("is what a check on this machine has kept, the certificate's end too", () => {
    const dir = mkdtempSync(join(tmpdir(), "sitefleet-metrics-"));
    const good = result("a.at", "pass", 120);
    const [one] = good.vantages;
    const evidence = [{ ...(one?.evidence[0] as object), certificate: { until: 1_800_000_000_000 } }];
    keepEvidence(dir, [{ ...good, vantages: [{ ...one, evidence }] } as unknown as HealthResult]);
    const hosts = merge([target("a.at")], [], keptResults(dir, NOW - 1));
    const samples = samplesOf({ ...NO_SOURCES, services: hosts }, NOW);
    expect(figureOf(samples, "sitefleet_health_up")).toBe(1);
    expect(figureOf(samples, "sitefleet_health_response_seconds")).toBe(0.12);
    expect(figureOf(samples, "sitefleet_health_certificate_end_timestamp_seconds")).toBe(1_800_000_000);
    expect([...keptResults(dir, NOW + 1)]).toEqual([]);
  });
});

describe("what was not read", () => {
  it("has no figures, and says since when", () => {
    const failed: Sources = { ...NO_SOURCES, runs: { at: NOW - 60_000, value: [], failed: "no bucket" } };
    const samples = samplesOf(failed, NOW);
    expect(figureOf(samples, "sitefleet_data_failed", { source: "runs" })).toBe(1);
    expect(figureOf(samples, "sitefleet_data_timestamp_seconds", { source: "runs" })).toBe((NOW - 60_000) / 1000);
    expect(figureOf(samples, "sitefleet_data_timestamp_seconds", { source: "hosts" })).toBeUndefined();
    expect(figureOf(samples, "sitefleet_health_failed_ratio")).toBeUndefined();
  });
});

describe("runs", () => {
  it("give the figures of their own report", () => {
    const started = { event: "started", operation: "up", by: "x", target: "prod", total: 2 };
    const counts = { created: 1, changed: 0, replaced: 0, deleted: 0, unchanged: 0 };
    const events = [
      started,
      { event: "stack-ended", stack: "prod-cell-07", ok: true, counts, errors: [], milliseconds: 4000 },
      { event: "stack-ended", stack: "prod-cell-08", ok: false, counts, errors: ["x"], milliseconds: 2000 },
      { event: "went-back", ok: true, what: "wave one" },
      { event: "ended", ok: false, exitCode: 1, milliseconds: 60_000 },
    ];
    const entries = events.map((event, seq) => ({ ...event, seq, at: new Date(NOW + seq * 15_000).toISOString() }));
    const report = reportOf("r", [{ stream: "r", entries: entries as never }]);
    const samples = samplesOf({ ...NO_SOURCES, runs: { at: NOW, value: [report] } }, NOW + 120_000);
    expect(figureOf(samples, "sitefleet_deployment_last_duration_seconds")).toBe(60);
    expect(figureOf(samples, "sitefleet_deployment_last_stacks", { result: "failed" })).toBe(1);
    expect(figureOf(samples, "sitefleet_deployments", { outcome: "failed" })).toBe(1);
    expect(figureOf(samples, "sitefleet_deployment_rollbacks")).toBe(1);
    expect(figureOf(samples, "sitefleet_stack_last_ok", { stack: "prod-cell-08" })).toBe(0);
    expect(figureOf(samples, "sitefleet_stack_last_duration_seconds", { stack: "prod-cell-07" })).toBe(4);
  });
});

describe("databases", () => {
  it("are asked what their own user may know, and answer in part", () => {
    expect(figuresQuery("mariadb", "prisma")).toContain("FROM _prisma_migrations");
    expect(figuresQuery("postgresql", "php")).not.toContain("migrations");
    const said = ["Slow_queries\t3", "Threads_connected\t12", "max_connections\t151", "own -1", "migrations 4 1"];
    expect(parseFigures(said)).toEqual({
      connections: 12,
      limit: 151,
      own: 0,
      longest: undefined,
      slow: 3,
      migrations: { applied: 4, failed: 1 },
    });
    expect(parseFigures(["connections x", "migrations"])).toMatchObject({ connections: undefined });
  });
});

describe("the text", () => {
  it("has each series once, whatever its labels hold", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary", maxLength: 20 }), { maxLength: 6 }), (hosts) => {
        const text = renderMetrics(hosts.map((host) => sample("sitefleet_health_up", 1, { host })));
        const lines = text.trimEnd().split("\n").slice(2);
        expect(new Set(lines).size).toBe(lines.length);
        expect(lines.length).toBe(new Set(hosts).size);
      }),
      { numRuns: 20 },
    );
  });

  it("is of metrics that docs/reference/metrics.md lists, with their labels", () => {
    const rows = [...textOf("docs/reference/metrics.md").matchAll(/^\| `(sitefleet_\w+)` \| (.*) \| (.*) \|$/gm)];
    const listed = rows.map(([, name, labels, help]) => [name, labels?.replaceAll("`", ""), help]);
    expect(listed).toEqual(Object.entries(FAMILIES).map(([name, { labels, help }]) => [name, labels.join(", "), help]));
  });

  it("is served to this machine's own names alone, once there is one", async () => {
    const server = await serveMetrics(readListen("127.0.0.1:0"));
    const { port } = new URL(server.url);
    try {
      expect((await fetch(server.url)).status).toBe(503);
      server.show("a 1\n");
      expect(await (await fetch(server.url)).text()).toBe("a 1\n");
      expect((await fetch(server.url, { method: "POST" })).status).toBe(405);
      expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
      await expect(serveMetrics(readListen(port))).rejects.toMatchObject({ code: "metrics.listen" });
    } finally {
      server.close();
    }
  });

  it.each(["", "x", "127.0.0.1", "1:2:3", "99999", "-1", "a b:1"])("is not served at %o", (text) => {
    expect(() => readListen(text)).toThrow(expect.objectContaining({ code: "usage" }));
  });
});
