// What would break: `stop` would kill a stranger whose pid was reused, leave sessions behind, or wait for zombies.
import { spawn } from "node:child_process";
import { mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  descendants,
  identify,
  isAlive,
  type ProcessIdentity,
  processesWithEnvironment,
  processesWritingTo,
  signal,
  terminate,
} from "../../../../sandbox/daemon/processes.ts";

const started: ProcessIdentity[] = [];

function sleeper(script = "sleep 60", env: Record<string, string> = {}, output?: number): ProcessIdentity {
  const child = spawn("/bin/sh", ["-c", script], {
    detached: true,
    stdio: ["ignore", output ?? "ignore", output ?? "ignore"],
    env: { PATH: process.env.PATH, ...env },
  });
  const identity = identify(child.pid ?? -1);
  if (identity === undefined) throw new Error("not started");
  started.push(identity);
  return identity;
}

afterEach(async () => {
  await terminate(started.splice(0), 200);
});

describe("processes", () => {
  it("tells a live process from a gone one", async () => {
    const identity = sleeper();
    expect(isAlive(identity)).toBe(true);
    expect(await terminate([identity])).toEqual([]);
    expect(isAlive(identity)).toBe(false);
    expect(identify(identity.pid)).toBeUndefined();
  });

  it("never signals another process with the same pid", () => {
    const identity = sleeper();
    const recycled = { ...identity, startTicks: String(Number(identity.startTicks) - 1) };
    const otherBoot = { ...identity, bootId: "00000000-0000-0000-0000-000000000000" };
    expect(signal(recycled, "SIGKILL")).toBe(false);
    expect(signal(otherBoot, "SIGKILL")).toBe(false);
    expect(isAlive(identity)).toBe(true);
  });

  it("kills what ignores SIGTERM after the time of grace", async () => {
    const identity = sleeper("trap '' TERM; while :; do sleep 0.05; done");
    // The trap must be set before the signal comes; the loop's child shows that it is.
    await vi.waitFor(() => expect(descendants(identity.pid).length).toBeGreaterThan(0), 5000);
    expect(await terminate([identity], 100)).toEqual([]);
    expect(isAlive(identity)).toBe(false);
  });

  it("finds descendants over several generations", async () => {
    const identity = sleeper("(sleep 60 & wait) & wait");
    await vi.waitFor(() => expect(descendants(identity.pid).length).toBe(2), 5000);
    started.push(...descendants(identity.pid));
  });

  it("finds processes by an exact variable, not by a part of its value", async () => {
    const identity = sleeper("exec sleep 60", { SITEFLEET_TEST_MARK: "/tmp/one" });
    sleeper("exec sleep 60", { SITEFLEET_TEST_MARK: "/tmp/one-and-more" });
    await vi.waitFor(() => {
      const found = processesWithEnvironment("SITEFLEET_TEST_MARK", "/tmp/one");
      expect(found.map(({ pid }) => pid)).toEqual([identity.pid]);
    }, 5000);
  });

  it("finds processes by the file they write to", () => {
    const folder = mkdtempSync(join(tmpdir(), "sandbox-processes-"));
    const path = join(folder, "some.log");
    const identity = sleeper("exec sleep 60", {}, openSync(path, "a"));
    expect(processesWritingTo(path).map(({ pid }) => pid)).toEqual([identity.pid]);
    rmSync(folder, { recursive: true });
  });
});
