import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const pages = readdirSync("docs", { recursive: true, encoding: "utf8" }).filter(
  (name) => name.endsWith(".md") && name !== "README.md" && !name.startsWith("adr/"),
);

// What breaks when this fails: a page that nobody finds.
it("docs/README.md leads to every page", () => {
  const index = readFileSync("docs/README.md", "utf8");
  expect(pages.filter((name) => !index.includes(`](${name})`))).toEqual([]);
});
