import { expect, it } from "vitest";
import { textOf } from "./markdown.ts";

// What breaks when these fail: docs/reference/dependencies.md no longer says what is installed and under which licence.

interface Package {
  readonly license?: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

const page = textOf("docs/reference/dependencies.md");
const rows = [...page.matchAll(/^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$/gm)].map(([, name = "", licence = ""]) => ({
  name,
  licence: licence.trim(),
}));
const { dependencies = {}, devDependencies = {} } = JSON.parse(textOf("package.json")) as Package;
const all: Record<string, string> = { ...dependencies, ...devDependencies };

it("has one line for each dependency, and none for others", () => {
  expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(all).sort());
});

it("states the licence that the installed package states", () => {
  const installed = (name: string) => (JSON.parse(textOf(`node_modules/${name}/package.json`)) as Package).license;
  expect(rows).toEqual(rows.map(({ name }) => ({ name, licence: installed(name) })));
});

it("states pinned versions as they are in package.json", () => {
  const stated = [...page.matchAll(/`([^`]+)` (\d+(?:\.\d+)+)/g)].filter(([, name = ""]) => name in all);
  expect(stated.length).toBeGreaterThan(5);
  for (const [, name = "", version = ""] of stated) expect(`${name} ${all[name]}`).toContain(`${name} ${version}`);
});
