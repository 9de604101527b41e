import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  badReleaseError,
  badReleases,
  chooseTarget,
  clearBad,
  lossesOf,
  markBad,
  refusedReleases,
  releasesLeft,
  type StackVersion,
  stackVersions,
  undoAnswer,
} from "../../../fleet/rollback/index.ts";
import type { CellState } from "../../../stacks/desired.ts";
import { canonicalJson } from "../../../stacks/digest.ts";

// Going back to what a stack was. What breaks when these fail: a rollback takes the wrong version, touches other sites than
// it was asked for, or a release that was rolled back comes again with the next run.

const GOOD = "a".repeat(40);
const BAD = "b".repeat(40);
const site = (host: string, commit: string) => ({
  host,
  project: {
    kind: "own" as const,
    name: host.replaceAll(".", "-"),
    repository: "acme/sites",
    rootDirectory: host,
    framework: null,
  },
  commit,
});
const cell = (commits: Readonly<Record<string, string>>): CellState => ({
  kind: "cell",
  sites: Object.entries(commits).map(([host, commit]) => site(host, commit)),
});
const version = (number: number, state: CellState | undefined, succeeded = true): StackVersion => ({
  stack: "prod-cell-00",
  version: number,
  startedAt: number * 1000,
  succeeded,
  desired: async () => state,
});
/** The newest first, as the backend gives them. */
const history = (...states: (CellState | undefined)[]) =>
  states.map((state, index) => version(index + 1, state, state !== undefined)).reverse();

describe("the version that is gone back to", () => {
  it("is the last one that differs: an update that changed nothing is not one to go back to", async () => {
    const versions = history(cell({ x: GOOD }), cell({ x: BAD }), cell({ x: BAD }));
    const target = await chooseTarget(versions, { stack: "prod-cell-00" });
    expect([target.from, target.version, target.desired]).toEqual([3, 1, cell({ x: GOOD })]);
  });

  it("leaves out updates that failed or were limited to a part", async () => {
    const versions = history(cell({ x: GOOD }), undefined, cell({ x: BAD }), undefined);
    const target = await chooseTarget(versions, { stack: "prod-cell-00" });
    expect([target.from, target.version]).toEqual([3, 1]);
  });

  it("is the one before a moment for a run, also when another run has worked since", async () => {
    const versions = history(cell({ x: GOOD }), cell({ x: BAD }), cell({ x: GOOD, y: GOOD }));
    expect((await chooseTarget(versions, { stack: "prod-cell-00", before: 1500 })).version).toBe(1);
    await expect(chooseTarget(versions, { stack: "prod-cell-00", before: 500 })).rejects.toMatchObject({
      code: "rollback.none",
    });
  });

  it("refuses a version that is not known whole", async () => {
    const versions = history(cell({ x: GOOD }), undefined, cell({ x: BAD }));
    await expect(chooseTarget(versions, { stack: "prod-cell-00", to: 2 })).rejects.toMatchObject({
      code: "rollback.version",
    });
    expect((await chooseTarget(versions, { stack: "prod-cell-00", to: 1 })).desired).toEqual(cell({ x: GOOD }));
  });

  it("touches the sites that were asked for and no other", () =>
    fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.stringMatching(/^[a-f]$/), fc.constantFrom(GOOD, BAD)),
        fc.dictionary(fc.stringMatching(/^[a-f]$/), fc.constantFrom(GOOD, BAD)),
        fc.constantFrom("a", "b", "c"),
        async (then, now, host) => {
          fc.pre(host in then || host in now);
          const target = await chooseTarget(history(cell(then), cell(now)), {
            stack: "prod-cell-00",
            hosts: [host],
            to: 1,
          });
          const sites = new Map((target.desired as CellState).sites.map((one) => [one.host, one.commit]));
          expect(sites.get(host)).toBe(then[host]);
          for (const other of Object.keys({ ...then, ...now }))
            if (other !== host) expect(sites.get(other)).toBe(now[other]);
        },
      ),
    ));

  it("names a site that the cell never had", async () => {
    await expect(
      chooseTarget(history(cell({ x: GOOD }), cell({ x: BAD })), { stack: "prod-cell-00", hosts: ["nowhere"] }),
    ).rejects.toMatchObject({ code: "site.unknown", subject: "nowhere" });
  });
});

describe("what does not come back", () => {
  it("is a project that is gone; a release is not", () => {
    const losses = lossesOf({
      stack: "prod-cell-00",
      current: cell({ x: BAD }),
      desired: cell({ x: GOOD, gone: GOOD }),
    });
    expect(losses.map(({ name, kind }) => [name, kind])).toEqual([["gone", "lost"]]);
  });

  it("is said of a change before it is made", () => {
    const change = (op: string, type: string) => ({ op, type, name: "x" });
    expect(
      undoAnswer([change("update", "sitefleet:vercel:Release"), change("create", "vercel:index/project:Project")]),
    ).toEqual({
      answer: "yes",
      reasons: [],
    });
    expect(undoAnswer([change("delete", "vercel:index/project:Project")])).toMatchObject({
      answer: "with-loss",
      reasons: [{ changes: 1, examples: ["x"] }],
    });
  });
});

describe("a release that was rolled back", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "sitefleet-bad-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const entry = { repository: "acme/sites", commit: BAD, at: "2026-11-22T10:00:00Z", reason: "500" };

  it("is what was live and is not any more", () => {
    const left = releasesLeft([{ current: cell({ x: BAD, y: GOOD, z: BAD }), desired: cell({ x: GOOD, y: GOOD }) }]);
    expect(left).toEqual([{ repository: "acme/sites", commit: BAD, names: ["x"] }]);
  });

  it("is refused where it is not live, and left alone where it is", () => {
    expect(
      refusedReleases(cell({ x: BAD, y: BAD }), cell({ x: GOOD, y: BAD }), [entry]).map(({ name }) => name),
    ).toEqual(["x"]);
    expect(refusedReleases(cell({ x: BAD }), undefined, [entry])).toHaveLength(1);
    expect(badReleaseError([{ name: "x", release: entry }])).toMatchObject({ code: "release.bad" });
  });

  it("is remembered with its first reason until it is cleared", async () => {
    await markBad(dir, [entry]);
    await markBad(dir, [{ ...entry, reason: "again" }]);
    expect(await badReleases(dir)).toEqual([entry]);
    expect(await clearBad(dir, "aaaaaaa")).toEqual([]);
    expect(await clearBad(dir, BAD.slice(0, 7))).toEqual([entry]);
    expect(await badReleases(dir)).toEqual([]);
  });
});

describe("a stack's history in a directory", () => {
  it("gives the newest version first, with what was declared, and none for an update that failed", async () => {
    const root = mkdtempSync(join(tmpdir(), "sitefleet-history-"));
    const folder = join(root, ".pulumi/history/sitefleet/prod-cell-00");
    mkdirSync(folder, { recursive: true });
    const write = (nanos: string, result: string, desired?: CellState) => {
      const outputs = desired === undefined ? {} : { desired: canonicalJson(desired) };
      const resources = [{ type: "pulumi:pulumi:Stack", urn: "x", outputs }];
      const update = { kind: "update", startTime: Number(nanos.slice(0, 10)), result };
      writeFileSync(join(folder, `prod-cell-00-${nanos}.history.json`), JSON.stringify(update));
      writeFileSync(
        join(folder, `prod-cell-00-${nanos}.checkpoint.json`),
        JSON.stringify({ checkpoint: { latest: { resources } } }),
      );
    };
    write("1795330538168402788", "succeeded", cell({ x: GOOD }));
    write("1795330539168402788", "failed");
    const versions = await stackVersions("prod-cell-00", { PULUMI_BACKEND_URL: `file://${root}` });
    expect(versions.map(({ version, succeeded }) => [version, succeeded])).toEqual([
      [2, false],
      [1, true],
    ]);
    expect(await Promise.all(versions.map(({ desired }) => desired()))).toEqual([undefined, cell({ x: GOOD })]);
    rmSync(root, { recursive: true });
  });
});
