// Two runs in one service at a time would mix two releases. The lock's scripts, run as the host would, many at once.
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { layoutOf } from "../../../plesk/commands/layout.ts";
import {
  breakLockScript,
  type LockRequest,
  lockScript,
  renewScript,
  unlockScript,
} from "../../../plesk/commands/lock.ts";
import { script } from "../../../plesk/commands/script.ts";
import { endLeftover, somethingRuns } from "../../../plesk/commands/steps.ts";
import { until } from "./support/sshd.ts";
import { tempDir } from "./support/temp.ts";

const place = () => layoutOf({ path: join(tempDir("plesklock-"), "httpdocs"), kind: "generic", shared: [] });
const request = (token: string, more: Partial<LockRequest> = {}): LockRequest => ({
  token,
  now: 1000,
  expires: 1060,
  holder: `holder of ${token}`,
  takeUnsigned: false,
  ...more,
});
const run = (text: string): string =>
  execFileSync("sh", ["-s"], { input: text, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });
const runAsync = (text: string): Promise<string> =>
  new Promise((resolve) => {
    const child = execFile("sh", ["-s"], (_, stdout) => resolve(stdout));
    child.stdin!.end(text);
  });
const wanted = { id: undefined, programs: [] };
const got = (out: string): string | undefined => /^sitefleet:got (\S+)/m.exec(out)?.[1];

describe("the lock", () => {
  test.each(["free", "expired"])("goes to exactly one of many who want a %s one at once", async (state) => {
    for (let round = 0; round < 4; round += 1) {
      const layout = place();
      if (state === "expired") {
        mkdirSync(`${layout.base}/lock`, { recursive: true });
        writeFileSync(`${layout.base}/lock/900.dead`, "dead\n");
      }
      const outs = await Promise.all(
        Array.from({ length: 10 }, (_, index) => runAsync(lockScript(layout, request(`t${index}`), wanted))),
      );
      const winners = outs.flatMap((out, index) => (["new", "expired"].includes(got(out) ?? "") ? [index] : []));
      const files = readdirSync(`${layout.base}/lock`);
      // Several who sign a free lock in the same instant may all step back; they ask again. Never do two believe to have it.
      expect(winners.length).toBeLessThanOrEqual(1);
      expect(files).toEqual(winners.map((index) => `1060.t${index}`));
    }
  });

  test("is refused while it is held, names its holder, and comes back to the same run after a lost answer", () => {
    const layout = place();
    expect(got(run(lockScript(layout, request("a"), wanted)))).toBe("new");
    const other = run(lockScript(layout, request("b"), wanted));
    expect(got(other)).toBeUndefined();
    expect(other).toContain("held 1060 holder of a");
    expect(got(run(lockScript(layout, request("a", { expires: 1090 }), wanted)))).toBe("again");
    expect(readdirSync(`${layout.base}/lock`)).toEqual(["1090.a"]);
  });

  test("is lost to its first holder once another has taken it over", () => {
    const layout = place();
    run(lockScript(layout, request("a"), wanted));
    expect(got(run(lockScript(layout, request("b", { now: 1061, expires: 1121 }), wanted)))).toBe("expired");
    expect(() => run(renewScript(layout, "a", 1200))).toThrow();
    run(unlockScript(layout, "a"));
    expect(readdirSync(`${layout.base}/lock`)).toEqual(["1121.b"]);
    run(unlockScript(layout, "b"));
    expect(existsSync(`${layout.base}/lock`)).toBe(false);
  });

  test("that nobody signed is left alone until the asker has watched it long enough", () => {
    const layout = place();
    mkdirSync(`${layout.base}/lock`, { recursive: true });
    expect(run(lockScript(layout, request("a"), wanted))).toContain("sitefleet:unsigned");
    expect(got(run(lockScript(layout, request("a", { takeUnsigned: true }), wanted)))).toBe("unsigned");
  });
});

describe("what outlives its driver", () => {
  test("is ended with all that it started, and a process that only has its number now is not", async () => {
    const layout = place();
    mkdirSync(`${layout.base}/state`, { recursive: true });
    // As sshd does it: every command is the leader of a session of its own.
    const leftover = execFile("setsid", ["sh", "-s"]);
    leftover.stdin!.end(script(layout, `${somethingRuns()}\nsleep 300`));
    await until("it runs", () => existsSync(`${layout.base}/state/running`));
    const end = new Promise((resolve) => leftover.once("exit", resolve));
    expect(run(script(layout, endLeftover()))).toContain("sitefleet:ended");
    await end;
    expect(existsSync(`${layout.base}/state/running`)).toBe(false);

    const innocent = execFile("setsid", ["sleep", "300"]);
    writeFileSync(`${layout.base}/state/running`, `${innocent.pid} 1\n`);
    expect(run(script(layout, endLeftover()))).not.toContain("ended");
    expect(innocent.exitCode).toBeNull();
    expect(innocent.signalCode).toBeNull();
    innocent.kill("SIGKILL");
  });
});

// An empty line was printed as "-": nobody saw that a lock was there, nor whether it was removed.
test("a lock without a holder's name is told by its file, whether it is removed or left", () => {
  const layout = place();
  mkdirSync(`${layout.base}/lock`, { recursive: true });
  writeFileSync(`${layout.base}/lock/99999999999.x`, "");
  expect(run(breakLockScript(layout, 1000, false))).toContain("left a holder without a name (99999999999.x)");
  expect(run(breakLockScript(layout, 1000, true))).toContain("removed a holder without a name (99999999999.x)");
  expect(existsSync(`${layout.base}/lock`)).toBe(false);
});
