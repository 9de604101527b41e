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

// What breaks when this fails: a reader is in the wrong page and finds out at its end.
it.each(pages)("docs/%s says at its top what it is for", (name) => {
  const text = readFileSync(`docs/${name}`, "utf8");
  const first = /^# .+\n\n(.*)/.exec(text)?.[1];
  expect(first).toMatch(
    name.startsWith("guides/") ? /^Use this page to|^Use this page when|^Use this page for/ : /^This page /,
  );
});
