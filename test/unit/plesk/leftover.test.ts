// A step that outlived its driver is ended by the next run. What would break: on a host without /proc the number of a group that ended
// long ago, and was given to somebody else's program since, would be killed.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { layoutOf } from "../../../plesk/commands/layout.ts";
import { script } from "../../../plesk/commands/script.ts";
import { endLeftover } from "../../../plesk/commands/steps.ts";
import { tempDir } from "./support/temp.ts";

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill("SIGKILL");
});

describe("a noted process group", () => {
  /** Runs what ends leftovers, with a group noted as begun at `since`. @returns what the script said */
  function end(since: (pid: number) => string, before = ""): { said: string; noted: boolean } {
    child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    const layout = layoutOf({ path: join(tempDir("leftover-"), "httpdocs"), kind: "generic", shared: [] });
    const noted = join(layout.base, "state/running");
    mkdirSync(join(layout.base, "state"), { recursive: true });
    writeFileSync(noted, `${child.pid} ${since(child.pid ?? 0)}\n`);
    const said = execFileSync("sh", ["-s"], { input: script(layout, `${before}${endLeftover()}`), encoding: "utf8" });
    return { said, noted: existsSync(noted) };
  }
  const started = (pid: number): string =>
    readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19] ?? "";

  test("is ended when it began when the note says", () => {
    const { said, noted } = end(started);
    expect(said).toContain(`ended ${child?.pid}`);
    expect(noted).toBe(false);
  });

  test.each([
    ["it began at another time", () => "1", ""],
    ["the host has no /proc, so that nobody knows when either began", () => "", "process_field() { :; }\n"],
    ["the note has no time", () => "", ""],
  ])("is left alone when %s", (_when, since, before) => {
    expect(end(since, before)).toEqual({ said: "sitefleet:done\n", noted: false });
    expect(child?.exitCode).toBeNull();
    expect(child?.signalCode).toBeNull();
    expect(() => process.kill(child?.pid ?? 0, 0)).not.toThrow();
  });
});
