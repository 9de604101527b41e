import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkCatalog } from "../../../model/index.ts";
import { copySampleCatalog } from "../../../model/sample/copy.ts";
import { sampleCsv } from "../../../model/sample/sites.ts";

function timed(dir: string): { ms: number; problems: number; sites: number } {
  const start = process.cpuUsage();
  const { catalog, problems } = checkCatalog(dir);
  const { user, system } = process.cpuUsage(start);
  return { ms: (user + system) / 1000, problems: problems.length, sites: catalog?.sites.length ?? 0 };
}

// Breaks when a check becomes quadratic, or a row costs more than it should. CPU time, because the machine may be shared.
test("5000 sites load and validate in under a second, also when every row is wrong", () => {
  const dir = mkdtempSync(join(tmpdir(), "catalog-speed-"));
  try {
    copySampleCatalog("catalog", dir, 5000);
    const good = timed(dir);
    expect(good).toMatchObject({ problems: 0, sites: 5000 });
    expect(good.ms).toBeLessThan(1000);
    writeFileSync(join(dir, "sites.csv"), sampleCsv(5000).replaceAll("stable", "gone").replaceAll(",own,", ",Own,"));
    const bad = timed(dir);
    expect(bad.problems).toBeGreaterThan(4000);
    expect(bad.ms).toBeLessThan(2000);
    console.log(`5000 sites: ${good.ms.toFixed(0)} ms of CPU; with ${bad.problems} problems: ${bad.ms.toFixed(0)} ms`);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
