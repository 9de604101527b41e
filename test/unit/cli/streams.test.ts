import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { CHANGING, nameOf, onlyReads } from "../../../cli/kinds.ts";
import { buildProgram } from "../../../cli/program.ts";
import { OPERATIONS } from "../../../operations/index.ts";
import { PROJECT_ROOT } from "../../../stacks/root.ts";
import { descendants } from "../../support/kill.ts";

// What breaks when this fails: `sitefleet up --yes | head -3` ends in the middle of a run, with stacks cut off and nothing said.

/** A run in the sense of the journal, with output before and after; started with real pipes, files and signals. */
const MAIN = join(PROJECT_ROOT, "test/unit/cli/streams-main.ts");
/** Each starts processes of its own, which a busy machine takes its time for. */
vi.setConfig({ testTimeout: 120_000 });
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "streams-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null };
const ended = (child: ChildProcess): Promise<Ended> =>
  new Promise((resolve) => child.once("close", (code, signal) => resolve({ code, signal })));

/** Runs a command line of a shell, without job control. */
async function shell(line: string): Promise<{ code: number | null; stderr: string }> {
  const child = spawn("bash", ["-c", `set -o pipefail; ${line}`], {
    cwd: PROJECT_ROOT,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const { code } = await ended(child);
  return { code, stderr };
}

const node = `'${process.execPath}'`;
const sitefleet = `${node} cli/sitefleet.js`;
const journalIn = (runs: string) =>
  readdirSync(runs).flatMap((name) =>
    readFileSync(join(runs, name), "utf8")
      .split("\n")
      .flatMap((line) => (line === "" ? [] : [JSON.parse(line)])),
  );

describe("a run whose output is lost", () => {
  it.each([
    ["stdout's reader is gone", "2>/dev/null | head -1 >/dev/null", 0, { stream: "stdout", code: "EPIPE" }],
    ["both readers are gone", "2>&1 | head -1 >/dev/null", 0, { code: "EPIPE" }],
    ["there is no room", "2>/dev/null >/dev/full", 1, { stream: "stdout", code: "ENOSPC" }],
    ["there is no room for anything", ">/dev/full 2>&1", 1, { code: "ENOSPC" }],
  ])("goes on to its end when %s, and the journal says so once", async (name, redirection, code, what) => {
    const runs = join(dir, name.replaceAll(/\W/g, "-"));
    expect(await shell(`${node} ${MAIN} '${runs}' ${redirection}`)).toMatchObject({ code, stderr: "" });
    const events = journalIn(runs);
    expect(events.filter(({ event }) => event === "output-lost")).toMatchObject([what]);
    expect(events.at(-1)).toMatchObject({ event: "run-ended", ok: true });
  });
});

describe("a command that only reads", () => {
  // Enough for a reader that takes one line to be gone before the end is written.
  it.each(["--help", "validate --json --catalog /nonexistent"])(
    "%s ends quietly when its reader is gone",
    async (command) => {
      const { code, stderr } = await shell(`${sitefleet} ${command} 2>/dev/null | true`);
      expect([0, 1, 141]).toContain(code);
      expect(stderr).toBe("");
    },
  );

  it("ends with 141 as one that SIGPIPE ended, and with 1 when its output has no room", async () => {
    // One byte: a reader of a whole line takes so much that the rest fits into the pipe, and then nothing is lost.
    expect(await shell(`${sitefleet} cells --json | head -c 1 >/dev/null`)).toEqual({ code: 141, stderr: "" });
    const full = await shell(`${sitefleet} cells --json > /dev/full`);
    expect(full).toMatchObject({ code: 1, stderr: expect.stringContaining("ENOSPC") });
    expect(full.stderr).not.toContain("    at ");
  });

  it("is every command that is not named as one that changes something", async () => {
    const all: Command[] = [];
    const walk = (command: Command): void => {
      for (const one of command.commands) {
        all.push(one);
        walk(one);
      }
    };
    walk(await buildProgram());
    const names = all.map(nameOf);
    expect(CHANGING.filter((name) => !names.includes(name))).toEqual([]);
    // A command that is made from an operation is of the operation's kind.
    const kinds = OPERATIONS.map(({ name, changes }) => [name, !changes]);
    expect(kinds.map(([name]) => [name, onlyReads(all[names.indexOf(String(name))])])).toEqual(kinds);
    // Whoever adds a command decides which kind it is.
    const groups = [
      "adopt",
      "approval",
      "flows",
      "incident",
      "notify",
      "quality",
      "plesk",
      "plesk db",
      "release",
      "sandbox",
    ];
    expect(names.filter((name, at) => onlyReads(all[at]) && !groups.includes(name)).sort()).toEqual([
      "adopt match",
      "analyse",
      "cells",
      "ci",
      "ci continue",
      "ci plan",
      "cost",
      "cost advice",
      "cost forecast",
      "cost spikes",
      "cost target",
      "doctor",
      "flows list",
      "flows show",
      "health",
      "incident list",
      "incident show",
      "metrics",
      "notify status",
      "overview",
      "plan",
      "plesk db changes",
      "plesk plan",
      "plesk releases",
      "plesk status",
      "preview",
      "quality show",
      "quality status",
      "release list",
      "rollout status",
      "sandbox env",
      "sandbox status",
      "sandbox verify",
      "secrets",
      "secrets plan",
      "secrets verify",
      "validate",
    ]);
  });
});

describe("a closed terminal", () => {
  it.each(["SIGHUP", "SIGTERM", "SIGINT"] as const)("%s ends a run in order", async (signal) => {
    const runs = join(dir, signal);
    const child = spawn(process.execPath, [MAIN, runs, "--wait"], { stdio: ["ignore", "pipe", "pipe"] });
    const end = ended(child);
    await new Promise<void>((resolve) => child.stdout.once("data", () => resolve()));
    // As the kernel does it: the output is gone with the terminal.
    child.stdout.destroy();
    child.stderr.destroy();
    child.kill(signal);
    expect(await end).toEqual({ code: 130, signal: null });
    expect(journalIn(runs).at(-1)).toMatchObject({ event: "run-ended", reason: "stopped" });
  });

  it("reaches no runner and no provider: each has a session of its own", async () => {
    const child = spawn(process.execPath, [MAIN, join(dir, "sessions"), "--warm"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const end = ended(child);
    await new Promise<void>((resolve) => child.stdout.once("data", () => resolve()));
    const below = descendants(child.pid as number).filter(({ command }) => /runner\/main|shared-main/.test(command));
    const sessionOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[3];
    expect(below).toHaveLength(2);
    for (const { pid } of below) expect(sessionOf(pid)).toBe(String(pid));
    child.kill("SIGTERM");
    await end;
    await expect.poll(() => below.filter(({ pid }) => alive(pid)), { timeout: 20_000 }).toEqual([]);
  });
});

function alive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}
