import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { restoreCutOff } from "../../../../fleet/repair/cut-off.ts";

// States that a full disk has cut off. What breaks when these fail: one of them, and no stack of the estate can be listed.

let root: string;
const env = () => ({ PULUMI_BACKEND_URL: `file://${root}` });
const whole = (serial: number) => `${JSON.stringify({ version: 3, serial }, undefined, 4)}\n`;
const write = (path: string, text: string) => {
  const file = join(root, ".pulumi", path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
};
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sitefleet-cut-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it("takes the engine's copy, else the newest whole state of the history, and keeps the broken file", async () => {
  const a = write("stacks/sitefleet/a.json", whole(9).slice(0, 12));
  write("stacks/sitefleet/a.json.bak", whole(8));
  const b = write("stacks/sitefleet/b.json", whole(9).slice(0, 12));
  write("stacks/sitefleet/b.json.bak", whole(9).slice(0, 3));
  write("history/sitefleet/b/b-1795339286376114452.checkpoint.json", whole(1));
  write("history/sitefleet/b/b-1795339286376114453.checkpoint.json", whole(2));
  write("history/sitefleet/b/b-1795339286376114454.checkpoint.json", whole(3).slice(0, 5));
  const restored = await restoreCutOff(env());
  expect(restored.map(({ stack, from }) => [stack, from && basename(from)])).toEqual([
    ["a", "a.json.bak"],
    ["b", "b-1795339286376114453.checkpoint.json"],
  ]);
  expect([a, b].map((file) => readFileSync(file, "utf8"))).toEqual([whole(8), whole(2)]);
  expect(restored.map(({ broken }) => readFileSync(broken, "utf8"))).toEqual([
    whole(9).slice(0, 12),
    whole(9).slice(0, 12),
  ]);
  expect(await restoreCutOff(env())).toEqual([]);
});

it("lets a stack begin anew that has no older state", async () => {
  const file = write("stacks/sitefleet/a.json", "");
  expect(await restoreCutOff(env())).toMatchObject([{ stack: "a" }]);
  expect(existsSync(file)).toBe(false);
});

it("leaves whole states alone, whatever their form, and stacks that somebody works on", async () => {
  write("stacks/sitefleet/a.json", whole(1));
  write("stacks/sitefleet/b.json", '{"version":3}');
  const file = write("stacks/sitefleet/c.json", "{");
  const lock = { pid: process.pid, username: "x", hostname: "elsewhere", timestamp: new Date().toISOString() };
  write("locks/organization/sitefleet/c/1.json", JSON.stringify(lock));
  expect(hostname()).not.toBe("elsewhere");
  expect(await restoreCutOff(env())).toEqual([]);
  expect(readFileSync(file, "utf8")).toBe("{");
});

it("knows nothing of other backends", async () => {
  expect(await restoreCutOff({ PULUMI_BACKEND_URL: "s3://bucket" })).toEqual([]);
});
