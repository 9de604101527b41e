import { appendFileSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { INDEX_KEY, mergeIndexes, shareIndex } from "../../../../../fleet/backend/index/shared-index.ts";
import { readIndex, type StackIndex, updateIndex } from "../../../../../fleet/backend/index/stack-index.ts";
import { Journal, readRun } from "../../../../../fleet/backend/journal/journal.ts";
import { RUNS_PREFIX, syncRuns } from "../../../../../fleet/backend/journal/shared-runs.ts";
import { breakDeadLocks, engineLocks } from "../../../../../fleet/backend/locks/engine-locks.ts";
import { inspectStates } from "../../../../../fleet/backend/states/inspect.ts";
import { checkpoints } from "../../../../../fleet/backend/states/state-files.ts";
import { stateStore } from "../../../../../fleet/backend/store/state-store.ts";
import type { Store } from "../../../../../fleet/backend/store/store.ts";
import { NO_COUNTS } from "../../../../../fleet/engine/outcome.ts";
import { readStacks } from "../../../../../fleet/engine/read-stacks.ts";
import { BACKENDS, BUILD_MS, type TestBackend } from "../../../../support/backends.ts";
import { stateOf, stateText } from "../../../../support/states.ts";
import { tempDir } from "../../../plesk/support/temp.ts";

// What machines know of each other through a bucket or database. What breaks when these fail: a run whose machine is gone
// cannot be resumed elsewhere, or a stack is left locked for ever, or is taken from an engine that still works.

const entry = (lastUpdate: string, state = "s") => ({
  fingerprint: { state, program: "p", settings: "c", shared: "o" },
  lastUpdate,
});

describe("two machines' indexes", () => {
  const index = (stacks: StackIndex["stacks"], shared?: string): StackIndex => ({
    version: 1,
    stacks,
    ...(shared ? { shared: { lastUpdate: shared, projects: {}, zones: {} } } : {}),
  });

  it("become one, with what was written about each stack's later update", () => {
    const one = index({ a: entry("2026-01-01"), b: entry("2026-01-03", "one") }, "2026-01-02");
    const other = index({ b: entry("2026-01-02", "other"), c: entry("2026-01-01") }, "2026-01-01");
    const merged = mergeIndexes(one, other);
    expect(merged).toEqual(mergeIndexes(other, one));
    expect(Object.keys(merged.stacks)).toEqual(["a", "b", "c"]);
    expect(merged.stacks.b?.fingerprint.state).toBe("one");
    expect(merged.shared?.lastUpdate).toBe("2026-01-02");
  });
});

describe.each(BACKENDS)("files of ours in $name", ({ available, start }) => {
  const test = it.skipIf(!available);
  let backend: TestBackend;
  let store: Store;
  let env: NodeJS.ProcessEnv;
  const machine = () => mkdtempSync(join(tempDir("machines-"), "m-"));
  beforeAll(async () => {
    if (!available) return;
    backend = await start();
    Object.assign(process.env, backend.env);
    env = { ...process.env, PULUMI_BACKEND_URL: backend.url };
    store = (await stateStore(env)) as Store;
  }, BUILD_MS);
  afterAll(() => backend?.stop());
  beforeEach(async () => {
    if (available) for (const { key } of await store.list("")) await store.remove(key);
  });

  test("a run that was cut off is known on another machine as far as it got", async () => {
    const [one, two] = [machine(), machine()];
    const journal = new Journal(one, "20260101T000000Z-aaaaaa", store);
    journal.write({
      event: "run-started",
      run: "20260101T000000Z-aaaaaa",
      operation: "up",
      stacks: ["a", "b"],
      host: "m1",
    });
    journal.write({ event: "stack-started", stack: "a" });
    await journal.flush();
    await syncRuns(store, two);
    expect(readRun(two, "20260101T000000Z-aaaaaa")).toMatchObject({ interrupted: ["a"], host: "m1", complete: false });
    journal.write({ event: "stack-ended", stack: "a", ok: true, counts: NO_COUNTS, errors: [] });
    await journal.close();
    await syncRuns(store, two);
    expect(readRun(two, "20260101T000000Z-aaaaaa")).toMatchObject({ done: ["a"], interrupted: [] });
  });

  test("what a journal could not hand in is handed in by the next run of its machine, once it is not too old", async () => {
    const [one, two] = [machine(), machine()];
    for (const run of ["20260101T000000Z-bbbbbb", "20260102T000000Z-cccccc"]) {
      writeFileSync(join(one, `${run}.jsonl`), `${JSON.stringify({ event: "run-ended", at: "x", ok: true })}\n`);
    }
    const past = new Date(Date.now() - 8 * 86_400_000);
    utimesSync(join(one, "20260101T000000Z-bbbbbb.jsonl"), past, past);
    await syncRuns(store, one);
    await syncRuns(store, two);
    expect(readdirSync(two)).toEqual(["20260102T000000Z-cccccc.jsonl"]);
    appendFileSync(join(one, "20260102T000000Z-cccccc.jsonl"), "{}\n");
    await syncRuns(store, one);
    await syncRuns(store, two);
    expect(readFileSync(join(two, "20260102T000000Z-cccccc.jsonl"), "utf8")).toMatch(/\{\}\n$/);
  });

  // Each of them is a request, and on a bucket far away its time.
  test("events that no caller waits for come together, and soon", async () => {
    let puts = 0;
    const counted: Store = { ...store, put: (...asked) => store.put(...asked).finally(() => puts++) };
    const journal = new Journal(machine(), "20260104T000000Z-eeeeee", counted);
    journal.write({ event: "stack-started", stack: "a" });
    journal.write({ event: "run-widened", stacks: ["b"] });
    journal.write({ event: "stack-started", stack: "b" });
    await journal.flush();
    expect(puts).toBe(1);
    journal.write({ event: "stack-ended", stack: "a", ok: true, counts: NO_COUNTS, errors: [] });
    await expect.poll(() => puts, { timeout: 10_000 }).toBe(2);
    await journal.close();
    expect(puts).toBe(2);
  });

  test("a store that is out of reach keeps a stack from starting, and loses nothing of the journal", async () => {
    const dir = machine();
    let down = true;
    const shaky: Store = {
      ...store,
      put: (key, text, condition) => (down ? Promise.reject(new Error("down")) : store.put(key, text, condition)),
    };
    const journal = new Journal(dir, "20260103T000000Z-dddddd", shaky);
    journal.write({ event: "stack-started", stack: "a" });
    await expect(journal.flush()).rejects.toThrow("down");
    down = false;
    journal.write({ event: "stack-started", stack: "b" });
    await journal.close();
    const { text = "" } = (await store.get(`${RUNS_PREFIX}20260103T000000Z-dddddd.jsonl`)) ?? {};
    expect(text).toBe(readFileSync(join(dir, "20260103T000000Z-dddddd.jsonl"), "utf8"));
  });

  test("an index is passed on, and not written when nothing has changed", async () => {
    const [one, two] = [machine(), machine()];
    updateIndex(one, (index) => ({ ...index, stacks: { a: entry("2026-01-01") } }));
    updateIndex(two, (index) => ({ ...index, stacks: { b: entry("2026-01-01") } }));
    await shareIndex(store, one);
    await shareIndex(store, two);
    await shareIndex(store, one);
    expect(readIndex(one)).toEqual(readIndex(two));
    const before = (await store.list(INDEX_KEY))[0]?.modifiedAt;
    await shareIndex(store, two);
    expect((await store.list(INDEX_KEY))[0]?.modifiedAt).toBe(before);
  });

  test("the engine's locks are found, and a dead one is removed by itself", async () => {
    const folder = ".pulumi/locks/organization/sitefleet/a";
    const lock = (host: string, pid: number) =>
      JSON.stringify({ pid, username: "ci", hostname: host, timestamp: new Date().toISOString() });
    await store.put(`${folder}/far.json`, lock("another-machine", 1));
    expect(await engineLocks("a", env)).toMatchObject([{ host: "another-machine", state: "unknown" }]);
    await expect(breakDeadLocks("a", env)).rejects.toMatchObject({ code: "stack.locked" });
    // No process has this number: Linux has at most 4194304.
    await store.put(`${folder}/here.json`, lock(hostname(), 4_194_305));
    await store.put(`${folder.replace(/a$/, "ab")}/other.json`, lock("another-machine", 1));
    expect(await breakDeadLocks("a", env, { gone: new Set(["another-machine"]) })).toHaveLength(2);
    expect((await store.list(".pulumi/locks/")).map(({ key }) => key)).toEqual([`${folder}b/other.json`]);
  });

  // Sixty-four stacks were sixty-four requests of every command. A state that another run has written must be opened all the same.
  test("a state is opened only when it has another version than what is remembered of it", async () => {
    for (const stack of ["a", "b"]) await store.put(`.pulumi/stacks/sitefleet/${stack}.json`, stateText(stack));
    const found = await readStacks(env);
    expect([...found.values()].every(({ version }) => version)).toBe(true);
    const known = new Map([...found].map(([stack, info]) => [stack, { ...info, lastUpdate: "remembered" }]));
    const times = async () =>
      [...(await readStacks(env, Promise.resolve(known)))].map(([stack, info]) => [stack, info.lastUpdate]);
    expect(Object.fromEntries(await times())).toEqual({ a: "remembered", b: "remembered" });
    await store.put(".pulumi/stacks/sitefleet/b.json", stateText("b", { time: "2026-11-30T01:02:03.000000001Z" }));
    expect(Object.fromEntries(await times())).toEqual({ a: "remembered", b: "2026-11-30T01:02:03.000Z" });
  });

  test("the engine's states are read where they are, compressed or not, and damaged ones are told with their copies", async () => {
    await store.put(".pulumi/stacks/sitefleet/a.json", stateText("a"));
    await store.put(".pulumi/stacks/sitefleet/a.json.bak", stateText("a"));
    await store.put(".pulumi/stacks/sitefleet/b.json", stateText("b").slice(0, 200));
    await store.put(".pulumi/stacks/sitefleet/b.json.bak", stateText("b"));
    await store.put(".pulumi/stacks/sitefleet/c.json.bak", stateText("c"));
    await store.put(".pulumi/history/sitefleet/c/c-1795339286376114453.history.json", "{}");
    const read = await checkpoints(env);
    expect([...(read?.keys() ?? [])]).toEqual(["a", "b"]);
    expect(await read?.get("a")?.()).toEqual(stateOf("a"));
    await expect(read?.get("b")?.()).rejects.toMatchObject({ code: "state.damaged", subject: "b" });
    const before = await store.list("");
    const faults = await inspectStates(["a", "b", "c", "d"], env);
    expect([...faults].map(([stack, { damage, mendable }]) => [stack, damage.kind, mendable])).toEqual([
      ["b", "cut-off", false],
      ["c", "gone", false],
    ]);
    expect(faults.get("c")?.error.hint).toMatch(/^(aws s3 cp s3:|psql postgres).*c\.json\.bak/);
    expect(await store.list("")).toEqual(before);
    expect(JSON.stringify(faults.get("c"))).not.toContain(backend.secret);
  });
});
