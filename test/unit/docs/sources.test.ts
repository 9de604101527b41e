import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

// What breaks when this fails: a comment names a source that nobody who has the repository can read.
it("no file cites a document by name that is not in the repository", () => {
  const files = execFileSync("git", ["ls-files"], { encoding: "utf8" })
    .split("\n")
    .filter((file) => file !== "");
  const known = new Set(files.map((file) => file.slice(file.lastIndexOf("/") + 1)));
  // Names that are made while the program runs, or belong to other projects.
  const made = /^(comment|changes|README|CHANGELOG|createprojectframework)\.md$/;
  const cited = files
    .filter((file) => /\.(ts|mjs|cjs|yaml)$/.test(file) && !/^(test|catalog\/sample)\//.test(file))
    .flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/(?<![\w/*.-])([\w-]+\.md)\b/g)].map(([, name = ""]) => ({ file, name })),
    )
    .filter(({ name }) => !known.has(name) && !made.test(name));
  expect(cited).toEqual([]);
  const briefs = files.filter(
    (file) => /\.ts$/.test(file) && !file.startsWith("test/") && /\bbrief [AB]\d*\b/.test(readFileSync(file, "utf8")),
  );
  expect(briefs).toEqual([]);
});

// What breaks when this fails: a hint or a comment sends a person to a page that has moved.
it("every page of docs/ that code names is there", () => {
  const files = execFileSync("git", ["ls-files"], { encoding: "utf8" })
    .split("\n")
    .filter((file) => /\.(ts|mjs|cjs|js|json|ya?ml|csv|sh)$/.test(file) && existsSync(file));
  const gone = files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/(?<![\w/.-])docs\/(?:(?:guides|reference|adr)\/)?[\w-]+\.md\b/g)]
      .filter(([page]) => !existsSync(page))
      .map(([page]) => `${file}: ${page}`),
  );
  expect(gone).toEqual([]);
});
