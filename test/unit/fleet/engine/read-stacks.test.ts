import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { infoOf, readStacks, withCounts } from "../../../../fleet/engine/read-stacks.ts";
import { stateOf, stateText } from "../../../support/states.ts";

// Which stacks there are and when they were last updated, read off the beginning of their states. What breaks when this
// fails: a stack that somebody else has updated is taken for unchanged and not opened, or an empty one for one with resources.

const before = { ...process.env };
let dir: string;
let stacks: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sitefleet-heads-"));
  stacks = join(dir, ".pulumi/stacks/sitefleet");
  mkdirSync(stacks, { recursive: true });
  process.env.PULUMI_BACKEND_URL = `file://${dir}`;
});
afterEach(() => {
  process.env = { ...before };
  rmSync(dir, { recursive: true, force: true });
});

/** A state as the engine writes it. */
const state = (resources: number | undefined, time = "2026-11-22T16:04:21.851659627Z") => ({
  version: 3,
  checkpoint: {
    stack: "organization/sitefleet/prod",
    latest: {
      manifest: { time, magic: "12f1", version: "v3.276.0" },
      secrets_providers: { type: "passphrase", state: { salt: "v1:0sMs" } },
      ...(resources === undefined
        ? {}
        : {
            resources: Array.from({ length: resources }, (_, index) => ({
              urn: `urn:pulumi:prod::sitefleet::a:b:C::${index}`,
              type: "a:b:C",
              outputs: { a: "b" },
            })),
          }),
      metadata: {},
    },
  },
});
/** Stands for the engine's CLI: answers `stack ls` with one stack that no file has. */
function fakeEngine(): void {
  const cli = join(dir, "pulumi");
  writeFileSync(
    cli,
    `#!/bin/sh\necho '[{"name":"asked","lastUpdate":"2026-01-01T00:00:00.000Z","resourceCount":7}]'\n`,
  );
  chmodSync(cli, 0o755);
  process.env.PATH = `${dir}${delimiter}${process.env.PATH}`;
}
const write = (name: string, content: unknown) => writeFileSync(join(stacks, name), JSON.stringify(content, null, 4));

it("says when a stack was last written, in the engine's own form, and whether it holds anything", async () => {
  write("prod.json", state(400));
  write("prod-cell-00.json", state(undefined));
  write("prod-cell-01.json", state(0));
  // The older way of writing the names, which the engine uses for stacks that it has just made.
  const { stack, latest } = state(undefined).checkpoint;
  write("prod-cell-02.json", { version: 3, checkpoint: { Stack: stack, Latest: latest } });
  write("prod.json.bak", state(1));
  write("prod.json.attrs", {});
  const infos = await readStacks();
  const time = "2026-11-22T16:04:21.851Z";
  expect([...infos.values()].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
    { name: "prod", lastUpdate: time, resources: 1 },
    { name: "prod-cell-00", lastUpdate: time, resources: 0 },
    { name: "prod-cell-01", lastUpdate: time, resources: 0 },
    { name: "prod-cell-02", lastUpdate: time, resources: 0 },
  ]);
  const counted = await withCounts(infos, ["prod", "prod-cell-01", "prod-cell-63"]);
  expect([counted.get("prod")?.resources, counted.get("prod-cell-01")?.resources]).toEqual([400, 0]);
});

// Asked, the engine reads all of every state, and says nothing of any when one is damaged.
it("reads a compressed state whole, knows no more of a damaged one than its name, and asks the engine elsewhere", async () => {
  fakeEngine();
  write("prod.json", stateOf("prod"));
  writeFileSync(join(stacks, "prod-cell-01.json.gz"), gzipSync(stateText("prod-cell-01")));
  const [lastUpdate, unknown] = ["2026-11-22T16:04:21.851Z", { lastUpdate: undefined, resources: 0 }];
  for (const strange of ["", "{}", '{"version":3,"checkpoint":{"latest":{"manifest":{"time":"yesterday"}}}}', "[1,2"]) {
    writeFileSync(join(stacks, "prod-cell-02.json"), strange);
    expect(Object.fromEntries(await readStacks()), strange).toEqual({
      prod: { name: "prod", lastUpdate, resources: 1 },
      "prod-cell-01": { name: "prod-cell-01", lastUpdate, resources: 1 },
      "prod-cell-02": { name: "prod-cell-02", ...unknown },
    });
  }
  const infos = await withCounts(await readStacks(), ["prod-cell-01", "prod-cell-02"]);
  expect([infos.get("prod-cell-01")?.resources, infos.get("prod-cell-02")?.resources]).toEqual([3, 0]);
  process.env.PULUMI_BACKEND_URL = "https://api.example.test";
  expect([...(await readStacks()).keys()]).toEqual(["asked"]);
});

it("says the same of every beginning of a state, or nothing", () => {
  const whole = (resources: number | undefined) => JSON.stringify(state(resources), null, 4);
  fc.assert(
    fc.property(fc.option(fc.nat(30), { nil: undefined }), fc.nat(5000), (resources, length) => {
      const text = whole(resources);
      const expected = infoOf({ stack: "s", text, whole: true });
      const part = infoOf({ stack: "s", text: text.slice(0, length), whole: length >= text.length });
      if (part !== undefined) expect(part).toEqual(expected);
      expect(part === undefined).toBe(length < text.length && !/"resources": \[\s*[{\]]/.test(text.slice(0, length)));
    }),
  );
});
