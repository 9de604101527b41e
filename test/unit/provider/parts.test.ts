import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryAfter } from "../../../provider/framework/retry-after.ts";
import { type SourceFile, sourceId } from "../../../provider/release/goal.ts";
import { nextLook, Pace } from "../../../provider/release/pace.ts";
import { makesDeployment, retryDelay } from "../../../provider/vercel/retry.ts";
import { phaseOf, readDeployment, readProject } from "../../../provider/vercel/shapes.ts";

const SHA = "1".repeat(40);

/** Looks until a build of this length is seen to be done, and how late that is, ms. */
function watch(buildMs: number, expectedMs: number | undefined): { looks: number; lateMs: number } {
  let now = 0;
  let looks = 0;
  do {
    now += nextLook(now, looks, expectedMs);
    looks += 1;
  } while (now < buildMs);
  return { looks, lateMs: now - buildMs };
}

describe("looking at builds", () => {
  it("takes one look for builds of nothing, and few for builds of a known length: a thousand sites share the API", () => {
    expect(watch(0, undefined)).toEqual({ looks: 1, lateMs: 40 });
    expect(watch(30_000, 30_000).looks).toBe(1);
    expect(watch(33_000, 30_000).looks).toBeLessThanOrEqual(3);
    expect(watch(120_000, 110_000).looks).toBeLessThanOrEqual(6);
    // The published provider takes 6 and 24.
    expect(watch(30_000, undefined).looks).toBeLessThanOrEqual(9);
  });

  it("is never late by more than a part of the build, whatever was expected", () => {
    fc.assert(
      fc.property(fc.nat(900_000), fc.option(fc.nat(900_000), { nil: undefined }), (buildMs, expectedMs) => {
        const { lateMs } = watch(buildMs, expectedMs);
        expect(lateMs).toBeLessThanOrEqual(30_000);
      }),
    );
  });

  it("learns from what builds take", () => {
    const pace = new Pace();
    expect(pace.next(0, 0)).toBe(40);
    for (let i = 0; i < 20; i += 1) pace.learn(20_000);
    expect(pace.expectedMs).toBe(20_000);
    expect(pace.next(0, 0)).toBe(20_000);
    pace.learn(Number.NaN);
    expect(pace.expectedMs).toBe(20_000);
  });
});

describe("trying calls again", () => {
  const create = { method: "POST", path: "/v13/deployments?slug=acme" } as const;
  const promote = { method: "POST", path: "/v10/projects/prj_1/promote/dpl_1" } as const;
  const answer = (status: number, headers: Record<string, string> = {}) => ({
    response: { status, headers, body: {} },
  });

  it("never repeats the creation of a deployment that may have happened", () => {
    expect(makesDeployment(create)).toBe(true);
    expect(retryDelay(1, answer(502), create, 0)).toBeUndefined();
    expect(retryDelay(1, { error: new Error("reset") }, create, 0)).toBeUndefined();
    expect(retryDelay(1, answer(429), create, 0)).toBe(1000);
  });

  it("repeats everything else after an error of the server, five times, and no refusal", () => {
    expect(retryDelay(1, answer(500), promote, 0)).toBe(300);
    expect(retryDelay(5, answer(500), promote, 0)).toBe(4800);
    expect(retryDelay(6, answer(500), promote, 0)).toBeUndefined();
    for (const status of [200, 201, 400, 401, 403, 404, 409]) {
      expect(retryDelay(1, answer(status), promote, 0)).toBeUndefined();
    }
  });

  it("keeps Retry-After, in seconds or as a date, and gives up where it asks for too long", () => {
    expect(retryDelay(1, answer(429, { "retry-after": "7" }), create, 0)).toBe(7000);
    expect(retryDelay(1, answer(429, { "retry-after": "3600" }), create, 0)).toBeUndefined();
    const now = Date.UTC(2026, 10, 22);
    expect(retryAfter(new Date(now + 5000).toUTCString(), now)).toBe(5000);
    expect(retryAfter("soon", now)).toBeUndefined();
  });
});

describe("answers of the API", () => {
  it("read the same deployment in all its shapes", () => {
    const meta = { githubCommitSha: SHA };
    const listed = readDeployment({ uid: "dpl_1", url: "a.vercel.app", state: "READY", meta, created: 5, ready: 9 });
    const single = readDeployment({
      id: "dpl_1",
      url: "a.vercel.app",
      readyState: "READY",
      meta,
      createdAt: 5,
      ready: 9,
    });
    expect(listed).toEqual(single);
    expect(listed).toMatchObject({ phase: "ready", sha: SHA, promoted: false });
  });

  it("take words that are not known yet for a build that goes on", () => {
    expect(phaseOf("BLOCKED_BY_SOMETHING_NEW")).toBe("building");
    expect(["ERROR", "CANCELED", "DELETED"].map(phaseOf)).toEqual(["failed", "failed", "failed"]);
  });

  it("survive anything", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(readDeployment(value).id).toBeTypeOf("string");
        expect(readProject(value).bypass).toBeInstanceOf(Array);
      }),
    );
  });
});

describe("files", () => {
  const files = fc.uniqueArray(
    fc.record({ file: fc.string({ minLength: 1 }), sha: fc.constantFrom(SHA, "2".repeat(40)), size: fc.nat() }),
    { selector: ({ file }) => file, minLength: 1 },
  );
  const id = (list: readonly SourceFile[]) => sourceId({ kind: "files", root: ".", files: list });

  it("are one source in any order, and another with any other content or name", () => {
    fc.assert(
      fc.property(files, (list) => {
        expect(id([...list].reverse())).toBe(id(list));
        const [first, ...rest] = list;
        expect(id([{ ...first!, sha: "3".repeat(40) }, ...rest])).not.toBe(id(list));
        expect(id([{ ...first!, file: `${first!.file}x\0` }, ...rest])).not.toBe(id(list));
      }),
    );
  });
});
