// Artifacts are kept for 30 days. When these fail, the disk fills, or the build that is declared is gone.
import { existsSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { prune } from "../../../../plesk/builder/index.ts";
import { tempDir } from "../support/temp.ts";

const NOW = new Date("2026-11-22T00:00:00Z");
const DAY = 86_400_000;
const id = (n: number) => n.toString(16).padStart(64, "0");

function keep(artifact: string, release: string, ageDays: number, provenance = true): string {
  const dir = join(`${artifact}.builds`, release);
  mkdirSync(dir, { recursive: true });
  const ended = new Date(NOW.getTime() - ageDays * DAY);
  const statement = { predicate: { runDetails: { metadata: { finishedOn: ended.toISOString() } } } };
  if (provenance) writeFileSync(join(dir, "provenance.json"), JSON.stringify(statement));
  else utimesSync(dir, ended, ended);
  return dir;
}

test("removes what ended longer ago, and keeps what is declared or asked for", async () => {
  const artifact = join(tempDir("prune-"), "site");
  const old = [keep(artifact, id(1), 31), keep(artifact, id(2), 400, false)];
  const stays = [
    keep(artifact, id(3), 29),
    keep(artifact, id(4), 1, false),
    keep(artifact, id(5), 90),
    keep(artifact, id(6), 90),
  ];
  const foreign = join(`${artifact}.builds`, "notes");
  mkdirSync(foreign);
  utimesSync(foreign, 0, 0);
  writeFileSync(`${artifact}.manifest.json`, JSON.stringify({ release: id(5) }));
  const request = { artifacts: [artifact, "/nonexistent"], keep: new Set([id(6)]), days: 30, now: NOW };
  expect(await prune(request)).toEqual(old);
  for (const dir of [...stays, foreign]) expect(existsSync(dir), dir).toBe(true);
  expect(await prune(request)).toEqual([]);
});

test("never removes what is young or declared, whatever there is", async () => {
  const builds = fc.uniqueArray(fc.record({ n: fc.nat(50), age: fc.integer({ min: 0, max: 100 }) }), {
    selector: ({ n }) => n,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(builds, fc.nat(50), fc.integer({ min: 0, max: 100 }), async (list, declared, days) => {
      const artifact = join(tempDir("prune-"), "site");
      for (const { n, age } of list) keep(artifact, id(n), age);
      writeFileSync(`${artifact}.manifest.json`, JSON.stringify({ release: id(declared) }));
      await prune({ artifacts: [artifact], days, now: NOW });
      for (const { n, age } of list) {
        expect(existsSync(join(`${artifact}.builds`, id(n)))).toBe(age <= days || n === declared);
      }
    }),
    { numRuns: 25 },
  );
});
