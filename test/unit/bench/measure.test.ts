import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { parseStat, readProcess } from "../../../bench/measure/proc.ts";
import { measure } from "../../../bench/measure/run.ts";
import { descendants } from "../../../bench/measure/tree.ts";

// What breaks when these fail: work is done that no figure counts.

/** A program that works for about so many CPU seconds. */
const work = (seconds: number) =>
  `const used = () => { const { user, system } = process.cpuUsage(); return user + system; };
   for (const end = used() + ${seconds * 1e6}; used() < end; ) for (let i = 0; i < 1e6; i++) Math.sqrt(i);`;

const run = (script: string) =>
  measure({
    command: "sh",
    args: ["-c", script, "sh", process.execPath],
    cwd: process.cwd(),
    env: process.env as Record<string, string>,
    attached: { providers: process.pid, vendors: process.pid },
    processors: availableParallelism(),
  });

describe("a measured command", () => {
  it("counts what its children and their children have used, running or ended", async () => {
    const figures = await run(`sh -c '"$0" -e "${work(0.4)}"' "$1"; "$1" -e "${work(0.3)}" & wait; echo done`);
    expect(figures.stdout).toBe("done\n");
    expect(figures.cpu).toBeGreaterThanOrEqual(0.7);
    // Starting Node twice costs a fraction of a second; a loaded machine some more.
    expect(figures.cpu).toBeLessThan(2.5);
    expect(figures.peak).toBeGreaterThan(20 * 2 ** 20);
    expect(figures.foreign).toBeGreaterThanOrEqual(0);
  });

  it("counts a process that outlives the one that started it", async () => {
    // The inner shell ends while it still works, so that nobody of the tree waits for it.
    const figures = await run(`sh -c '"$0" -e "${work(1.2)}" & sleep 0.8' "$1"; sleep 3`);
    expect(figures.cpu).toBeGreaterThanOrEqual(0.3);
  });

  it("fails with what the command said", async () => {
    await expect(run("echo reason >&2; exit 3")).rejects.toThrow(/exited with 3\nreason/);
  });
});

describe("processes", () => {
  it("are read also where a name holds blanks and parentheses", () => {
    const fields = Array.from({ length: 50 }, (_, index) => String(index + 4));
    const figures = parseStat(`42 (a) b (c) S ${fields.join(" ")}`);
    expect(figures).toMatchObject({ pid: 42, name: "a) b (c", parent: 4, own: 0.29, children: 0.33, started: "22" });
    expect(readProcess(process.pid)?.parent).toBe(process.ppid);
  });

  it("are found below one over any number of steps, others not", () => {
    const one = (pid: number, parent: number) => ({ ...parseStat(""), pid, parent });
    const all = [one(1, 0), one(2, 1), one(3, 2), one(4, 3), one(5, 1)];
    expect(descendants(all, 2).map(({ pid }) => pid)).toEqual([3, 4]);
  });
});
