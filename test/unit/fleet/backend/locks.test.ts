import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasCode } from "../../../../errors/index.ts";
import { me } from "../../../../fleet/backend/locks/holder.ts";
import { holders, lockStacks } from "../../../../fleet/backend/locks/locks.ts";

// What breaks when these fail: two runs update the same stacks at once, or a crashed run blocks all others for ever. In a
// directory; lock-table.test.ts has what is the same in buckets and tables.

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sitefleet-locks-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const lock = (run: string, stacks: string[], waitMs = 0) => lockStacks({ dir, stacks, run, operation: "up", waitMs });
const file = () => join(dir, "locks.json");
/** Changes the holder of a run. */
const edit = (run: string, change: object) => {
  const locks = JSON.parse(readFileSync(file(), "utf8"));
  Object.assign(locks.runs[run], change);
  writeFileSync(file(), JSON.stringify(locks));
};
const held = async () =>
  (await holders({ dir })).flatMap(({ holder, stacks }) => stacks.map((stack) => [stack, holder.run]));

describe("lockStacks", () => {
  it("gives a stack to one run only, and names the holder to the other", async () => {
    const first = await lock("first", ["a", "b"]);
    const refused = await lock("second", ["b", "c"]).catch((error: unknown) => error);
    expect(hasCode(refused, "lock.held")).toBe(true);
    expect(String(refused)).toContain("run first");
    await first.release();
    await (await lock("second", ["b", "c"])).release();
  });

  it("keeps nothing when one of several is held, or two runs could wait for each other", async () => {
    const first = await lock("first", ["b"]);
    await expect(lock("second", ["a", "b", "c"])).rejects.toThrow();
    expect(await held()).toEqual([["b", "first"]]);
    await first.release();
    expect(await held()).toEqual([]);
  });

  it("waits until the holder is done", async () => {
    const first = await lock("first", ["a"]);
    const waited: string[] = [];
    const second = lockStacks({
      dir,
      stacks: ["a"],
      run: "second",
      operation: "up",
      waitMs: 10_000,
      onWait: (stack) => waited.push(stack),
    });
    while (waited.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await first.release();
    await (await second).release();
    expect(waited).toEqual(["a"]);
  });

  it("takes over the lock of a process that is gone, also when its number is somebody else's now", async () => {
    const child = spawn("true");
    await new Promise((resolve) => child.on("exit", resolve));
    await lock("dead", ["a"]);
    edit("dead", { pid: child.pid });
    const second = await lock("second", ["a"]);
    edit("second", { pid: process.pid, startTicks: "1" });
    await (await lock("third", ["a"])).release();
    await second.release();
  });

  it("does not give back what another run took over in the meantime", async () => {
    const first = await lock("first", ["a"]);
    const locks = JSON.parse(readFileSync(file(), "utf8"));
    const second = { version: 1, runs: { second: locks.runs.first }, stacks: { a: "second" } };
    second.runs.second.run = "second";
    writeFileSync(file(), JSON.stringify(second));
    await first.release();
    expect(await held()).toEqual([["a", "second"]]);
  });

  it("does not give back what another process of the same run has", async () => {
    const first = await lock("first", ["a"]);
    edit("first", { token: "another" });
    await first.release();
    expect(await held()).toEqual([["a", "first"]]);
  });
});

// A directory that an earlier version is still working in.
describe("a lock file of an earlier version", () => {
  const older = (holder: object) => {
    mkdirSync(join(dir, "locks"), { recursive: true });
    writeFileSync(join(dir, "locks", "a.json"), JSON.stringify(holder));
    return join(dir, "locks", "a.json");
  };

  it("holds its stack, and no other", async () => {
    older(me("older", "up"));
    writeFileSync(join(dir, "locks", "readme"), "");
    await expect(lock("new", ["a", "b"])).rejects.toMatchObject({ code: "lock.held", message: /run older/ });
    await (await lock("new", ["b"])).release();
  });

  it("of another machine holds it until it has not been touched for a minute, or the machine is said to be gone", async () => {
    const path = older({ ...me("older", "up"), host: "another-machine" });
    await expect(lock("new", ["a"])).rejects.toThrow("another-machine");
    const past = new Date(Date.now() - 61_000);
    utimesSync(path, past, past);
    await (await lock("new", ["a"])).release();
    expect(existsSync(path)).toBe(false);
    older({ ...me("older", "up"), host: "another-machine" });
    const options = { dir, stacks: ["a"], run: "new", operation: "up", waitMs: 0, gone: ["another-machine"] };
    await (await lockStacks(options)).release();
  });

  it("of a process that has ended, or that nobody can read, holds nothing", async () => {
    older({ ...me("older", "up"), startTicks: "1" });
    await (await lock("new", ["a"])).release();
    writeFileSync(older({}), "{");
    await (await lock("new", ["a"])).release();
  });
});
