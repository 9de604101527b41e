import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type IndexEntry, readIndex, reasonToOpen, updateIndex } from "../../../../fleet/backend/index/stack-index.ts";

// What breaks when these fail: a preview shows nothing although something changed, or opens the whole fleet for one site.

const fingerprint = { state: "s", program: "p", settings: "c", shared: "h" };
const entry: IndexEntry = { fingerprint, lastUpdate: "2026-01-01T00:00:00Z" };
const now = { fingerprint, lastUpdate: entry.lastUpdate };

describe("reasonToOpen", () => {
  it("opens nothing that is as it was", () => {
    expect(reasonToOpen(entry, now)).toBeUndefined();
  });

  it.each([
    ["a stack that is not there", entry, { fingerprint }, "does not exist"],
    ["a stack nobody knows", undefined, now, "nothing is known"],
    ["an update by another run", entry, { ...now, lastUpdate: "2026-01-02T00:00:00Z" }, "another run"],
    ["a changed catalog", entry, { ...now, fingerprint: { ...fingerprint, state: "x" } }, "catalog"],
    ["changed settings", entry, { ...now, fingerprint: { ...fingerprint, settings: "x" } }, "configuration"],
    ["changed secrets", { ...entry, secrets: "1" }, { ...now, secrets: "2" }, "encrypted"],
    ["changed shared outputs", entry, { ...now, fingerprint: { ...fingerprint, shared: "x" } }, "shared"],
    ["a changed program", entry, { ...now, fingerprint: { ...fingerprint, program: "x" } }, "program"],
  ])("opens %s", (_what, known, current, reason) => {
    expect(reasonToOpen(known, current)).toContain(reason);
  });
});

describe("the index", () => {
  it("keeps what another run wrote in between, and survives damage by starting anew", () => {
    const dir = mkdtempSync(join(tmpdir(), "sitefleet-index-"));
    try {
      updateIndex(dir, (index) => ({ ...index, stacks: { ...index.stacks, a: entry } }));
      updateIndex(dir, (index) => ({ ...index, stacks: { ...index.stacks, b: entry } }));
      expect(Object.keys(readIndex(dir).stacks)).toEqual(["a", "b"]);
      writeFileSync(join(dir, "index.json"), "{");
      expect(readIndex(dir)).toEqual({ version: 1, stacks: {} });
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
