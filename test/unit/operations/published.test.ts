// What breaks when these fail: a program checks what sitefleet prints by a schema that is out of date.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { OPERATIONS } from "../../../operations/index.ts";
import { publishedFiles, publishedSchema } from "../../../operations/schema/published.ts";
import { PROJECT_ROOT } from "../../../stacks/root.ts";
import { expectPublished } from "../../support/published.ts";

// Each starts the command line, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 120_000 });
const dir = mkdtempSync(join(tmpdir(), "published-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("docs/schema/", () => {
  const files = publishedFiles(OPERATIONS);

  it.each(files.map(({ name, text }) => [name, text]))("%s is what the operations say", (name, text) => {
    const again = "run node toolchain/run.mjs operations/schema/generate.ts";
    expect(readFileSync(join("docs/schema", name), "utf8"), again).toBe(text);
  });

  it("has no file of an operation that is gone", () => {
    expect(readdirSync("docs/schema").sort()).toEqual(files.map(({ name }) => name).sort());
  });

  it("has schemas that refer to nothing outside of themselves", () => {
    for (const operation of OPERATIONS) {
      const references = [...JSON.stringify(publishedSchema(operation)).matchAll(/"\$ref":"([^"]*)"/g)];
      expect(references.map(([, to]) => to)).toEqual(["#/$defs/output"]);
    }
  });

  it("says of every field of an input what it is", () => {
    for (const { name, input } of OPERATIONS) {
      const { properties = {} } = z.toJSONSchema(input, { io: "input" });
      const silent = Object.entries(properties).filter(([, field]) => !(field as { description?: string }).description);
      expect([name, silent.map(([field]) => field)]).toEqual([name, []]);
    }
  });
});

describe("what --json prints is what the schema says", () => {
  const catalog = join(dir, "broken");
  mkdirSync(catalog);
  for (const file of readdirSync("catalog").filter((name) => /\.(yaml|csv)$/.test(name)))
    cpSync(join("catalog", file), join(catalog, file));
  writeFileSync(join(catalog, "zones.yaml"), "zones: [ nonsense");
  const state = join(dir, "state");
  mkdirSync(state);
  const bad = { repository: "qmoney/shop", commit: "4f".repeat(20), at: "2026-11-23T04:00:00Z", reason: "by hand" };
  writeFileSync(join(state, "bad-releases.json"), JSON.stringify([bad]));

  it.each([
    ["validate", ["validate"], 0],
    ["validate", ["validate", "--catalog", catalog], 1],
    ["cells", ["cells"], 0],
    ["release list", ["release", "list"], 0],
    ["release clear", ["release", "clear", "4f4f4f4"], 0],
  ] as const)("%s: %j", async (operation, args, code) => {
    const { stdout, exit } = await sitefleet([...args, "--json"]);
    expect(exit).toBe(code);
    expectPublished(operation, stdout);
  });

  function sitefleet(args: readonly string[]): Promise<{ readonly stdout: string; readonly exit: number }> {
    const env = { ...process.env, SITEFLEET_STATE_DIR: state, PULUMI_BACKEND_URL: "file:///nonexistent" };
    const all = [join(PROJECT_ROOT, "cli/main.ts"), ...args];
    return new Promise((resolve) => {
      execFile(process.execPath, all, { env, maxBuffer: 2 ** 26 }, (error, stdout) => {
        resolve({ stdout, exit: error === null ? 0 : Number(error.code) });
      });
    });
  }
});
