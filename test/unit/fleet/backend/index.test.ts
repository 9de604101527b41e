import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type IndexEntry,
  lastDeclared,
  readIndex,
  reasonToOpen,
  updateIndex,
} from "../../../../fleet/backend/index/stack-index.ts";

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

describe("what a stack's last update declared", () => {
  it("is known where nothing but the catalog's part of it can have changed since", () => {
    expect(lastDeclared(entry, now)).toBe("s");
    expect(lastDeclared(entry, { ...now, fingerprint: { ...fingerprint, state: "x" } })).toBe("s");
  });

  it.each([
    ["nobody knows the stack", undefined, now],
    ["the stack itself was asked: a person may have refreshed it", { ...entry, found: true as const }, now],
    ["another run has updated it", entry, { ...now, lastUpdate: "2026-01-02T00:00:00Z" }],
    ["the program is another one", entry, { ...now, fingerprint: { ...fingerprint, program: "x" } }],
    ["the settings are others", entry, { ...now, fingerprint: { ...fingerprint, settings: "x" } }],
    ["the shared stack's ids are others", entry, { ...now, fingerprint: { ...fingerprint, shared: "x" } }],
  ])("is not known where %s", (_what, known, current) => {
    expect(lastDeclared(known, current)).toBeUndefined();
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
