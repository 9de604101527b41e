import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunRecord } from "../../../../fleet/backend/journal/journal.ts";
import {
  answersAsLosses,
  badReleaseError,
  badReleases,
  builtAnew,
  chooseTarget,
  clearBad,
  currentOf,
  formerStacks,
  lastChange,
  lookForDeployments,
  lossesOf,
  markBad,
  movedSince,
  planStack,
  questionsOf,
  refusedReleases,
  releasesLeft,
  rolledBackTo,
  type StackVersion,
  type StateResource,
  siteTargetsOf,
  stackVersions,
  stateNow,
  undoAnswer,
} from "../../../../fleet/releases/rollback/index.ts";
import type { CellState, StackState } from "../../../../stacks/desired.ts";
import { canonicalJson } from "../../../../stacks/digest.ts";
import { declaredOf, targetUrns } from "../../../../stacks/site-targets.ts";

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
const version = (number: number, state: CellState | undefined, succeeded = true, kind = "update"): StackVersion => ({
  stack: "prod-cell-00",
  version: number,
  endedAt: number * 1000,
  record: async () => ({ startedAt: number * 1000 - 500, succeeded, kind }),
  desired: async () => state,
  resources: async () => (state === undefined ? [] : resourcesOf(state)),
});
const STACK_URN = "urn:pulumi:prod-cell-00::sitefleet::pulumi:pulumi:Stack::sitefleet-prod-cell-00";
/** What the engine keeps of these sites; `changes` is when it changed something of a host. */
const resourcesOf = (state: CellState, changes: Readonly<Record<string, string>> = {}): StateResource[] =>
  state.sites.flatMap(({ host, commit }) => {
    const modified = changes[host] ?? "2026-11-22T10:00:00Z";
    const urn = (type: string) => `urn:pulumi:prod-cell-00::sitefleet::${type}::${host}`;
    const type = "sitefleet:vercel:Release";
    return [
      { urn: urn("sitefleet:vercel:Site"), type: "sitefleet:vercel:Site", id: undefined, modified },
      {
        urn: urn("sitefleet:vercel:Site$vercel:index/project:Project"),
        type: "vercel:index/project:Project",
        id: `prj_${host}`,
        modified,
        inputs: { name: host, gitRepository: { type: "github", repo: "acme/sites" }, rootDirectory: host },
      },
      {
        urn: urn(`sitefleet:vercel:Site$${type}`),
        type,
        id: `prj_${host}`,
        modified,
        inputs: { ref: commit },
        outputs: { ref: commit, projectId: `prj_${host}`, deploymentId: `dpl_${host}_${commit?.[0]}` },
      },
    ];
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

  // The engine leaves the outputs of before in such a state.
  it("takes no update for whole that failed, nor a refresh, whatever their outputs say", async () => {
    const newest = cell({ x: BAD });
    const versions = [
      version(4, newest, true, "refresh"),
      version(3, newest, false),
      version(2, newest),
      version(1, cell({ x: GOOD })),
    ];
    expect((await chooseTarget(versions, { stack: "prod-cell-00" })).from).toBe(2);
    const to = chooseTarget(versions, { stack: "prod-cell-00", to: 3 });
    await expect(to).rejects.toMatchObject({ code: "rollback.version" });
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

describe("after an update that failed half way", () => {
  const before = cell({ x: GOOD, y: GOOD });
  const versions = history(cell({ x: "c".repeat(40), y: GOOD }), before, undefined);
  // x was promoted, y was not; z is new and half made.
  const left = resourcesOf(cell({ x: BAD, y: GOOD, z: BAD }), { x: "2026-11-22T11:00:00Z", z: "2026-11-22T11:00:00Z" });
  const now = {
    state: stateNow(before, left),
    whole: 2,
    moved: movedSince(resourcesOf(before), { resources: left, pending: [] }),
    resources: left,
  };

  it("what is live is read off the state, not off what was declared", () => {
    expect([...now.moved].sort()).toEqual(["x", "z"]);
    const sites = (now.state as CellState).sites.map(({ host, commit }) => [host, commit?.[0]]);
    expect(sites).toEqual([
      ["x", "b"],
      ["y", "a"],
      ["z", "b"],
    ]);
    expect(releasesLeft([{ current: now.state, desired: before }]).map(({ commit }) => commit)).toEqual([BAD]);
  });

  it("goes back to the last whole version, which is the one before that update", async () => {
    const target = await chooseTarget(versions, { stack: "prod-cell-00" }, { now });
    expect([target.version, target.moved, target.desired]).toEqual([2, true, before]);
    // All of it: what else is half done nobody knows.
    expect(siteTargetsOf(target, {})).toBeUndefined();
  });

  it("goes back with one site and leaves the broken rest as it is; one that has not moved goes to an earlier version", async () => {
    const one = await chooseTarget(versions, { stack: "prod-cell-00", hosts: ["x"] }, { now });
    expect(one.version).toBe(2);
    expect(siteTargetsOf(one, { hosts: ["x"] })).toEqual({ sites: ["x"], about: "all", whole: false });
    const other = chooseTarget(versions, { stack: "prod-cell-00", hosts: ["y"] }, { now });
    await expect(other).rejects.toMatchObject({ code: "rollback.none" });
  });

  it("an operation that was cut off counts as a change, an untouched resource does not", () => {
    const [pending] = resourcesOf(cell({ y: GOOD }));
    const same = resourcesOf(before);
    expect(movedSince(same, { resources: same, pending: [] }).size).toBe(0);
    expect([...movedSince(same, { resources: same, pending: pending ? [pending] : [] })]).toEqual(["y"]);
  });
});

describe("going back twice", () => {
  const states = [cell({ x: "0".repeat(40) }), cell({ x: GOOD }), cell({ x: BAD }), cell({ x: GOOD })];
  const aim = { stack: "prod-cell-00" };

  it("goes further back, not to and fro", async () => {
    // Version 4 is a rollback to version 2.
    expect((await chooseTarget(history(...states), aim, { back: 2 })).version).toBe(1);
    // The same without a note of it: the version in between has the bad release.
    const avoid = (desired: StackState) => JSON.stringify(desired).includes(BAD);
    expect((await chooseTarget(history(...states), aim, { avoid })).version).toBe(1);
    // Somebody has changed the stack since: the note says nothing any more.
    const later = history(...states, cell({ x: "d".repeat(40) }));
    expect((await chooseTarget(later, aim, { back: 2 })).version).toBe(4);
    // Asked for by number it comes all the same.
    expect((await chooseTarget(history(...states), { ...aim, to: 3 }, { back: 2, avoid })).version).toBe(3);
  });

  it("is told from the journals, the newest first", () => {
    const run = (record: Partial<RunRecord>): RunRecord => ({
      run: "r",
      operation: "up",
      startedAt: "",
      host: undefined,
      stacks: ["s"],
      done: ["s"],
      interrupted: [],
      failed: [],
      complete: true,
      ...record,
    });
    const back = (hosts?: string[]) => run({ aims: [{ stack: "s", to: 2, ...(hosts ? { hosts } : {}) }] });
    expect(rolledBackTo([back(), run({})], "s", undefined)).toBe(2);
    expect(rolledBackTo([run({}), back()], "s", undefined)).toBeUndefined();
    expect(rolledBackTo([run({ done: [], failed: ["s"] }), back()], "s", undefined)).toBeUndefined();
    expect(rolledBackTo([back(["x"])], "s", "x")).toBe(2);
    expect(rolledBackTo([back(["y"]), back(["x"])], "s", "x")).toBe(2);
    expect(rolledBackTo([back(["y"]), run({})], "s", "x")).toBeUndefined();
    expect(rolledBackTo([back(["x"])], "s", undefined)).toBeUndefined();
  });
});

describe("the part of a cell that goes back", () => {
  const part = (now: CellState, then: CellState, hosts?: string[]) =>
    siteTargetsOf({ current: now, desired: then, moved: false }, hosts ? { hosts } : {});

  it("is what differs, and only its releases where nothing else does", () => {
    const now = cell({ x: BAD, y: GOOD });
    expect(part(now, cell({ x: GOOD, y: GOOD }))).toEqual({ sites: ["x"], about: "releases", whole: true });
    expect(part(now, cell({ x: GOOD }))).toMatchObject({ sites: ["x", "y"], about: "all" });
    const shared: CellState = { kind: "cell", sites: [{ host: "x", project: { kind: "shared", name: "landing" } }] };
    expect(part(cell({ x: BAD }), shared)).toMatchObject({ sites: ["x"], about: "all" });
  });

  // The engine without a target would delete every site that is not declared.
  it("is never empty: then it is the whole stack", () => {
    const same = cell({ x: GOOD });
    expect(part(same, same)).toBeUndefined();
    expect(() => declaredOf(same, { sites: [], about: "all", whole: true })).toThrow(RangeError);
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-f]$/), fc.constantFrom(GOOD, BAD)),
        fc.dictionary(fc.stringMatching(/^[a-f]$/), fc.constantFrom(GOOD, BAD)),
        (now, then) => {
          const found = part(cell(now), cell(then));
          if (found === undefined) return;
          expect(targetUrns("prod-cell-00", found)).toHaveLength(found.sites.length);
          expect(found.sites.length).toBeGreaterThan(0);
          // Whatever differs is a target; nothing that does not differ is declared.
          const differing = [...new Set([...Object.keys(now), ...Object.keys(then)])].filter(
            (host) => now[host] !== then[host],
          );
          expect(found.sites).toEqual(differing.sort());
        },
      ),
    );
  });
});

describe("a host that the catalog has no more", () => {
  it("may have been in its cell or, by a tag that went with it, among the canaries", () => {
    expect(formerStacks({ cells: 64 }, "gone.qmoney.de")).toEqual([
      expect.stringMatching(/^prod-cell-\d\d$/),
      "prod-cell-canary",
    ]);
  });
});

describe("an update by somebody else", () => {
  it("is told by the last version that changed something; a refresh, as repairs make one, is none", async () => {
    const versions = [version(3, cell({ x: GOOD }), true, "refresh"), ...history(cell({ x: GOOD }), undefined)];
    expect(await lastChange(versions)).toBe(2);
    expect(await lastChange([])).toBe(0);
  });
});

describe("the deployment that is gone back to", () => {
  const target = {
    stack: "prod-cell-00",
    current: cell({ x: BAD, y: GOOD }),
    desired: cell({ x: GOOD, y: GOOD, z: GOOD }),
  };
  const resources = resourcesOf(target.current);

  it("is asked for where another commit comes back and the project is still there", () => {
    expect(questionsOf(target, resources)).toEqual([
      { stack: "prod-cell-00", name: "x", commit: GOOD, projectId: "prj_x" },
    ]);
  });

  it("is there, gone with or without its project, or nobody knows", async () => {
    const server = createServer((request, response) => {
      const project = new URL(request.url ?? "", "http://x").searchParams.get("projectId");
      if (project === "hangs") return;
      const ready = { uid: "dpl_1", readyState: "READY", target: "production", meta: { githubCommitSha: GOOD } };
      const failed = { ...ready, readyState: "ERROR" };
      const answers: Record<string, [number, unknown]> = {
        ready: [200, { deployments: [failed, ready] }],
        failed: [200, { deployments: [failed] }],
        none: [200, { deployments: [] }],
        gone: [404, { error: { code: "not_found" } }],
      };
      const [status, body] = answers[project ?? ""] ?? [403, {}];
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const ask = (projectId: string) => ({ stack: "s", name: projectId, commit: GOOD, projectId });
    const questions = ["ready", "failed", "none", "gone", "refused", "hangs"].map(ask);
    const env = { VERCEL_API_TOKEN: "t", VERCEL_API_URL: `http://127.0.0.1:${port}` };
    const answers = await lookForDeployments(questions, env, 1500);
    expect(answers).toEqual(["yes", "no", "no", "gone", "unknown", "unknown"]);
    expect(answersAsLosses(questions, answers).map(({ name, kind }) => [name, kind])).toEqual([
      ["failed", "slow"],
      ["none", "slow"],
      ["gone", "lost"],
      ["refused", "unknown"],
      ["hangs", "unknown"],
    ]);
    expect(await lookForDeployments(questions, {})).toEqual(questions.map(() => "unknown"));
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it("was built anew when another one serves the commit than then", () => {
    const then = resourcesOf(cell({ x: GOOD, y: GOOD }));
    expect(builtAnew(target, then, resourcesOf(cell({ x: GOOD, y: GOOD })))).toEqual([]);
    const other = resourcesOf(cell({ x: GOOD, y: GOOD })).map((one) => ({
      ...one,
      outputs: { ...(one.outputs as object), deploymentId: "dpl_new" },
    }));
    expect(builtAnew(target, then, other)).toEqual(["x"]);
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
  let root: string;
  let nanos: bigint;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "sitefleet-history-"));
    nanos = 1795330538168402788n;
    vi.stubEnv("PULUMI_BACKEND_URL", `file://${root}`);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(root, { recursive: true });
  });
  /** Writes an update down as the engine does: its record, its copy of the state, and the state. */
  const update = (state: CellState, changes: Readonly<Record<string, string>>) => {
    const outputs = { desired: canonicalJson(state) };
    const resources = [{ type: "pulumi:pulumi:Stack", urn: STACK_URN, outputs }, ...resourcesOf(state, changes)];
    const folder = join(root, ".pulumi/history/sitefleet/prod-cell-00");
    mkdirSync(folder, { recursive: true });
    mkdirSync(join(root, ".pulumi/stacks/sitefleet"), { recursive: true });
    nanos += 1_000_000_000n;
    const checkpoint = JSON.stringify({ version: 3, checkpoint: { latest: { resources } } });
    const record = { kind: "update", startTime: Number(nanos / 1_000_000_000n), result: "succeeded" };
    writeFileSync(join(folder, `prod-cell-00-${nanos}.history.json`), JSON.stringify(record));
    writeFileSync(join(folder, `prod-cell-00-${nanos}.checkpoint.json`), checkpoint);
    writeFileSync(join(root, ".pulumi/stacks/sitefleet/prod-cell-00.json"), checkpoint);
  };

  it("takes each of several sites back to the last version in which it was something else", async () => {
    const stack = "prod-cell-00";
    update(cell({ x: GOOD, y: GOOD, z: GOOD }), { x: "1", y: "1", z: "1" });
    update(cell({ x: BAD, y: BAD, z: BAD }), { x: "2", y: "2", z: "2" });
    // x went back for itself and has got the other release again since; n is new.
    update(cell({ x: GOOD, y: BAD, z: BAD }), { x: "3", y: "2", z: "2" });
    update(cell({ n: BAD, x: BAD, y: BAD, z: BAD }), { n: "4", x: "4", y: "2", z: "2" });
    const past = { runs: [], bad: [] };
    const { planned } = await planStack(stack, [{ stack, hosts: ["x", "y"] }], past, true);
    expect(planned?.desired).toEqual(cell({ n: BAD, x: GOOD, y: GOOD, z: BAD }));
    expect(planned?.goals).toEqual([
      { stack, hosts: ["x"], to: 3 },
      { stack, hosts: ["y"], to: 1 },
    ]);
    expect(planned?.siteTargets).toEqual({ sites: ["x", "y"], about: "releases", whole: true });
    expect(planned?.seen).toBe(4);
    const former = (await planned?.formerResources())?.flatMap(({ type, outputs }) =>
      type === "sitefleet:vercel:Release" ? [(outputs as { deploymentId: string }).deploymentId] : [],
    );
    expect(former).toEqual(["dpl_x_a", "dpl_y_a"]);
    // The whole stack together: the last version that differs.
    expect((await planStack(stack, [{ stack }], past, true)).planned?.goals).toEqual([{ stack, to: 3 }]);
    // A run that is undone, and has changed nothing of it.
    const undone = await planStack(stack, [{ stack, before: Number(nanos / 1_000_000n) + 500 }], past, true);
    expect(undone).toMatchObject({ left: [{ reason: "it is what it was in version 4" }] });
    expect(undone.planned).toBeUndefined();
  });

  // The engine compresses where PULUMI_DIY_BACKEND_GZIP or PULUMI_DIY_BACKEND_ZSTD is set.
  it.each([
    ["as text", "", (text: string) => text],
    ["compressed", ".gz", (text: string) => gzipSync(text)],
    ["compressed with zstd", ".zst", (text: string) => zstdCompressSync(text)],
  ])(
    "kept %s gives the newest version first, with what was declared, and none for an update that failed",
    async (_, end, pack) => {
      const folder = join(root, ".pulumi/history/sitefleet/prod-cell-00");
      mkdirSync(folder, { recursive: true });
      const write = (nanos: string, result: string, desired?: CellState) => {
        const outputs = desired === undefined ? {} : { desired: canonicalJson(desired) };
        const resources = [{ type: "pulumi:pulumi:Stack", urn: STACK_URN, outputs }];
        const update = { kind: "update", startTime: Number(nanos.slice(0, 10)), result };
        const state = JSON.stringify({ version: 3, checkpoint: { latest: { resources } } });
        writeFileSync(join(folder, `prod-cell-00-${nanos}.history.json${end}`), pack(JSON.stringify(update)));
        writeFileSync(join(folder, `prod-cell-00-${nanos}.checkpoint.json${end}`), pack(state));
      };
      write("1795330538168402788", "succeeded", cell({ x: GOOD }));
      write("1795330539168402788", "failed");
      const versions = await stackVersions("prod-cell-00", { PULUMI_BACKEND_URL: `file://${root}` });
      const records = await Promise.all(
        versions.map(async ({ version, record }) => ({ version, ...(await record()) })),
      );
      expect(records.map(({ version, succeeded }) => [version, succeeded])).toEqual([
        [2, false],
        [1, true],
      ]);
      // Nanoseconds: in whole seconds an update could seem to have ended before the run that made it.
      expect(versions.map(({ endedAt }) => Math.floor(endedAt))).toEqual([1795330539168, 1795330538168]);
      expect(await Promise.all(versions.map(({ desired }) => desired()))).toEqual([undefined, cell({ x: GOOD })]);
      // The engine's own copy of now, with what an interrupted update has left.
      mkdirSync(join(root, ".pulumi/stacks/sitefleet"), { recursive: true });
      const resources = resourcesOf(cell({ x: BAD }), { x: "2026-11-22T12:00:00Z" });
      writeFileSync(
        join(root, ".pulumi/stacks/sitefleet/prod-cell-00.json"),
        JSON.stringify({
          version: 3,
          checkpoint: { latest: { resources, pending_operations: [{ resource: resources[0], type: "updating" }] } },
        }),
      );
      const now = await currentOf("prod-cell-00", versions, { PULUMI_BACKEND_URL: `file://${root}` });
      expect(now).toMatchObject({ whole: 1, state: cell({ x: BAD }) });
      expect([...(now?.moved ?? [])]).toEqual(["x"]);
    },
  );
});
