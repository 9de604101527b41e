import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

// What breaks when this fails: a page that nobody finds.
it("docs/README.md leads to every page", () => {
  const index = readFileSync("docs/README.md", "utf8");
  const pages = readdirSync("docs").filter((name) => name.endsWith(".md") && name !== "README.md");
  expect(pages.filter((name) => !index.includes(`](${name})`))).toEqual([]);
});
