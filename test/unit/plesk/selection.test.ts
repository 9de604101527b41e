// What would break: a pattern that leaves out more than git and rsync would (`cache` for lib/Cache/Store.php) takes files off a site.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { readArtifact } from "../../../plesk/artifact/index.ts";
import { countLeftOut } from "../../../plesk/artifact/left-out.ts";
import { compileSelection } from "../../../plesk/artifact/selection.ts";
import { makeArtifact } from "./support/driver.ts";
import { tempDir } from "./support/temp.ts";

vi.setConfig({ testTimeout: 60_000 });

const paths = async (dir: string, exclude: readonly string[]) =>
  (await readArtifact(dir, { exclude })).entries.filter(({ kind }) => kind === "file").map(({ path }) => path);

test("upper and lower case differ", async () => {
  const dir = makeArtifact({
    "lib/Cache/Store.php": "",
    "lib/cache/x": "",
    "Build/b": "",
    "CHANGELOG.LOG": "",
    "a.log": "",
  });
  expect(await paths(dir, ["cache", "build", "*.log"])).toEqual(["Build/b", "CHANGELOG.LOG", "lib/Cache/Store.php"]);
});

test("two stars beside other signs are one star", async () => {
  const dir = makeArtifact({ "foo/bar": "", "foox/bar": "", "foo/a/bar": "", "a/foo/b": "", keep: "" });
  expect(await paths(dir, ["foo**/bar"])).toEqual(["a/foo/b", "foo/a/bar", "keep"]);
  expect(await paths(dir, ["foo/**/bar"])).toEqual(["a/foo/b", "foox/bar", "keep"]);
});

describe("the real git", () => {
  const repository = tempDir("selection-");
  execFileSync("git", ["init", "-q", repository]);
  const name = fc.constantFrom("a", "A", "ab", "Ab", "b", "b.log", "B.LOG", "cache", "Cache", ".x");
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
  // No stars beside letters ("a**"): git up to 2.39 compares unrelated pointers there (wildmatch.c, `prev_p < text`), so its answer
  // depends on where its texts lie. gitignore(5) calls them regular asterisks, which the cases above hold us to.
  const part = fc.oneof(name, fc.constantFrom("*", "**", "***", "?", "a*", "*b", "*.log", "[ab]", "[A-B]*", "c?che"));
  const pattern = fc
    .tuple(fc.boolean(), fc.array(part, { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([anchored, parts, directory]) => `${anchored ? "/" : ""}${parts.join("/")}${directory ? "/" : ""}`);

  test("leaves out the same files for patterns that services.yaml may hold", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(path, { minLength: 1, maxLength: 8 }),
        fc.array(pattern, { minLength: 1, maxLength: 3 }),
        (all, patterns) => {
          const files = all.filter((each) => !all.some((other) => other.startsWith(`${each}/`)));
          writeFileSync(join(repository, ".git/info/exclude"), `${patterns.join("\n")}\n`);
          const asked = [
            "-c",
            "core.ignorecase=false",
            "-C",
            repository,
            "check-ignore",
            "--no-index",
            "--stdin",
            "-z",
          ];
          let ignored: string[] = [];
          try {
            ignored = execFileSync("git", asked, { input: files.join("\0"), encoding: "utf8" })
              .split("\0")
              .slice(0, -1);
          } catch (error) {
            // 1: none of them is.
            if ((error as { status: number }).status !== 1) throw error;
          }
          expect(excludedOf(files, patterns).sort()).toEqual(ignored.sort());
        },
      ),
      { numRuns: 150 },
    );
  });
});

/** The files that a scan would leave out: directories are looked at from above, as a scan does. */
function excludedOf(files: readonly string[], exclude: readonly string[]): string[] {
  const excluded = compileSelection({ exclude });
  return files.filter((file) => {
    const names = file.split("/");
    return names.some((_, index) => excluded(names.slice(0, index + 1).join("/"), index < names.length - 1));
  });
}

test("what each pattern leaves out is counted, also when it is nothing", async () => {
  const dir = makeArtifact({ "index.php": "", "a.log": "", "logs/b.log": "", "logs/c": "", "Cache/d": "" });
  mkdirSync(join(dir, "empty"));
  for (const path of ["files/photo.log", "files/x"]) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), "");
  }
  expect(await countLeftOut(dir, { exclude: ["*.log", "logs/", "cache"], shared: ["files/"] })).toEqual([
    { pattern: "*.log", files: 1 },
    { pattern: "logs/", files: 2 },
    { pattern: "cache", files: 0 },
  ]);
  expect(await countLeftOut(join(dir, "none"), { exclude: ["x"] })).toEqual([{ pattern: "x", files: 0 }]);
});
