// What would break: a sandbox left running would fill the disk, or a daemon would go on writing into a deleted file.
import { appendFileSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { boundLogs, tail } from "../../../../sandbox/daemon/logs.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sandbox-logs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("logs", () => {
  it("cuts a file that is too large while a daemon holds it open", () => {
    const path = join(folder, "a.log");
    const held = openSync(path, "a");
    writeSync(held, "x".repeat(2000));
    boundLogs(folder, 1000);
    expect(statSync(path).size).toBe(0);
    expect(statSync(`${path}.1`).size).toBe(2000);
    writeSync(held, "after");
    closeSync(held);
    expect(readFileSync(path, "utf8")).toBe("after");
  });

  it("leaves small files and other files alone", () => {
    appendFileSync(join(folder, "a.log"), "short");
    appendFileSync(join(folder, "b.json"), "y".repeat(5000));
    boundLogs(folder, 1000);
    expect(readFileSync(join(folder, "a.log"), "utf8")).toBe("short");
    expect(statSync(join(folder, "b.json")).size).toBe(5000);
  });

  it("shows the last lines", () => {
    const path = join(folder, "a.log");
    appendFileSync(path, `${Array.from({ length: 5000 }, (_, index) => `line ${index}`).join("\n")}\n`);
    expect(tail(path, 2)).toEqual(["line 4998", "line 4999"]);
    expect(tail(join(folder, "none.log"))).toEqual([]);
  });
});
