import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { hasCode } from "../../../../errors/index.ts";
import { type Holder, me } from "../../../../fleet/backend/locks/holder.ts";
import { grant, LOCKS, parseLocks, Watch, without } from "../../../../fleet/backend/locks/lock-table.ts";
import { lockStacks } from "../../../../fleet/backend/locks/locks.ts";
import { directoryStore } from "../../../../fleet/backend/store/directory-store.ts";
import { ownStore, stateStore } from "../../../../fleet/backend/store/state-store.ts";
import type { Store } from "../../../../fleet/backend/store/store.ts";
import { BACKENDS, BUILD_MS, type TestBackend } from "../../../support/backends.ts";
import { tempDir } from "../../plesk/support/temp.ts";

// What breaks when these fail: two machines update the same stack at once, or one that is gone blocks all others for ever.

const far = (run: string): Holder => ({
  run,
  user: "ci",
  host: "another-machine",
  boot: "another-boot",
  pid: 1,
  startTicks: "1",
  operation: "up",
  since: "2026-01-01T00:00:00.000Z",
});

describe("who gets what", () => {
  const none = new Set<string>();
  const empty = parseLocks(undefined);

  it("is all or nothing", () => {
    const first = grant(empty, ["b"], far("first"), none).locks;
    const second = grant(first, ["a", "b"], far("second"), none);
    expect(second.blocked).toMatchObject({ stack: "b", holder: { run: "first" } });
    expect(second.locks.stacks).toEqual({ b: "first" });
    expect(grant(without(first, new Set(["first"])), ["a", "b"], far("second"), none).blocked).toBeUndefined();
  });

  it("passes to others what a run that is gone held, and keeps the rest", () => {
    const one = grant(empty, ["a"], far("one"), none).locks;
    const two = grant(one, ["b"], far("two"), none).locks;
    const { locks, blocked } = grant(two, ["a"], far("three"), new Set(["one"]));
    expect(blocked).toBeUndefined();
    expect(locks.stacks).toEqual({ a: "three", b: "two" });
  });

  it("is nothing for a second process that goes on with the same run, and more for the first", () => {
    const [one, two] = [
      { ...far("r"), token: "one" },
      { ...far("r"), token: "two" },
    ];
    const first = grant(empty, ["a"], one, none).locks;
    expect(grant(first, ["b"], two, none).blocked).toMatchObject({ stack: "a", holder: { run: "r" } });
    expect(grant(first, ["b"], one, none).locks.stacks).toEqual({ a: "r", b: "r" });
    expect(grant(first, ["b"], two, new Set(["r"])).locks).toMatchObject({
      stacks: { b: "r" },
      runs: { r: { token: "two" } },
    });
    // Locks of before that was written, or of a run that holds nothing any more.
    expect(grant(grant(empty, ["a"], far("r"), none).locks, ["b"], two, none).blocked).toBeUndefined();
    expect(grant({ ...first, stacks: {} }, [], two, none).blocked).toMatchObject({ stack: "" });
    expect(grant({ ...first, stacks: {} }, ["c"], two, none).blocked).toMatchObject({ stack: "c" });
  });

  it("waits for a process of this machine as long as it lives, also when it is held up", () => {
    const watch = new Watch(60_000);
    const here = { version: 1 as const, stacks: {}, runs: { r: { ...me("r", "up"), beat: 1 } } };
    expect([...watch.gone(here, 0), ...watch.gone(here, 120_000)]).toEqual([]);
  });

  it("takes a run for gone when its sign of life stays the same for long enough by one's own clock", () => {
    const watch = new Watch(60_000);
    const at = (beat: number) => ({ version: 1 as const, stacks: {}, runs: { r: { ...far("r"), beat } } });
    expect([...watch.gone(at(1), 0)]).toEqual([]);
    expect([...watch.gone(at(1), 59_000)]).toEqual([]);
    expect([...watch.gone(at(2), 60_000)]).toEqual([]);
    expect([...watch.gone(at(2), 119_000)]).toEqual([]);
    expect([...watch.gone(at(2), 120_000)]).toEqual(["r"]);
  });
});

const DIRECTORY = { name: "a directory", available: true, start: async () => undefined };

describe.each([DIRECTORY, ...BACKENDS])("locks in $name", ({ available, start }) => {
  const dir = tempDir("locks-");
  let backend: TestBackend | undefined;
  let shared: Store | undefined;
  let store: Store;
  beforeAll(async () => {
    if (!available) return;
    backend = await start();
    Object.assign(process.env, backend?.env);
    shared = backend && (await stateStore({ ...process.env, PULUMI_BACKEND_URL: backend.url }));
    store = ownStore(dir, shared);
  }, BUILD_MS);
  afterAll(() => backend?.stop());

  const times = { pollMs: 20, beatMs: 20, staleMs: 400 };
  const lock = (run: string, stacks: string[], waitMs = 0, onWait?: (stack: string) => void) =>
    lockStacks({ dir, store: shared, stacks, run, operation: "up", waitMs, times, ...(onWait ? { onWait } : {}) });
  const locks = async () => parseLocks((await store.get(LOCKS))?.text);

  it.skipIf(!available)("go to one of many that want them at the same time", async () => {
    const wanted = Array.from({ length: 8 }, (_, index) => lock(`run-${index}`, ["a", "b"]));
    const got = (await Promise.allSettled(wanted)).filter(({ status }) => status === "fulfilled");
    expect(got).toHaveLength(1);
    const [winner] = got;
    if (winner?.status === "fulfilled") await winner.value.release();
    expect(await locks()).toMatchObject({ runs: {}, stacks: {} });
  });

  it.skipIf(!available)("name the holder, and are given when it is done", async () => {
    const first = await lockStacks({ dir, store: shared, stacks: ["a"], run: "first", operation: "up", waitMs: 0 });
    const refused = await lock("second", ["a"]).catch((error: unknown) => error);
    expect(hasCode(refused, "lock.held")).toBe(true);
    expect(String(refused)).toContain("run first");
    const waiting = lock("third", ["a"], 30_000, () => void first.release());
    await (await waiting).release();
  });

  it.skipIf(!available)("stay with a holder on another machine as long as it shows itself, and no longer", async () => {
    const beating = await lock("far", ["a"]);
    const elsewhere = async (run: string) => {
      const now = await locks();
      const [own] = [now.runs[run]];
      if (own)
        await store.put(LOCKS, JSON.stringify({ ...now, runs: { ...now.runs, [run]: { ...own, ...far(run) } } }));
    };
    await elsewhere("far");
    await expect(lock("near", ["a"], 800)).rejects.toMatchObject({ code: "lock.held" });
    await beating.release();
    await store.put(
      LOCKS,
      JSON.stringify({ version: 1, runs: { silent: { ...far("silent"), beat: 7 } }, stacks: { a: "silent" } }),
    );
    await (await lock("near", ["a"], 10_000)).release();
  });

  it.skipIf(!available)("of a process of this machine that is gone are taken over at once", async () => {
    const child = spawn("true");
    await new Promise((resolve) => child.on("exit", resolve));
    const held = await lockStacks({ dir, store: shared, stacks: ["a"], run: "dead", operation: "up", waitMs: 0 });
    const now = await locks();
    const dead = { ...now.runs.dead, pid: child.pid };
    await store.put(LOCKS, JSON.stringify({ ...now, runs: { dead } }));
    await (await lock("second", ["a"])).release();
    await held.release();
  });

  it.skipIf(!available)("that went to another run are known to be lost by the first", async () => {
    const first = await lock("first", ["a"]);
    await store.put(LOCKS, JSON.stringify({ version: 1, runs: {}, stacks: {} }));
    await expect.poll(() => first.lost.aborted, { timeout: 10_000 }).toBe(true);
    expect(hasCode(first.lost.reason, "lock.lost")).toBe(true);
    await first.release();
  });
});

it("refuses a store that ignores conditions, instead of giving locks that do not hold", async () => {
  let text: string | undefined;
  const careless: Store = {
    kind: "s3",
    append: async () => {},
    get: async () => (text === undefined ? undefined : { text, version: "" }),
    put: async (_, value) => {
      text = value;
      return "1";
    },
    bytes: async () => undefined,
    head: async () => undefined,
    remove: async () => {},
    list: async () => [],
  };
  const options = { dir: "", store: careless, stacks: ["a"], run: "r", operation: "up", waitMs: 0 };
  await expect(lockStacks(options)).rejects.toMatchObject({ code: "lock.unsafe" });
});

describe("a machine's next run on a bucket", () => {
  const begin = () => {
    const [dir, remote] = [tempDir("machine-"), directoryStore(tempDir("bucket-"))];
    const asked: string[] = [];
    const told =
      <Args extends unknown[], Result>(name: string, ask: (...args: Args) => Result) =>
      (...args: Args) => {
        asked.push(name);
        return ask(...args);
      };
    const store: Store = { ...remote, kind: "s3", get: told("get", remote.get), put: told("put", remote.put) };
    const lock = (run: string, at = dir) =>
      lockStacks({ dir: at, store, stacks: ["a"], run, operation: "up", waitMs: 0, times: { staleMs: 60_000 } });
    return { lock, asked: () => asked.splice(0), another: tempDir("another-machine-") };
  };

  it("takes the locks under the version that the last one left, without reading them", async () => {
    const { lock, asked } = begin();
    await (await lock("first")).release();
    asked();
    const second = await lock("second");
    // Nor whether the store keeps to conditions, which the first one has asked.
    expect(asked()).toEqual(["put"]);
    await expect(lock("third")).rejects.toMatchObject({ code: "lock.held" });
    await second.release();
    await (await lock("third")).release();
  });

  it("reads them when another machine has written since, and gives nothing away", async () => {
    const { lock, another } = begin();
    await (await lock("first")).release();
    const theirs = await lock("theirs", another);
    await expect(lock("second")).rejects.toMatchObject({ code: "lock.held", message: /run theirs/ });
    await theirs.release();
    await (await lock("second")).release();
  });

  it("asks another store anew whether it keeps to conditions", async () => {
    const { lock, asked } = begin();
    await (await lock("first")).release();
    asked();
    vi.stubEnv("SITEFLEET_STATE_URL", "s3://another");
    await (await lock("second")).release();
    vi.unstubAllEnvs();
    expect(asked()).toEqual(["get", "put", "put", "put"]);
  });
});
