import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

// What breaks when these fail: a reader takes a decision for what holds that was given up, or cannot tell when it was made.

const names = readdirSync("docs/adr").filter((name) => /^\d{4}-.*\.md$/.test(name));
const textOf = (name: string) => readFileSync(`docs/adr/${name}`, "utf8");
const index = textOf("README.md");
const statusOf = (name: string) => /^Status: (.*)$/m.exec(textOf(name))?.[1] ?? "";
const linked = (text: string) => [...text.matchAll(/\]\((\d{4}-[a-z-]+\.md)\)/g)].map(([, name = ""]) => name);

describe.each(names)("%s", (name) => {
  const text = textOf(name);
  const status = statusOf(name);

  it("has number, date and status at its top", () => {
    expect(text).toMatch(
      new RegExp(`^# ${Number(name.slice(0, 4))}\\. .+\\n\\nDate: 20\\d\\d-[01]\\d-[0-3]\\d\\n\\nStatus: `),
    );
    expect(status).toMatch(/^(proposed|accepted)\.|^superseded by \[ADR /);
  });

  it("is in the index with its date and status", () => {
    const row = index.split("\n").find((line) => line.startsWith(`| ${name.slice(0, 4)} |`)) ?? "";
    expect(row).toContain(/^Date: (.*)$/m.exec(text)?.[1]);
    expect(row).toContain(status.startsWith("superseded") ? "superseded by" : (/^\w+/.exec(status)?.[0] ?? "?"));
  });

  it("is linked back by the record that it supersedes, or that supersedes it", () => {
    if (status.startsWith("superseded by")) {
      expect(linked(status).length).toBe(1);
      for (const other of linked(status)) expect(statusOf(other)).toMatch(new RegExp(`Supersedes .*\\(${name}\\)`));
    }
    const supersedes = /Supersedes .*$/.exec(status)?.[0];
    if (supersedes !== undefined)
      for (const other of linked(supersedes))
        expect(statusOf(other)).toContain(`superseded by [ADR ${Number(name.slice(0, 4))}](${name})`);
  });
});

// Breaks when a page or a comment gives a decision as the reason that does not hold any more.
it("pages link to decisions that hold", () => {
  const gone = new Set(names.filter((name) => statusOf(name).startsWith("superseded")));
  const pages = readdirSync("docs", { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".md") && !name.startsWith("adr/"),
  );
  const wrong = pages.flatMap((page) =>
    [...readFileSync(`docs/${page}`, "utf8").matchAll(/adr\/(\d{4}-[a-z-]+\.md)/g)]
      .filter(([, name = ""]) => gone.has(name))
      .map(([, name]) => `${page}: ${name}`),
  );
  expect(wrong).toEqual([]);
});
