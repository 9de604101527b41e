import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { mendBackend } from "../../../../fleet/backend/states/mend.ts";

// Files that a killed engine leaves half written. What breaks when these fail: one such file, and no stack can be listed.

let root: string;
const stacks = () => join(root, ".pulumi/stacks/sitefleet");
const env = () => ({ PULUMI_BACKEND_URL: `file://${root}` });
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sitefleet-mend-"));
  mkdirSync(stacks(), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it("removes empty and cut off attributes and nothing else", () => {
  const write = (name: string, text: string) => writeFileSync(join(stacks(), name), text);
  write("a.json", "{}");
  write("a.json.attrs", "");
  write("b.json", "");
  write("b.json.attrs", '{"md5":"x"}');
  write("b.json.bak.attrs", '{"md5":');
  const removed = mendBackend(env()).map((file) => file.slice(stacks().length + 1));
  expect(removed.sort()).toEqual(["a.json.attrs", "b.json.bak.attrs"]);
  expect(existsSync(join(stacks(), "b.json"))).toBe(true);
  expect(mendBackend(env())).toEqual([]);
});

it("leaves other backends alone", () => {
  expect(mendBackend({ PULUMI_BACKEND_URL: "s3://bucket" })).toEqual([]);
});
