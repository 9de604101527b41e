import { hostname } from "node:os";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { takeLock } from "../../../../../fleet/backend/copy/lock.ts";
import { breakDeadLocks, engineLocks } from "../../../../../fleet/backend/locks/engine-locks.ts";
import { directoryStore } from "../../../../../fleet/backend/store/directory-store.ts";
import { placesOf } from "../../../../../fleet/backend/store/project.ts";
import { tempDir } from "../../../plesk/support/temp.ts";

// What breaks when these fail: plain pulumi and a run of ours, or two runs, work on one stack at the same time.

const STACK = "prod-cell-07";
const { locks } = placesOf(STACK);

function backend() {
  const dir = tempDir("remote-");
  const env = { PULUMI_BACKEND_URL: pathToFileURL(dir).href, SITEFLEET_STATE_DIR: tempDir("machine-") };
  return { store: directoryStore(dir), env };
}

it("is a lock as the engine writes it, and is ours while this process lives", async () => {
  const { store, env } = backend();
  const key = await takeLock(store, STACK, env);
  // What the engine reads of a lock (`lockContent` in lock.go), times as Go's encoding takes them.
  expect(JSON.parse((await store.get(key))?.text ?? "")).toMatchObject({
    pid: process.pid,
    username: expect.any(String),
    hostname: hostname(),
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/),
  });
  expect(await engineLocks(STACK, env)).toMatchObject([{ pid: process.pid, state: "live" }]);
  await expect(breakDeadLocks(STACK, env)).rejects.toMatchObject({ code: "stack.locked" });
});

it("is refused while an engine has the stack, and leaves nothing behind", async () => {
  const { store, env } = backend();
  const theirs = { pid: 1, username: "ops", hostname: "elsewhere", timestamp: new Date().toISOString() };
  await store.put(`${locks}/theirs.json`, JSON.stringify(theirs));
  await expect(takeLock(store, STACK, env)).rejects.toMatchObject({ code: "stack.locked", subject: STACK });
  expect((await store.list(`${locks}/`)).map(({ key }) => key)).toEqual([`${locks}/theirs.json`]);
});

it("is never had by two that ask at once", async () => {
  const { store, env } = backend();
  const asked = await Promise.allSettled(Array.from({ length: 5 }, () => takeLock(store, STACK, env)));
  const had = asked.filter(({ status }) => status === "fulfilled");
  expect(had.length).toBeLessThanOrEqual(1);
  expect(await store.list(`${locks}/`)).toHaveLength(had.length);
});

it.each([
  ["another boot", { boot: "another", ticks: "1" }],
  ["another process of that number", { boot: "", ticks: "1" }],
])("is given up where it is of %s", async (_, sitefleet) => {
  const { store, env } = backend();
  const since = new Date().toISOString();
  const left = { pid: process.pid, username: "ops", hostname: hostname(), timestamp: since, sitefleet };
  await store.put(`${locks}/left.json`, JSON.stringify(left));
  expect(await breakDeadLocks(STACK, env)).toMatchObject([{ pid: process.pid }]);
  expect(await store.list(`${locks}/`)).toEqual([]);
});
