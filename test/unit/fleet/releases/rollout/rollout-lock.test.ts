import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { LOCKS_KEY } from "../../../../../fleet/backend/locks/lock-table.ts";
import { stateStore } from "../../../../../fleet/backend/store/state-store.ts";
import type { Store } from "../../../../../fleet/backend/store/store.ts";
import { rolloutFiles } from "../../../../../fleet/releases/rollout/files.ts";
import {
  askOrAct,
  type Place,
  rolloutLockHolder,
  withRolloutLock,
} from "../../../../../fleet/releases/rollout/rollout-lock.ts";
import type { Request, RolloutRecord } from "../../../../../fleet/releases/rollout/types.ts";
import { BACKENDS, BUILD_MS, type TestBackend } from "../../../../support/backends.ts";
import { tempDir } from "../../../plesk/support/temp.ts";

// Several processes and machines about one rollout, in a directory, a bucket and a database. What breaks when these fail: two
// processes carry the same rollout out, a request is lost, or nobody may go on because a machine that is gone had it.

const RUNNER = fileURLToPath(new URL("runner-main.ts", import.meta.url));
const DIRECTORY = { name: "a directory", available: true, start: async () => undefined };
const want = (what: Request["want"]): Request => ({ want: what, by: "me", keep: false });

describe.each([DIRECTORY, ...BACKENDS])("rollouts in $name", ({ available, start }) => {
  const test = it.skipIf(!available);
  const children: ChildProcess[] = [];
  const dir = tempDir("turn-");
  let backend: TestBackend | undefined;
  let store: Store | undefined;
  let number = 0;
  const place = (more: Partial<Place> = {}): Place => ({ dir, store, ...more });
  const files = () => rolloutFiles(dir, store);

  beforeAll(async () => {
    if (!available) return;
    backend = await start();
    Object.assign(process.env, backend?.env);
    store = backend && (await stateStore({ ...process.env, PULUMI_BACKEND_URL: backend.url }));
  }, BUILD_MS);
  afterEach(async () => {
    for (const child of children.splice(0)) {
      const ended = child.exitCode !== null || child.signalCode !== null;
      child.kill("SIGKILL");
      if (!ended) await new Promise((resolve) => child.once("exit", resolve));
    }
  });
  afterAll(() => backend?.stop());

  /** Starts a runner; what it has said so far. */
  function runner(settings: { id: string; takes?: boolean; holdMs?: number }) {
    const argument = JSON.stringify({ dir, url: backend?.url, takes: false, holdMs: 60_000, ...settings });
    const child = spawn(process.execPath, [RUNNER, argument], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    const said: string[] = [];
    child.stdout.setEncoding("utf8").on("data", (text: string) => said.push(...text.trim().split("\n")));
    const ended = new Promise((resolve) => child.once("close", resolve));
    const first = () => expect.poll(() => said[0], { timeout: 30_000 }).toBeDefined();
    return { child, said, ended, first };
  }

  test("one of several processes that begin at once has the turn, the others are told who has it", async () => {
    const all = Array.from({ length: 3 }, () => runner({ id: "none", holdMs: 5_000 }));
    for (const { first } of all) await first();
    expect(all.map(({ said }) => said[0]).sort()).toEqual(["in", "lock.held", "lock.held"]);
    const winner = all.find(({ said }) => said[0] === "in");
    expect((await rolloutLockHolder(place()))?.pid).toBe(winner?.child.pid);
    await expect(withRolloutLock(place(), {}, async () => {})).rejects.toMatchObject({ code: "lock.held" });
    await winner?.ended;
    expect(await withRolloutLock(place(), {}, async () => "mine")).toBe("mine");
    expect(await rolloutLockHolder(place())).toBeUndefined();
  }, 60_000);

  test("a request goes to the process that has the turn", async () => {
    const id = `r${number++}`;
    const other = runner({ id, takes: true });
    await other.first();
    let asked: number | undefined;
    const act = async () => "here";
    const done = askOrAct({ place: place(), files: files(), id, request: want("pause") }, act, (holder) => {
      asked = holder?.pid;
    });
    expect(await done).toBeUndefined();
    expect(asked).toBe(other.child.pid);
    await other.ended;
    expect(other.said).toEqual(["in", "took pause"]);
    expect(await files().isAsked(id)).toBe(false);
  }, 60_000);

  test("a process that dies before it has heard leaves the request to whoever asked", async () => {
    const id = `r${number++}`;
    const deaf = runner({ id });
    await deaf.first();
    const act = async () => (await files().take(id))?.want;
    const done = askOrAct({ place: place(), files: files(), id, request: want("abort") }, act, () =>
      deaf.child.kill("SIGKILL"),
    );
    expect(await done).toBe("abort");
  }, 60_000);

  test("a process in a long step gets the request later, and whoever asked does not wait for ever", async () => {
    const id = `r${number++}`;
    await runner({ id }).first();
    const asking = { place: place({ times: { heardMs: 300 } }), files: files(), id, request: want("pause") };
    expect(
      await askOrAct(
        asking,
        async () => "here",
        () => {},
      ),
    ).toBeUndefined();
    expect(await files().isAsked(id)).toBe(true);
    expect(await files().take(id)).toMatchObject({ want: "pause" });
  }, 60_000);

  test("of several that take a request one gets it, and one that is left meanwhile stays", async () => {
    const id = `r${number++}`;
    const one = files();
    await one.ask(id, want("pause"));
    const taken = await Promise.all(Array.from({ length: 5 }, () => one.take(id)));
    expect(taken.filter((request) => request !== undefined)).toHaveLength(1);
    await one.ask(id, want("abort"));
    expect(await one.take(id)).toMatchObject({ want: "abort" });
    expect(await one.take(id)).toBeUndefined();
  });

  test("records and events are read as they were written, the newest first", async () => {
    const one = files();
    const records = ["20261122T100000Z-a", "20261122T110000Z-b"].map(
      (id): RolloutRecord => ({
        version: 1,
        id,
        digest: "d",
        startedAt: new Date(0).toISOString(),
        status: "paused",
        reason: "by hand",
        rollback: true,
        keep: false,
        waves: [],
        before: { "prod-cell-07": null },
        target: { "prod-cell-07": { kind: "cell", sites: [] } },
      }),
    );
    for (const record of records) await one.save(record);
    const [older, newer] = records as [RolloutRecord, RolloutRecord];
    await one.ask(newer.id, want("pause"));
    for (const event of ["resumed", "resumed"] as const)
      await one.append({ at: new Date(0).toISOString(), rollout: older.id, event, by: "me" });
    expect(await one.list()).toEqual([newer.id, older.id]);
    expect(await one.read(older.id)).toEqual(older);
    expect(await one.events(older.id)).toHaveLength(2);
    await one.save({ ...older, status: "done" });
    expect(await one.read(older.id)).toMatchObject({ status: "done" });
  });

  const machines = it.skipIf(!available || start === DIRECTORY.start);
  const times = { pollMs: 20, beatMs: 20, staleMs: 400, heardMs: 20_000 };
  /** Leaves what a runner on another machine has left. */
  const gone = async () => {
    const holder = { user: "ci", host: "gone-machine", boot: "b", pid: 1, startTicks: "1", operation: "rollout" };
    const run = { ...holder, run: "far", since: new Date().toISOString(), beat: 7 };
    await store?.put(LOCKS_KEY, JSON.stringify({ version: 1, runs: { far: run }, stacks: { rollout: "far" } }));
  };

  machines(
    "a runner whose machine is gone is found out, and the request done here",
    async () => {
      const id = `r${number++}`;
      await gone();
      const named: (string | undefined)[] = [];
      const asking = { place: place({ times }), files: files(), id, request: want("abort") };
      const done = await askOrAct(
        asking,
        async () => (await files().take(id))?.want,
        (holder) => named.push(holder?.host),
      );
      expect(done).toBe("abort");
      expect(named).toEqual(["gone-machine"]);
      await gone();
      // Somebody who knows does not wait.
      const knowing = { ...asking, place: place({ gone: ["gone-machine"] }) };
      expect(
        await askOrAct(
          knowing,
          async () => "here",
          () => named.push("asked"),
        ),
      ).toBe("here");
      expect(named).toEqual(["gone-machine"]);
    },
    60_000,
  );

  machines(
    "a runner that was taken for gone is stopped before it writes anything more",
    async () => {
      const run = withRolloutLock(place({ times }), {}, async (lost) => {
        await store?.put(LOCKS_KEY, JSON.stringify({ version: 1, runs: {}, stacks: {} }));
        await new Promise((resolve) => lost?.addEventListener("abort", resolve));
      });
      await expect(run).rejects.toMatchObject({ code: "lock.lost" });
    },
    60_000,
  );
});
