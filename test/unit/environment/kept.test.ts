import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { keepFinding, keepFindings, keptFinding } from "../../../environment/kept.ts";

// What breaks when this fails: a command goes by something that other code has found out, of other files, or that a full disk has cut off.

let dir: string;
const subject = { kind: "things", name: "one", from: "a" };
const found = (of = subject) => keptFinding<string>(of) ?? "none";
const file = () => join(dir, "things", readdirSync(join(dir, "things"))[0] ?? "");
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), "sitefleet-kept-")), "kept");
  keepFindings({ dir, program: "p1" });
});
afterEach(() => {
  keepFindings(undefined);
  rmSync(join(dir, ".."), { recursive: true, force: true });
});

it("gives back what was kept, to the same program and of the same thing alone", () => {
  expect(found()).toBe("none");
  keepFinding(subject, "what");
  expect(found()).toBe("what");
  expect(found({ ...subject, from: "b" })).toBe("none");
  expect(found({ ...subject, name: "two" })).toBe("none");
  keepFindings({ dir, program: "p2" });
  expect(found()).toBe("none");
  keepFindings(undefined);
  expect(found()).toBe("none");
  expect(statSync(file()).mode & 0o077).toBe(0);
});

it("takes nothing that is not as it was written", () => {
  keepFinding(subject, "what was found");
  const whole = readFileSync(file());
  for (let at = 0; at < whole.length; at++) {
    const other = Buffer.from(whole);
    other[at] = (other[at] ?? 0) ^ 1;
    writeFileSync(file(), other);
    expect(found(), `byte ${at}`).toBe("none");
    writeFileSync(file(), whole.subarray(0, at));
    expect(found(), `cut off at ${at}`).toBe("none");
  }
});

it("keeps a newer finding in place of the older, and the last few of a kind", () => {
  for (let number = 0; number < 40; number++) keepFinding({ ...subject, name: `n${number}` }, `${number}`);
  expect(readdirSync(join(dir, "things"))).toHaveLength(16);
  keepFinding({ ...subject, name: "n39", from: "b" }, "newer");
  expect(readdirSync(join(dir, "things"))).toHaveLength(16);
  expect(found({ ...subject, name: "n39" })).toBe("none");
  expect(found({ ...subject, name: "n39", from: "b" })).toBe("newer");
});

it("keeps what is used, however long ago it was written", () => {
  keepFinding(subject, "used");
  const long = new Date(0);
  for (let number = 0; number < 40; number++) {
    for (const name of readdirSync(join(dir, "things"))) utimesSync(join(dir, "things", name), long, long);
    expect(found()).toBe("used");
    keepFinding({ ...subject, name: `n${number}` }, "not used");
  }
});

it("is as if nothing had been kept where the folder cannot be written", () => {
  writeFileSync(dir, "a file in its place");
  keepFinding(subject, "what");
  expect(found()).toBe("none");
});
