import { describe, expect, it } from "vitest";
import { FOREIGN_LOCK_MS, judgeLock } from "../../../../fleet/repair/locks.ts";
import { lifeOf, parseStat } from "../../../../fleet/repair/process-life.ts";

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
