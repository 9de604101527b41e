import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { likelyDiffers } from "../../../../fleet/run/early.ts";

// What breaks when these fail: a command that finds nothing to do starts runners for it, or a review waits for them.

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sf-early-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const at = (name: string, seconds: number) => {
  writeFileSync(join(dir, name), "");
  utimesSync(join(dir, name), seconds, seconds);
};

it("a catalog that was written after the last look at the stacks is likely to differ", () => {
  at("sites.csv", 100);
  expect(likelyDiffers(dir, dir), "nothing is remembered").toBe(true);
  at("index.json", 200);
  expect(likelyDiffers(dir, dir)).toBe(false);
  at("zones.yaml", 201);
  expect(likelyDiffers(dir, dir)).toBe(true);
});

it("a catalog that cannot be read starts nothing", () => {
  at("index.json", 200);
  expect(likelyDiffers(join(dir, "none"), dir)).toBe(false);
});
