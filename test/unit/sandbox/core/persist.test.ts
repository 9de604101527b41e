import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { persist, readState } from "../../../../sandbox/core/index.ts";

// What survives a restart, and what a crash can cost.
let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sitefleet-state-"));
  file = join(dir, "deep", "state.json");
});
afterEach(() => rm(dir, { recursive: true }));

const stateIn = async (path: string): Promise<unknown> => (await readState(path))?.state;

test("many changes are one write, soon", async () => {
  let state = 0;
  let snapshots = 0;
  const snapshot = () => {
    snapshots += 1;
    return { state };
  };
  const persistence = persist({ file, snapshot, debounceMs: 20 });
  for (state = 1; state < 100; state++) persistence.changed();
  await expect.poll(() => stateIn(file), { timeout: 5000 }).toEqual({ state: 100 });
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
  expect(await stateIn(file)).toBe("last");
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
  expect(await stateIn(file)).toBe(20);
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
  expect(await stateIn(file)).toBe("x");
});

test("a file cut off by a crash of the old kind is refused by name, never taken for empty", async () => {
  await mkdir(join(dir, "deep"));
  for (const text of ["", '{"format":1,"state":{"a"', "[]", '{"format":2,"state":{}}', "null"]) {
    await writeFile(file, text);
    await expect(readState(file)).rejects.toMatchObject({ code: "sandbox.state-corrupt", subject: file });
  }
  expect(await readFile(file, "utf8")).toBe("null");
});

// A change must cost its own size: with everything written each time, N changes of a fleet cost N squared.
describe("with changes", () => {
  /** Numbers, of which only those that came since the last write are added. */
  function numbers() {
    const all: number[] = [];
    const counts = { snapshots: 0, characters: 0 };
    let fresh: number[] = [];
    const persistence = persist({
      file,
      debounceMs: 60_000,
      snapshot: () => {
        counts.snapshots += 1;
        counts.characters += JSON.stringify(all).length;
        return [...all];
      },
      changes: () => fresh.splice(0),
    });
    const add = async (...more: number[]): Promise<void> => {
      all.push(...more);
      fresh = [...fresh, ...more];
      persistence.changed();
      await persistence.flush();
    };
    return { add, counts, all, persistence };
  }
  const read = async (): Promise<unknown[]> => {
    const saved = await readState(file);
    return [saved?.state, ...(saved?.changes ?? [])].flat();
  };

  test("all is written once, then only what came", async () => {
    const { add, counts } = numbers();
    await add(1, 2);
    await add(3);
    await add(4, 5);
    expect(counts.snapshots).toBe(1);
    expect(await readState(file)).toEqual({ state: [1, 2], changes: [[3], [4, 5]] });
  });

  test("all is written anew only when as much was added, so that the sum grows with what was written", async () => {
    const { add, counts, all } = numbers();
    for (let n = 0; n < 200; n++) await add(...Array.from({ length: 1000 }, (_, index) => 10_000 + index));
    expect(counts.snapshots).toBeLessThan(8);
    expect(counts.characters).toBeLessThan(3 * JSON.stringify(all).length);
    expect(await read()).toEqual(all);
    expect((await stat(file)).size).toBeLessThan(2.5 * JSON.stringify(all).length);
  });

  test("at rest the file is one snapshot", async () => {
    const { add, persistence } = numbers();
    await add(1);
    await add(2);
    await persistence.close();
    expect(await readFile(file, "utf8")).toBe('{"format":1,"state":[1,2]}\n');
  });

  test("the next run adds nothing to what the last one left", async () => {
    await numbers().add(1);
    const next = numbers();
    await next.add(7);
    expect(await readState(file)).toEqual({ state: [7], changes: [] });
  });

  test("a last line that a crash cut off is left out, one in the middle refused", async () => {
    const { add } = numbers();
    await add(1);
    await add(2);
    await add(3, 4);
    const text = await readFile(file, "utf8");
    for (let cut = 1; cut < "[3,4]\n".length; cut++) {
      await writeFile(file, text.slice(0, -cut));
      expect(await readState(file)).toEqual({ state: [1], changes: [[2]] });
    }
    await writeFile(file, text.replace("[2]", "[2"));
    await expect(readState(file)).rejects.toMatchObject({ code: "sandbox.state-corrupt", subject: file });
  });

  test("a file that somebody deleted is written anew", async () => {
    const { add, all } = numbers();
    await add(1);
    await rm(file);
    await add(2);
    expect(await readState(file)).toEqual({ state: all, changes: [] });
  });

  test("what came while nothing could be written is made up for", async () => {
    const { add, all } = numbers();
    await add(1);
    await rm(file);
    await mkdir(`${file}.tmp`);
    await expect(add(2)).rejects.toMatchObject({ code: "EISDIR" });
    await rm(`${file}.tmp`, { recursive: true });
    await add(3);
    expect(await readState(file)).toEqual({ state: all, changes: [] });
  });
});
