import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasCode } from "../../../../errors/index.ts";
import { listLocks, lockStacks } from "../../../../fleet/backend/locks/locks.ts";

// What breaks when these fail: two runs update the same stacks at once, or a crashed run blocks all others for ever.

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sitefleet-locks-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const lock = (run: string, stacks: string[], waitMs = 0) => lockStacks({ dir, stacks, run, operation: "up", waitMs });
const edit = (stack: string, change: object) => {
  const file = join(dir, `${stack}.json`);
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...change }));
  return file;
};

describe("lockStacks", () => {
  it("gives a stack to one run only, and names the holder to the other", async () => {
    const held = await lock("first", ["a", "b"]);
    const refused = await lock("second", ["b", "c"]).catch((error: unknown) => error);
    expect(hasCode(refused, "lock.held")).toBe(true);
    expect(String(refused)).toContain("run first");
    held.release();
    (await lock("second", ["b", "c"])).release();
  });

  it("keeps nothing when one of several is held, or two runs could wait for each other", async () => {
    const held = await lock("first", ["b"]);
    await expect(lock("second", ["a", "b", "c"])).rejects.toThrow();
    expect(readdirSync(dir)).toEqual(["b.json"]);
    held.release();
  });

  it("waits until the holder is done", async () => {
    const held = await lock("first", ["a"]);
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
    held.release();
    (await second).release();
    expect(waited).toEqual(["a"]);
  });

  it("takes over the lock of a process that is gone, also when its number is somebody else's now", async () => {
    const child = spawn("true");
    await new Promise((resolve) => child.on("exit", resolve));
    await lock("dead", ["a"]);
    edit("a", { pid: child.pid });
    const second = await lock("second", ["a"]);
    edit("a", { pid: process.pid, startTicks: "1" });
    (await lock("third", ["a"])).release();
    second.release();
  });

  it("takes over a lock of another machine only when its holder has not shown itself for a minute", async () => {
    await lock("far", ["a"]);
    const file = edit("a", { host: "another-machine" });
    await expect(lock("near", ["a"])).rejects.toThrow("far");
    const past = new Date(Date.now() - 61_000);
    utimesSync(file, past, past);
    (await lock("near", ["a"])).release();
  });

  it("does not give back what another run took over in the meantime", async () => {
    const first = await lock("first", ["a"]);
    edit("a", { run: "second" });
    first.release();
    expect(listLocks(dir).map(({ holder }) => holder.run)).toEqual(["second"]);
  });
});
