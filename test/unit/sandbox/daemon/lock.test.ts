// What would break: two starts at once would both start daemons; a crashed start would block the next one for ever.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withLock } from "../../../../sandbox/daemon/lock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sandbox-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("withLock", () => {
  it("lets one holder in at a time", async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((done) => setImmediate(done));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => withLock(folder, 10_000, work)));
    expect(most).toBe(1);
  });

  it("is one lock for two spellings of a directory", async () => {
    const other = join(folder, "other");
    symlinkSync(folder, other);
    await withLock(folder, 0, async () => {
      await expect(withLock(other, 0, async () => 1)).rejects.toMatchObject({ code: "sandbox.busy" });
    });
    expect(await withLock(other, 0, async () => 1)).toBe(1);
  });

  it("lets go when the work fails", async () => {
    const failing = withLock(folder, 0, () => Promise.reject(new Error("broken")));
    await expect(failing).rejects.toThrow("broken");
    expect(await withLock(folder, 0, async () => 2)).toBe(2);
  });

  it("is free as soon as its holder was killed", async () => {
    const source = resolve("sandbox/daemon/lock.ts");
    const script = `import { withLock } from ${JSON.stringify(source)};
      await withLock(${JSON.stringify(folder)}, 0, () => { console.log("held"); return new Promise(() => setInterval(() => {}, 1000)); });`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((done) => child.stdout.once("data", done));
    await expect(withLock(folder, 0, async () => 3)).rejects.toMatchObject({ code: "sandbox.busy" });
    child.kill("SIGKILL");
    expect(await withLock(folder, 10_000, async () => 3)).toBe(3);
  });
});
