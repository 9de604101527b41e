import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readStateBytes } from "../../../../../fleet/backend/states/read-state.ts";
import { stateOf, stateText } from "../../../../support/states.ts";

// The one reader of states. What breaks when this fails: one damaged file ends every command with an internal error, or the
// state of another cell is taken for this one's and its live projects are deleted.

const STACK = "prod-cell-07";
const text = stateText(STACK);
const read = (content: string | Uint8Array, stack = STACK) => readStateBytes(Buffer.from(content), stack, "sitefleet");
const replaced = (change: (state: Record<string, unknown>) => void) => {
  const state = stateOf(STACK) as Record<string, unknown>;
  change(state);
  return JSON.stringify(state);
};

describe("a state", () => {
  it.each([
    ["as the engine writes it", text],
    ["without blanks", JSON.stringify(stateOf(STACK))],
    ["compressed, whatever its name", gzipSync(text)],
    ["compressed with zstd", zstdCompressSync(text)],
    ["with fields that nobody here knows", replaced((state) => Object.assign(state, { features: [], later: 1 }))],
  ])("%s is read", (_, content) => {
    expect(read(content)).toMatchObject({ time: "2026-11-22T16:04:21.851659627Z", resources: { length: 3 } });
  });

  it.each([
    ["without a byte", "", "empty", "is empty (0 bytes)"],
    ["of blanks only", "\n\n", "empty", "is empty (2 bytes)"],
    ["cut off in a text", text.slice(0, text.indexOf("rich 1")), "cut-off", "is cut off after"],
    ["cut off between two fields", '{"version": 3,', "cut-off", "is cut off after 14 bytes"],
    [
      "padded with zero bytes",
      `${text.slice(0, 200)}${"\0".repeat(300)}`,
      "cut-off",
      "from byte 200 on it holds zero bytes",
    ],
    [
      "with other bytes in the middle",
      text.replace('"custom": true', '"cus#om": tr#e'),
      "no-json",
      "is no JSON from byte",
    ],
    ["of another version", text.replace('"version": 3', '"version": 7'), "version", "has version 7"],
    ["compressed and cut off", gzipSync(text).subarray(0, 60), "compressed", "cannot be unpacked"],
    ["that is a list", "[1, 2]", "shape", "is JSON and no state"],
    ["that is an export", '{"version": 3, "deployment": {}}', "shape", "is JSON and no state"],
    [
      "with resources of no known form",
      replaced((state) => Object.assign((state.checkpoint as { latest: object }).latest, { resources: [{}] })),
      "shape",
      "resources.0.urn",
    ],
    ["of another cell", stateText("prod-cell-08"), "foreign", "is that of stack prod-cell-08: 3 of 3 resources"],
    ["of another cell under this name", stateText(STACK, { owner: "prod-cell-08" }), "foreign", "stack prod-cell-08"],
    ["of another project", stateText(STACK, { project: "other" }), "foreign", "is that of project other"],
    [
      "of another cell that is empty",
      stateText("prod-cell-08").replace(/"resources": \[[\s\S]*\],/, ""),
      "foreign",
      "prod-cell-08",
    ],
  ])("%s is told as what it is", (_, content, kind, says) => {
    const { damage } = read(content);
    expect(damage).toMatchObject({ kind });
    expect(damage?.says).toContain(says);
  });

  it("that is cut off anywhere is damaged, and reading it never throws", () => {
    fc.assert(
      fc.property(fc.nat(text.trimEnd().length - 1), (length) => {
        expect(["cut-off", "empty"]).toContain(read(Buffer.from(text).subarray(0, length)).damage?.kind);
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => read(bytes).damage !== undefined));
    fc.assert(fc.property(fc.json(), (json) => read(json).damage !== undefined));
  });

  // Of the state of a fleet every URN names its own stack and project: one that does not is never taken.
  it("is taken only when every resource names this stack and project", () => {
    const name = fc.constantFrom("prod", "prod-plesk", STACK, "prod-cell-08", "prod-cell-070");
    const project = fc.constantFrom("sitefleet", "sitefleet2", "other");
    fc.assert(
      fc.property(fc.array(fc.record({ name, project }), { maxLength: 6 }), fc.boolean(), (owners, pending) => {
        const urns = owners.map((one) => ({
          urn: `urn:pulumi:${one.name}::${one.project}::a:b:C::x::y`,
          type: "a:b:C",
        }));
        const state = stateOf(STACK) as { checkpoint: { latest: Record<string, unknown> } };
        if (pending)
          state.checkpoint.latest.pending_operations = urns.map((resource) => ({ resource, type: "creating" }));
        else state.checkpoint.latest.resources = urns;
        const own = owners.every((one) => one.name === STACK && one.project === "sitefleet");
        expect(read(JSON.stringify(state)).damage?.kind).toBe(own ? undefined : "foreign");
      }),
    );
  });
});
