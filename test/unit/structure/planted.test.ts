import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { checkTree, ROOT } from "./planted.ts";

// Each check of the structure is a step of .ci/run. A step that passes everything would be noticed by nobody, so every rule is
// shown a tree that breaks it, with the project's own settings.

// A checker takes two seconds, and a multiple of it on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const ci = readFileSync(join(ROOT, ".ci/run"), "utf8").split("\n");
const step = (program: string): string[] => {
  const line = ci.find((text) => text.split(" ")[0] === program);
  return line === undefined
    ? []
    : line
        .split(" ")
        .slice(1)
        .filter((word) => word !== "&");
};

/** dependency-cruiser as .ci/run starts it, on a planted tree. */
const cruise = (files: Record<string, string>) =>
  checkTree(
    files,
    "depcruise",
    step("depcruise").map((word) => (word === ".dependency-cruiser.cjs" ? join(ROOT, word) : word)),
  );

const LEAF = "export const value = 1;\n";
const using = (path: string) => `import { value } from "${path}";\nexport const other = value;\n`;

describe("directions of imports", () => {
  it("passes a tree in which every import leads downward", async () => {
    const { code, text } = await cruise({
      "stacks/names.ts": LEAF,
      "fleet/backend/a.ts": using("../../stacks/names.ts"),
      "fleet/run/a.ts": using("../backend/a.ts"),
      "cli/main.ts": using("../fleet/run/a.ts"),
    });
    expect(text).toContain("no dependency violations");
    expect(code).toBe(0);
  });

  it("refuses an upward import between floors", async () => {
    const { code, text } = await cruise({ "fleet/run/b.ts": LEAF, "fleet/backend/a.ts": using("../run/b.ts") });
    expect(text).toContain("fleet-backend-down: fleet/backend/a.ts → fleet/run/b.ts");
    expect(code).toBeGreaterThan(0);
  });

  it("refuses an upward import between folders", async () => {
    const { code, text } = await cruise({ "fleet/run/b.ts": LEAF, "stacks/a.ts": using("../fleet/run/b.ts") });
    expect(text).toContain("stacks-imports-downward: stacks/a.ts → fleet/run/b.ts");
    expect(code).toBeGreaterThan(0);
  });

  it("refuses a folder that the list of folders does not have", async () => {
    const { code, text } = await cruise({ "model/index.ts": LEAF, "helpers/a.ts": using("../model/index.ts") });
    expect(text).toContain("every-folder-has-a-place: helpers/a.ts");
    expect(code).toBeGreaterThan(0);
  });
});

describe("HTTP clients", () => {
  const client = {
    "node_modules/undici/package.json": '{ "name": "undici", "main": "index.js" }',
    "node_modules/undici/index.js": "exports.fetch = () => {};\n",
  };

  it("are refused where every command would load them", async () => {
    const { code, text } = await cruise({ ...client, "vendors/a.ts": 'export { fetch } from "undici";\n' });
    expect(text).toContain("clients-when-they-are-needed: vendors/a.ts → node_modules/undici/index.js");
    expect(code).toBeGreaterThan(0);
  });

  it("pass where one is loaded when it is used", async () => {
    const { code } = await cruise({ ...client, "vendors/a.ts": 'export const client = () => import("undici");\n' });
    expect(code).toBe(0);
  });
});

describe("circles of folders", () => {
  it("refuses two folders that need each other, also when no two files do", async () => {
    const { code, text } = await cruise({
      "plesk/a/one.ts": LEAF,
      "plesk/b/one.ts": using("../a/one.ts"),
      "plesk/b/two.ts": LEAF,
      "plesk/a/two.ts": using("../b/two.ts"),
    });
    expect(text).toContain("no-circular-folders: plesk/a");
    expect(text).not.toContain("no-circular:");
    expect(code).toBeGreaterThan(0);
  });
});

describe("unused exports", () => {
  const settings = readFileSync(join(ROOT, "knip.json"), "utf8");
  const main = 'import { used } from "../stacks/names.ts";\nprocess.stdout.write(used);\n';

  it("passes a tree in which every export is used", async () => {
    const files = { "knip.json": settings, "cli/main.ts": main, "stacks/names.ts": 'export const used = "";\n' };
    expect((await checkTree(files, "knip", [...step("knip"), "--no-config-hints"])).code).toBe(0);
  });

  it.each([
    ["export", 'export const used = "";\nexport const unused = 1;\n', "unused"],
    ["exported type", 'export const used = "";\nexport interface Unused { a: 1 }\n', "Unused"],
  ])("refuses an unused %s", async (_, names, told) => {
    const files = { "knip.json": settings, "cli/main.ts": main, "stacks/names.ts": names };
    const { code, text } = await checkTree(files, "knip", step("knip"));
    expect(text).toMatch(new RegExp(`^${told} .*stacks/names.ts`, "m"));
    expect(code).toBeGreaterThan(0);
  });

  it("refuses a file that nothing imports", async () => {
    const files = { "knip.json": settings, "cli/main.ts": 'process.stdout.write("");\n', "stacks/names.ts": LEAF };
    const { code, text } = await checkTree(files, "knip", step("knip"));
    expect(text).toMatch(/Unused files \(1\)\nstacks\/names\.ts/);
    expect(code).toBeGreaterThan(0);
  });
});

describe("codes of errors", () => {
  const compile = (...codes: string[]) =>
    checkTree(
      {
        "tsconfig.json": JSON.stringify({
          extends: join(ROOT, "tsconfig.json"),
          compilerOptions: {
            incremental: false,
            tsBuildInfoFile: null,
            typeRoots: [join(ROOT, "node_modules/@types")],
          },
          include: ["**/*.ts"],
        }),
        "a.ts": [
          `import { SitefleetError } from "${join(ROOT, "errors/index.ts")}";`,
          ...codes.map((code) => `new SitefleetError({ code: ${code}, message: "" });`),
        ].join("\n"),
      },
      "tsc",
      step("tsc"),
    );

  it("passes a code of the list", async () => {
    expect(await compile('"catalog.invalid"')).toEqual({ code: 0, text: "" });
  });

  it("refuses a code that is not in the list, and text that is put together", async () => {
    const { code, text } = await compile('"catalog.misspelt"', '"catalog." + process.argv[2]');
    expect(text).toMatch(/^a\.ts\(2,.*Type '"catalog\.misspelt"' is not assignable to type/m);
    expect(text).toMatch(/^a\.ts\(3,.*Type 'string' is not assignable to type/m);
    expect(code).toBeGreaterThan(0);
  });
});
