import { mkdtempSync, openSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { systemError } from "../../errors/index.ts";

// A full disk is no defect of ours. What breaks when this fails: it is told as an internal error with a stack trace.
const caught = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error;
  }
};

it.skipIf(process.platform !== "linux")("says what the system refused, with the file where it is known", () => {
  const full = caught(() => writeSync(openSync("/dev/full", "w"), "x"));
  expect(systemError(full)).toMatchObject({ code: "disk.full", hint: expect.stringContaining("--resume") });
  const refused = Object.assign(new Error("x"), { code: "EROFS", syscall: "open", path: "/data/a.json" });
  expect(systemError(refused)).toMatchObject({ code: "disk.refused", subject: "/data/a.json" });
  expect(
    systemError(Object.assign(new Error("database or disk is full"), { code: "ERR_SQLITE_ERROR", errcode: 13 })),
  ).toMatchObject({ code: "disk.full" });
});

it("leaves defects what they are", () => {
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-errors-"));
  for (const error of [new TypeError("x"), caught(() => writeFileSync(dir, "x")), undefined, "x"])
    expect(systemError(error)).toBeUndefined();
});
