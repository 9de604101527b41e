import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { persist, readState } from "../../../../sandbox/core/index.ts";

// What survives a restart, and what a crash can cost.
let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sitefleet-state-"));
  file = join(dir, "deep", "state.json");
});
afterEach(() => rm(dir, { recursive: true }));

test("many changes are one write, soon", async () => {
  let state = 0;
  let snapshots = 0;
  const snapshot = () => {
    snapshots += 1;
    return { state };
  };
  const persistence = persist({ file, snapshot, debounceMs: 20 });
  for (state = 1; state < 100; state++) persistence.changed();
  await expect.poll(() => readState(file), { timeout: 5000 }).toEqual({ state: 100 });
  expect(snapshots).toBe(1);
  await persistence.close();
  expect(snapshots).toBe(1);
  expect(await readdir(join(dir, "deep"))).toEqual(["state.json"]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("closing writes what the debounce still holds", async () => {
  const persistence = persist({ file, snapshot: () => "last", debounceMs: 60_000 });
  persistence.changed();
  await persistence.close();
  expect(await readState(file)).toBe("last");
});

test("nothing changed, nothing written", async () => {
  await persist({ file, snapshot: () => 1 }).close();
  expect(await readState(file)).toBeUndefined();
});

test("overlapping flushes end with the newest state", async () => {
  let state = 0;
  const persistence = persist({ file, snapshot: () => state, debounceMs: 60_000 });
  const writes = Array.from({ length: 20 }, () => {
    state += 1;
    persistence.changed();
    return persistence.flush();
  });
  await Promise.all(writes);
  expect(await readState(file)).toBe(20);
});

test("a write that fails is reported, and made up for by the next", async () => {
  const errors: unknown[] = [];
  await mkdir(join(dir, "deep"));
  await mkdir(`${file}.tmp`);
  const persistence = persist({ file, snapshot: () => "x", debounceMs: 5, onError: (error) => errors.push(error) });
  persistence.changed();
  await expect.poll(() => errors.length, { timeout: 5000 }).toBe(1);
  await rm(`${file}.tmp`, { recursive: true });
  persistence.changed();
  await persistence.flush();
  expect(await readState(file)).toBe("x");
});

test("a file cut off by a crash of the old kind is refused by name, never taken for empty", async () => {
  await mkdir(join(dir, "deep"));
  for (const text of ["", '{"format":1,"state":{"a"', "[]", '{"format":2,"state":{}}', "null"]) {
    await writeFile(file, text);
    await expect(readState(file)).rejects.toMatchObject({ code: "sandbox.state-corrupt", subject: file });
  }
  expect(await readFile(file, "utf8")).toBe("null");
});
