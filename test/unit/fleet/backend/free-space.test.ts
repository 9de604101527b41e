import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { freeBytes, watchSpace } from "../../../../fleet/backend/store/free-space.ts";

// What breaks when these fail: a run goes on until the disk is full, and the engine's state files are cut off.

let dir: string;
const env = () => ({ PULUMI_BACKEND_URL: `file://${dir}` });
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sitefleet-space-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it("refuses to begin with less than the least, naming both figures", () => {
  const free = freeBytes(env()) ?? 0;
  expect(free).toBeGreaterThan(0);
  expect(() => watchSpace(env(), free * 2)).toThrowError(expect.objectContaining({ code: "disk.full" }));
  expect(() => watchSpace({ ...env(), SITEFLEET_LEAST_FREE_MIB: "much" })).toThrowError(
    expect.objectContaining({ code: "environment.invalid" }),
  );
});

it("lets a run go on while there is enough, and forgets its timer", () => {
  const watch = watchSpace(env(), 1);
  expect(watch.signal.aborted).toBe(false);
  watch.close();
});

it("knows nothing of the disk behind other backends", () => {
  expect(freeBytes({ PULUMI_BACKEND_URL: "gs://bucket" })).toBeUndefined();
  expect(() => watchSpace({ PULUMI_BACKEND_URL: "gs://bucket" }, Number.MAX_SAFE_INTEGER).close()).not.toThrow();
});

it("looks where the copies of stacks in a bucket are worked on, made already or not", () => {
  const remote = { PULUMI_BACKEND_URL: "s3://bucket", SITEFLEET_STATE_DIR: join(dir, "not/yet") };
  expect(freeBytes(remote)).toBeGreaterThan(0);
  expect(() => watchSpace(remote, Number.MAX_SAFE_INTEGER)).toThrowError(
    expect.objectContaining({ code: "disk.full" }),
  );
});
