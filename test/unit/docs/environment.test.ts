import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

// What breaks when this fails: a switch that nobody finds, or a page that names one that does nothing.

const files = execFileSync("git", ["ls-files", "*.ts", "*.js", "*.mjs", "package.json"], { encoding: "utf8" })
  .split("\n")
  .filter((file) => file !== "" && !file.startsWith("test/unit/docs/"));
const names = (text: string) => [...text.matchAll(/\bSITEFLEET_[A-Z][A-Z_]+\b/g)].map(([name]) => name);

/** Not variables: the end of a text that a script carries, and marks of one test alone (`SITEFLEET_TEST_…`). */
const OTHERS = /^SITEFLEET_(PHP$|TEST_)/;

it("docs/reference/environment.md names every variable of ours, and only those", () => {
  const read = new Set(files.flatMap((file) => names(readFileSync(file, "utf8"))).filter((name) => !OTHERS.test(name)));
  expect([...new Set(names(readFileSync("docs/reference/environment.md", "utf8")))].sort()).toEqual([...read].sort());
});

it("and those of others that the product reads", () => {
  const page = readFileSync("docs/reference/environment.md", "utf8");
  const product = files.filter((file) =>
    /^(catalog|checks|cli|components|errors|fleet|plesk|provider|stacks)\//.test(file),
  );
  const read = new Set(
    product.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/(?:process\.env|environment\(\))\.([A-Z][A-Z_]+)/g)].map(
        ([, name]) => name,
      ),
    ),
  );
  // What every program on a machine has, and what is the engine's alone.
  const usual = /^(PATH|HOME|TERM|PULUMI_(HOME|DEBUG_PROVIDERS)|SSH_AUTH_SOCK|AWS_.*)$/;
  expect([...read].filter((name) => name !== undefined && !usual.test(name) && !page.includes(`\`${name}\``))).toEqual(
    [],
  );
});
