import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, it } from "vitest";
import { skipPromiseTraces } from "../../../../fleet/engine/quiet-sdk.ts";
import { PROJECT_ROOT } from "../../../../stacks/root.ts";

// What breaks when these fail: a new version of the SDK is built differently, and runners are slow again or do not start.

const require = createRequire(import.meta.url);

it("promises of the SDK are followed as before, without a stack trace and a name for each", async () => {
  const debuggable = require("@pulumi/pulumi/runtime/debuggable");
  const before = debuggable.debuggablePromise;
  debuggable.leakedPromises();
  skipPromiseTraces();
  try {
    expect(debuggable.debuggablePromise).not.toBe(before);
    const promise = Promise.reject(new Error("reason"));
    await expect(debuggable.debuggablePromise(promise, "context")).rejects.toThrow("reason");
    expect(Object.getOwnPropertyNames(promise)).toEqual([]);
    expect(await debuggable.debuggablePromise(Promise.resolve(7), "context")).toBe(7);
    const never = new Promise(() => {});
    debuggable.debuggablePromise(never, "context");
    // A program that ends before all is done has failed.
    expect(debuggable.leakedPromises()[0]).toEqual(new Set([never]));
  } finally {
    debuggable.debuggablePromise = before;
  }
});

it("the SDK's automation loads without npm's installer and the TypeScript compiler, and says so where that is used after all", () => {
  const script = `
    await import(${JSON.stringify(join(PROJECT_ROOT, "stacks/preload.cjs"))});
    const sdk = await import("@pulumi/pulumi");
    const { createRequire } = await import("node:module");
    const require = createRequire(${JSON.stringify(join(PROJECT_ROOT, "package.json"))});
    const loaded = Object.keys(require.cache).filter((file) => /node_modules.(pacote|npm-registry-fetch|typescript)/.test(file));
    let said = "";
    try { await sdk.runtime.serializeFunction(() => 1); } catch (error) { said = error.message; }
    console.log(JSON.stringify({ works: typeof sdk.automation.LocalWorkspace.create, loaded, said }));`;
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", script];
  const said = JSON.parse(execFileSync(process.execPath, args, { cwd: PROJECT_ROOT, encoding: "utf8" }));
  expect(said).toMatchObject({ works: "function", loaded: [] });
  expect(said.said).toContain("serializeFunction is not there");
});

it("an engine of a known version is taken without asking it", async () => {
  const { assumeEngine, engineCommand } = await import("../../../../fleet/engine/engine-command.ts");
  assumeEngine("not a version");
  assumeEngine("v3.276.0");
  const { command, version } = await engineCommand();
  expect({ command, version: String(version) }).toEqual({ command: "pulumi", version: "3.276.0" });
});
