import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  breakDeadLocks,
  engineLocks,
  FOREIGN_LOCK_MS,
  judgeLock,
  LEFT_LOCK_MS,
} from "../../../../fleet/backend/locks/engine-locks.ts";
import { lifeOf, parseStat } from "../../../../fleet/backend/locks/process-life.ts";

// Whose locks may be broken. What breaks when these fail: a live engine loses its lock, or a stack stays locked for ever.

const now = Date.parse("2026-11-01T12:00:00Z");
const lock = (agoMs: number, hostname = "here") => ({ hostname, timestamp: new Date(now - agoMs).toISOString() });

describe("a lock", () => {
  it.each([
    ["of a process that is gone", lock(1000), { alive: false }, "dead"],
    ["of a live engine", lock(60_000), { alive: true, isPulumi: true, startedAt: now - 61_000 }, "live"],
    ["whose number another program has", lock(60_000), { alive: true, isPulumi: false }, "dead"],
    ["whose number a later engine has", lock(60_000), { alive: true, isPulumi: true, startedAt: now - 30_000 }, "dead"],
    ["of a process nothing is known of", lock(60_000), { alive: true }, "live"],
    ["of another machine, fresh", lock(60_000, "there"), { alive: false }, "unknown"],
    ["of another machine, old", lock(FOREIGN_LOCK_MS + 1, "there"), { alive: true }, "dead"],
  ])("%s", (_, given, life, state) => {
    expect(judgeLock(given, "here", now, life)).toBe(state);
  });
});

describe("a process", () => {
  it("that runs is alive, and is no engine", () => {
    const life = lifeOf(process.pid);
    expect(life).toMatchObject({ alive: true, isPulumi: false });
    expect(Math.abs((life.startedAt ?? 0) - (Date.now() - process.uptime() * 1000))).toBeLessThan(5_000);
  });

  it("with spaces and brackets in its name is read right; one that nobody waited for is gone", () => {
    const rest = `1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 250 ${"0 ".repeat(20)}`;
    expect(parseStat(`7 (pulumi a) b) S ${rest}`, "btime 1000\n")).toEqual({
      alive: true,
      isPulumi: true,
      startedAt: 1_002_500,
    });
    expect(parseStat(`7 (pulumi) Z ${rest}`, "btime 1000\n")).toEqual({ alive: false });
  });
});

describe("a lock of another machine", () => {
  let dir: string;
  const env = () => ({ PULUMI_BACKEND_URL: `file://${dir}` });
  const taken = new Date(Date.now() - 3_600_000).toISOString();
  const folders = () => ({
    locks: join(dir, ".pulumi/locks/organization/sitefleet/a"),
    stacks: join(dir, ".pulumi/stacks/sitefleet"),
  });
  const states = async (known: Parameters<typeof engineLocks>[2]) =>
    (await engineLocks("a", env(), known)).map(({ state }) => state);
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "sitefleet-locks-"));
    for (const folder of Object.values(folders())) mkdirSync(folder, { recursive: true });
    const content = { pid: 1, username: "ci", hostname: "runner-1", timestamp: taken };
    writeFileSync(join(folders().locks, "x.json"), JSON.stringify(content));
    writeFileSync(join(folders().stacks, "a.json"), "{}");
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("stays for hours when nothing is known of it, and says how to go on", async () => {
    expect(await states({})).toEqual(["unknown"]);
    await expect(breakDeadLocks("a", env())).rejects.toMatchObject({
      code: "stack.locked",
      hint: expect.stringContaining("--gone runner-1"),
    });
  });

  it("goes when a person says that the machine is gone, and not when another one is", async () => {
    expect(await states({ gone: new Set(["runner-2"]) })).toEqual(["unknown"]);
    expect(await breakDeadLocks("a", env(), { gone: new Set(["runner-1"]) })).toMatchObject([{ host: "runner-1" }]);
    expect(await states({})).toEqual([]);
  });

  it("of a run of ours that ended without a word goes once its stack has been left alone for 20 minutes", async () => {
    const left = { host: "runner-1", since: new Date(Date.parse(taken) - 5_000).toISOString() };
    const touched = (agoMs: number) => {
      const at = new Date(Date.now() - agoMs);
      utimesSync(join(folders().stacks, "a.json"), at, at);
    };
    touched(LEFT_LOCK_MS - 60_000);
    expect(await states({ left })).toEqual(["unknown"]);
    touched(LEFT_LOCK_MS + 60_000);
    expect(await states({ left })).toEqual(["dead"]);
    // Taken before that run had the stack, or on another machine: somebody else's.
    expect(await states({ left: { ...left, since: new Date().toISOString() } })).toEqual(["unknown"]);
    expect(await states({ left: { ...left, host: "runner-2" } })).toEqual(["unknown"]);
  });
});
