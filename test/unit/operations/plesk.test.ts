// What breaks when these fail: a script that calls `plesk …` at night reads a failure as a success, or the wrong kind of failure.
import { describe, expect, it } from "vitest";
import { SitefleetError } from "../../../errors/index.ts";
import { perform } from "../../../operations/kit/operation.ts";
import { pleskDbRestore } from "../../../operations/plesk/db-restore.ts";
import { pleskPermissions } from "../../../operations/plesk/permissions.ts";
import { pleskRollback, takenBackWithin } from "../../../operations/plesk/rollback.ts";
import { isRecent } from "../../../operations/plesk/services/within.ts";
import { pleskUnlock } from "../../../operations/plesk/unlock.ts";

const estate = { catalogDir: "/nonexistent", configFile: "/nonexistent" };
const locked = new SitefleetError({ code: "plesk.locked", message: "another run deploys", exitCode: 12 });
const value = { service: "docs", removed: ["me"], left: [] };
const good = { service: "docs", ok: true as const, value };
const bad = { service: "crm", ok: false as const, error: locked };
const done = (outcomes: readonly (typeof good | typeof bad)[], leftOut: string[] = []) => ({
  outcomes,
  leftOut,
  seconds: 1,
});

describe("what became of services", () => {
  it.each([
    ["all went well", done([good]), 0],
    ["one failed: the driver's code", done([good, bad]), 12],
    ["several failed", done([bad, bad]), 1],
    ["some were left out", done([good], ["crm"]), 1],
    ["a defect", done([{ ...bad, error: new Error("x") as never }]), 1],
  ])("%s", (_, result, code) => {
    expect(pleskUnlock.exitCode?.(result)).toBe(code);
  });

  it("is one document, with the error of each that failed", () => {
    const document = pleskUnlock.document(done([good, bad]));
    expect(document).toEqual({
      ok: false,
      services: [
        { service: "docs", ok: true, removed: ["me"], left: [] },
        { service: "crm", ok: false, error: { code: "plesk.locked", message: "another run deploys" } },
      ],
    });
    expect(pleskUnlock.output.parse(document)).toEqual(document);
  });

  it("modes that are wrong make the exit code 1, those that were set right do not", () => {
    const modes = (repaired: boolean) => ({
      outcomes: [{ service: "docs", ok: true as const, value: { service: "docs", wrong: 2, paths: [], repaired } }],
      leftOut: [],
      seconds: 1,
    });
    expect([modes(false), modes(true)].map((one) => pleskPermissions.exitCode?.(one))).toEqual([1, 0]);
  });
});

describe("refused before anything is read", () => {
  it.each([
    ["none named", {}],
    ["all and some", { all: true, service: ["docs"] }],
    ["a release for several", { service: ["docs", "crm"], to: "original" }],
  ])("%s", async (_, input) => {
    await expect(perform(pleskRollback, input, { estate })).rejects.toMatchObject({ code: "usage" });
  });

  it("a restore without service and snapshot, both told", async () => {
    const refused = (await perform(pleskDbRestore, {} as never, { estate }).catch(
      (thrown) => thrown,
    )) as SitefleetError;
    expect(refused.code).toBe("usage");
    expect(refused.details.map((line) => line.split(":")[0])).toEqual(["service", "snapshot"]);
  });
});

describe("a deployment that is taken back by hand", () => {
  const at = (goodAt: string | null, more: object = {}) => ({
    live: "b",
    releases: [
      { id: "b", goodAt, live: true, previous: false, bad: false, usable: true },
      { id: "a", goodAt: "2026-11-01T00:00:00Z", live: false, previous: true, bad: false, usable: true, ...more },
    ],
  });
  const since = Date.parse("2026-11-30T08:00:00Z");

  it("is of what was deployed since, not of what is older or went back already", () => {
    expect(isRecent(at("2026-11-30T08:00:01Z"), since)).toBe(true);
    expect(isRecent(at("2026-11-30T07:59:59Z"), since)).toBe(false);
    expect(isRecent(at(null), since)).toBe(false);
    expect(isRecent({ live: null, releases: [] }, since)).toBe(false);
    expect(isRecent(at("2026-11-30T09:00:00Z", { bad: true }), since)).toBe(false);
  });

  it("is of four hours where nothing else is said, and of named services whenever they were deployed", () => {
    expect(takenBackWithin({ all: true, reason: "a bug" })).toBe(4 * 3600);
    expect(takenBackWithin({ all: true, reason: "a bug", within: 60 })).toBe(60);
    expect(takenBackWithin({ reason: "a bug" })).toBeUndefined();
    expect(takenBackWithin({ all: true })).toBeUndefined();
  });
});
