import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isEmpty, putStack } from "../../../../fleet/backend/states/empty-stack.ts";
import { newStack, renamed } from "../../../../fleet/engine/new-stack.ts";

// New stacks without a process each. What breaks when this fails: a stack that has resources is taken for an empty one or
// written over, or a new stack carries another's name.

const before = { ...process.env };
let dir: string;
let stacks: string;
let calls: string;
let config: string;

/** As engine 3.276.0 writes it. */
const empty = (stack: string, latest: object = {}) => ({
  version: 3,
  checkpoint: {
    stack: `organization/sitefleet/${stack}`,
    latest: {
      manifest: { time: "2026-11-22T12:19:00Z", magic: "12", version: "v3.276.0" },
      secrets_providers: { type: "passphrase", state: { salt: "v1:qcFq+/THyaQ=:v1:CXFh:11Sy" } },
      metadata: {},
      ...latest,
    },
  },
});

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sitefleet-new-"));
  stacks = join(dir, ".pulumi/stacks/sitefleet");
  mkdirSync(stacks, { recursive: true });
  calls = join(dir, "calls");
  config = join(dir, "Pulumi.prod.yaml");
  writeFileSync(config, "encryptionsalt: v1:qcFq\n");
  // Stands for the engine's CLI: says that it was called and makes the stack.
  const cli = join(dir, "pulumi");
  writeFileSync(
    cli,
    `#!/bin/sh\necho "$3" >> ${calls}\nprintf '%s' '${JSON.stringify(empty("NAME"))}' | sed "s/NAME/$3/" > ${stacks}/$3.json\n`,
  );
  chmodSync(cli, 0o755);
  process.env.PATH = `${dir}${delimiter}${process.env.PATH}`;
  process.env.PULUMI_BACKEND_URL = `file://${dir}`;
});
afterEach(() => {
  process.env = { ...before };
  rmSync(dir, { recursive: true, force: true });
});
const asked = () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []);
const read = (stack: string) => JSON.parse(readFileSync(join(stacks, `${stack}.json`), "utf8"));

it("asks the CLI for the first stack only; the others differ in their name alone", async () => {
  for (const stack of ["prod-cell-01", "prod-cell-02", "prod-cell-03"]) await newStack(stack, config);
  expect(asked()).toEqual(["prod-cell-01"]);
  for (const stack of ["prod-cell-01", "prod-cell-02", "prod-cell-03"]) expect(read(stack)).toEqual(empty(stack));
  expect(readdirSync(stacks).sort()).toEqual(["prod-cell-01.json", "prod-cell-02.json", "prod-cell-03.json"]);
});

it("asks the CLI again for another configuration file, whose secrets are encrypted otherwise", async () => {
  await newStack("prod-cell-01", config);
  const other = join(dir, "Pulumi.other.yaml");
  writeFileSync(other, "encryptionsalt: v1:other\n");
  await newStack("prod-cell-02", other);
  expect(asked()).toEqual(["prod-cell-01", "prod-cell-02"]);
});

it("leaves a stack as it is that somebody made in the meantime", async () => {
  await newStack("prod-cell-01", config);
  const theirs = JSON.stringify(empty("prod-cell-02", { resources: [{ urn: "urn:theirs" }] }));
  writeFileSync(join(stacks, "prod-cell-02.json"), theirs);
  await newStack("prod-cell-02", config);
  expect(readFileSync(join(stacks, "prod-cell-02.json"), "utf8")).toBe(theirs);
  expect(await putStack("prod-cell-02", "{}", process.env)).toBe(true);
  expect(readFileSync(join(stacks, "prod-cell-02.json"), "utf8")).toBe(theirs);
});

it("takes nothing for empty that holds something, or that it does not know", () => {
  expect(isEmpty(empty("a"))).toBe(true);
  expect(isEmpty(empty("a", { resources: [{ urn: "urn:x" }] }))).toBe(false);
  expect(isEmpty(empty("a", { pending_operations: [{}] }))).toBe(false);
  expect(isEmpty(empty("a", { metadata: { integrity_error: {} } }))).toBe(false);
  expect(isEmpty({ ...empty("a"), version: 4 })).toBe(false);
  expect(isEmpty({ version: 3, checkpoint: { Stack: "a", Latest: null } })).toBe(false);
  expect(isEmpty({ version: 3, checkpoint: { ...empty("a").checkpoint, Features: ["x"] } })).toBe(false);
  expect(isEmpty(null)).toBe(false);
});

it("does not rename what names the stack more than once", () => {
  expect(renamed('{"Stack":"organization/sitefleet/a"}', "a", "b")).toBe('{"Stack":"organization/sitefleet/b"}');
  expect(renamed('["x/a","y/a"]', "a", "b")).toBeUndefined();
  expect(renamed("{}", "a", "b")).toBeUndefined();
});
