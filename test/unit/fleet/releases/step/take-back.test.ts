import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { JobResult } from "../../../../../fleet/engine/job.ts";
import { badReleases } from "../../../../../fleet/releases/rollback/index.ts";
import { failuresOf, leaveReleases, takeBack } from "../../../../../fleet/releases/step/index.ts";

// Breaks when something goes back before its release is known as bad, so that another update brings it again, or when what was
// stopped in the middle counts as done.

const result = (stack: string, ok: boolean, errors: string[] = []) => ({ stack, ok, errors }) as unknown as JobResult;
const dir = mkdtempSync(join(tmpdir(), "take-back-"));
afterAll(() => rmSync(dir, { recursive: true }));

/** A way back that writes down what was asked of it, and that may be stopped after one of its parts. */
function way(results: JobResult[], stopAfter?: string) {
  const did: string[] = [];
  const abort = new AbortController();
  const said = <Answer>(what: string, answer: Answer): Answer => {
    did.push(what);
    if (what === stopAfter) abort.abort();
    return answer;
  };
  const parts = {
    leave: async () => said("leave", ["acme/sites@b"]),
    update: async () => said("update", { results, skipped: [{ stack: "prod-cell-09", reason: "held by another" }] }),
    ask: async (errors: readonly string[]) => said("ask", errors.length),
    signal: abort.signal,
  };
  return { did, parts };
}

describe("taking back", () => {
  it("marks releases as bad, then updates, then asks", async () => {
    const { did, parts } = way([result("prod-cell-07", true), result("prod-cell-08", false, ["vercel: 500"])]);
    const took = await takeBack(parts);
    expect(did).toEqual(["leave", "update", "ask"]);
    expect(took).toMatchObject({
      left: ["acme/sites@b"],
      errors: ["prod-cell-08: vercel: 500", "prod-cell-09: held by another"],
      seen: 2,
    });
  });

  it("that is stopped after its update or its questions is not done", async () => {
    const early = way([], "update");
    expect(await takeBack(early.parts)).toBeUndefined();
    expect(early.did).toEqual(["leave", "update"]);
    const late = way([], "ask");
    expect(await takeBack(late.parts)).toBeUndefined();
  });

  it("goes on when it is stopped before its update: the update itself ends at once", async () => {
    const { did, parts } = way([], "leave");
    expect(await takeBack(parts)).toBeUndefined();
    expect(did).toEqual(["leave", "update"]);
  });

  it("changes nothing when the releases cannot be remembered", async () => {
    const { did, parts } = way([]);
    const leave = () => Promise.reject(new Error("store"));
    await expect(takeBack({ ...parts, leave })).rejects.toThrow("store");
    expect(did).toEqual([]);
  });

  it("needs no signal, and says failures in the words that it is given", async () => {
    const { parts } = way([result("prod", false)]);
    const took = await takeBack({ ...parts, signal: undefined, words: ({ stack }) => `${stack} is broken` });
    expect(took?.errors[0]).toBe("prod: prod is broken");
    expect(failuresOf({ results: [result("prod", false)], skipped: [] })).toEqual(["prod: failed"]);
  });
});

describe("releases that are left", () => {
  const release = { repository: "acme/sites", commit: "b".repeat(40), names: ["a.de"] };

  it("are remembered with the time, the reason and the run, without what else was known of them", async () => {
    const now = new Date(0);
    await leaveReleases(dir, [release], { run: "r1", reason: "run r1: 3 of 4 sites fail" }, now);
    expect(await badReleases(dir)).toEqual([
      {
        repository: "acme/sites",
        commit: release.commit,
        at: now.toISOString(),
        run: "r1",
        reason: "run r1: 3 of 4 sites fail",
      },
    ]);
  });

  it("are none when nothing is left", async () => {
    expect(await leaveReleases(join(dir, "none"), [], { reason: "by hand" })).toEqual([]);
    expect(await badReleases(join(dir, "none"))).toEqual([]);
  });
});
