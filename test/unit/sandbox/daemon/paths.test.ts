// What would break: `--purge` could delete a home directory or the project.
import { homedir } from "node:os";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { PROJECT_ROOT, sandboxDir } from "../../../../sandbox/machine/paths.ts";

describe("sandboxDir", () => {
  it("is what was asked for, else the variable, else .sandbox", () => {
    expect(sandboxDir("/tmp/a", { SITEFLEET_SANDBOX_DIR: "/tmp/b" })).toBe("/tmp/a");
    expect(sandboxDir(undefined, { SITEFLEET_SANDBOX_DIR: "/tmp/b/" })).toBe("/tmp/b");
    expect(sandboxDir(undefined, {})).toBe(`${PROJECT_ROOT}/.sandbox`);
  });

  it.each(["/", homedir(), PROJECT_ROOT, dirname(PROJECT_ROOT)])("refuses %s", (dir) => {
    expect(() => sandboxDir(dir, {})).toThrow(expect.objectContaining({ code: "sandbox.dir" }));
  });
});
