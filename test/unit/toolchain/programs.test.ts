import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { PROJECT_ROOT } from "../../../stacks/root.ts";
import { currentBuild, currentFile, keepingOf, programFile } from "../../../toolchain/programs.mjs";

// Set-up runs before the tests; these fail when it could not make the programs, which it then only says.
it("starts the command from what set-up made, and that answers as the source does", () => {
  const file = programFile("cli/main.ts");
  expect(file).toMatch(/\.toolchain\/programs\/[0-9a-f]{16}\/cli\/main\.ts\.js$/);
  const said = [file, join(PROJECT_ROOT, "cli/main.ts")].map((main) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [main, "validate", "--json"], { encoding: "utf8" });
    return { stdout, stderr, status };
  });
  expect(said[0]).toEqual(said[1]);
  expect(said[0]?.status).toBe(0);
});

it("starts a program that is none of them from its source, and every one with vendors of one's own, which bring their SDKs", () => {
  expect(programFile("cli/main.ts", { SITEFLEET_VENDORS: "x.ts" })).toBe(join(PROJECT_ROOT, "cli/main.ts"));
  expect(programFile("policy/pack.ts")).toBe(join(PROJECT_ROOT, "policy/pack.ts"));
});

it("has no program load Node's `http` as an ES module, which takes longer than all of it", () => {
  const build = join(programFile("cli/main.ts"), "../..");
  const files = readdirSync(build, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
  expect(files.length).toBeGreaterThan(100);
  const loading = files.filter((name) => /from ?"(node:)?http"/.test(readFileSync(join(build, name), "utf8")));
  expect(loading).toEqual([]);
});

it("keeps findings for what set-up made, by its digest, and none for sources, which may change while they run", () => {
  const [, build = "-"] = /programs\/([0-9a-f]{16})\//.exec(programFile("cli/main.ts")) ?? [];
  expect(keepingOf(programFile("cli/main.ts"))?.program).toContain(build);
  for (const file of [join(PROJECT_ROOT, "cli/main.ts"), join(PROJECT_ROOT, ".toolchain/programs"), undefined])
    expect(keepingOf(file)).toBeUndefined();
});

it.each<[string, (build: Build) => Build]>([
  ["a source has changed", (build) => ({ ...build, sources: [["package.json", 1, 1]] })],
  ["a source is gone", (build) => ({ ...build, sources: [["cli/gone.ts", 1, 1]] })],
  ["the project lies elsewhere now", (build) => ({ ...build, root: "/elsewhere" })],
])("is not taken for current when %s", (_, change) => {
  const build = JSON.parse(readFileSync(currentFile, "utf8")) as Build;
  const file = join(mkdtempSync(join(tmpdir(), "programs-")), "current.json");
  writeFileSync(file, JSON.stringify(build));
  expect(currentBuild(file).entries).toContain("cli/main.ts");
  writeFileSync(file, JSON.stringify(change(build)));
  expect(currentBuild(file).entries).toEqual([]);
});

interface Build {
  readonly root: string;
  readonly entries: readonly string[];
  readonly sources: readonly [string, number, number][];
}
