import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { checkTargets, reportOf, selectTargets } from "../../../../fleet/health/index.ts";
import { loadCatalog } from "../../../../model/index.ts";

/** What was ordered: 1500 sites in 20 s with 100 ms latency on 2 processors. */
const WALL_SECONDS = 20;
/** What it may cost here, whatever else the machine does: both processes together, so that it fits into the time above. */
const CPU_SECONDS = 24;

// Breaks when checks are made one after the other, or each costs so much that 1500 do not fit into 20 s.
test("1500 sites over TLS, each with its redirect from http, at 100 ms latency", async () => {
  const dir = mkdtempSync(join(tmpdir(), "health-speed-"));
  const web = spawn(process.execPath, ["test/unit/fleet/health/web-main.ts", dir, "100"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const lines = createInterface({ input: web.stdout })[Symbol.asyncIterator]();
    const { resolve, caFile } = JSON.parse((await lines.next()).value ?? "{}");
    const catalog = loadCatalog("catalog");
    const targets = selectTargets(catalog, { sites: catalog.sites.map(({ host }) => host) });
    const before = process.cpuUsage();
    const started = performance.now();
    const results = await checkTargets(targets, { env: { SITEFLEET_RESOLVE: resolve, SITEFLEET_CA_FILE: caFile } });
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(before);
    web.stdin.end();
    const server = JSON.parse((await lines.next()).value ?? "{}") as { cpuSeconds: number };
    const cpu = (user + system) / 1e6;
    console.log(
      `${targets.length} sites: ${seconds.toFixed(1)} s; CPU ${cpu.toFixed(1)} s here, ${server.cpuSeconds.toFixed(1)} s in the web server`,
    );
    const report = reportOf(results, seconds);
    expect(report.counts).toEqual({ pass: 1500, fail: 0, inconclusive: 0 });
    expect(cpu + server.cpuSeconds).toBeLessThan(CPU_SECONDS);
    // A machine that others use as well takes longer; the processors' time above is what keeps the promise.
    expect(seconds).toBeLessThan(WALL_SECONDS * 4);
  } finally {
    web.kill();
    if (web.exitCode === null && web.signalCode === null) await once(web, "exit");
    rmSync(dir, { recursive: true, force: true });
  }
}, 120_000);
