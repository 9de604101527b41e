// What breaks when these fail: what a run kept and what its report says are two things, or one report takes another's place.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import spawn from "nano-spawn";
import { beforeEach, expect, it } from "vitest";
import { z } from "zod";
import type { RolloutEvent } from "../../../fleet/releases/rollout/index.ts";
import { type FleetEvent, fleetEvent } from "../../../operations/kit/events.ts";
import { defineOperation, perform, type Tools } from "../../../operations/kit/operation.ts";
import { report } from "../../../operations/report.ts";
import { tempDir } from "../plesk/support/temp.ts";

let dir: string;
beforeEach(() => {
  dir = tempDir("sitefleet-report-");
  mkdirSync(join(dir, "catalog"));
});
const estate = (env: Record<string, string | undefined> = {}) => ({
  catalogDir: join(dir, "catalog"),
  configFile: join(dir, "Pulumi.prod.yaml"),
  env: { ...process.env, SITEFLEET_STATE_DIR: join(dir, "state"), SITEFLEET_TARGET: "prod", ...NO_GROUP, ...env },
});
const NO_GROUP = { GITHUB_RUN_ID: undefined, CI_PIPELINE_ID: undefined };

/** A rollout that tells these events. */
const rolloutOf = (events: readonly FleetEvent[], id = "20261128T080000Z-abcdef", code = 1) =>
  defineOperation({
    name: "rollout",
    summary: "",
    changes: true,
    input: z.object({}),
    events: fleetEvent,
    output: z.object({ ok: z.boolean(), id: z.string() }),
    async run(_input, { emit }: Tools<FleetEvent>) {
      for (const event of events) emit(event);
    },
    document: () => ({ ok: code === 0, id }),
    exitCode: () => code,
  });

const wave = (what: object): FleetEvent => ({ event: "rollout", what: what as RolloutEvent });
const urn = (type: string, name: string) => `urn:pulumi:prod-cell-00::sitefleet::${type}::${name}`;
const step = (type: string, name: string, parent: string): FleetEvent => ({
  event: "step",
  stack: "prod-cell-00",
  step: { op: "update", urn: urn(type, name), type, name, parent, diffs: [] },
});
const ended = (type: string, name: string): FleetEvent => ({
  event: "step-ended",
  stack: "prod-cell-00",
  urn: urn(type, name),
});
const RELEASE = "sitefleet:vercel:Release";
const EVENTS: readonly FleetEvent[] = [
  { event: "begun", total: 1 },
  wave({ event: "wave-started", wave: "ten", known: [] }),
  step(RELEASE, "a-release", "a.example"),
  step(RELEASE, "b-release", "b.example"),
  step(RELEASE, "c-release", "c.example"),
  // Tried again: it counts once.
  step(RELEASE, "a-release", "a.example"),
  ended(RELEASE, "a-release"),
  ended(RELEASE, "b-release"),
  {
    event: "stack-ended",
    stack: "prod-cell-00",
    ok: false,
    counts: { created: 0, changed: 1, replaced: 0, deleted: 0, unchanged: 4 },
    milliseconds: 1200,
    errors: ["b-release: release.build-failed: no"],
  },
  wave({ event: "wave-failed", wave: "ten", run: "r", errors: ["prod-cell-00 failed"], blamed: [] }),
  wave({ event: "wave-rolled-back", wave: "ten", run: "r", bad: [], left: {} }),
];

it("says what the events of a run say, and no more", async () => {
  await perform(rolloutOf(EVENTS), {}, { estate: estate() });
  const { document } = await perform(report, { run: "20261128T080000Z-abcdef" }, { estate: estate() });
  expect(document).toMatchObject({
    outcome: "failed",
    target: "prod",
    commits: [],
    total: { changed: 1 },
    roles: { release: { done: 1, failed: 2 } },
    stacks: [{ stack: "prod-cell-00", ok: false, changed: 1, milliseconds: 1200 }],
    waves: [{ wave: "ten", state: "failed", reason: "prod-cell-00 failed" }],
    wentBack: [{ ok: true, what: "wave ten" }],
    jobs: [{ operation: "rollout", rollout: "20261128T080000Z-abcdef" }],
    figures: { failedStacks: 1, wentBack: 1 },
    files: [],
  });
  expect("stacks" in document && document.stacks[0]?.names).toEqual([
    "update a.example",
    "update b.example",
    "update c.example",
  ]);
  // Reading leaves nothing behind.
  expect(readdirSync(join(dir, "state"))).not.toContain("reports");
});

it("jobs of one CI run have one report, on the commit of a clean catalog", async () => {
  const git = (...args: string[]) =>
    spawn("git", ["-C", dir, "-c", "user.name=x", "-c", "user.email=x@example.at", ...args]);
  writeFileSync(join(dir, "catalog/a.txt"), "");
  await git("init", "-q");
  await git("add", "catalog");
  await git("commit", "-qm", "x");
  const head = (await git("rev-parse", "HEAD")).stdout;
  const job = { estate: estate({ GITHUB_RUN_ID: "4711/../x" }) };
  await perform(rolloutOf(EVENTS), {}, job);
  writeFileSync(join(dir, "catalog/a.txt"), "changed");
  await perform(rolloutOf(EVENTS), {}, job);
  const { document } = await perform(report, {}, { estate: estate() });
  expect(document).toMatchObject({ run: "4711x", commits: [head], total: { changed: 2 } });
  expect("jobs" in document && document.jobs).toHaveLength(2);
  const listed = await perform(report, { list: true }, { estate: estate() });
  expect(listed.document).toMatchObject({ runs: [{ run: "4711x", operations: ["rollout"], outcome: "failed" }] });
});

it("cannot be written where no directory can be made, and says so at once", async () => {
  await perform(rolloutOf(EVENTS), {}, { estate: estate() });
  const refused = perform(report, { out: "/proc/reports" }, { estate: estate() });
  await expect(refused).rejects.toMatchObject({ code: "file.unwritable" });
});

it("is written by its day, a second run of the day beside it, and the trend remembers", async () => {
  const out = join(dir, "quality-reports");
  await perform(rolloutOf(EVENTS), {}, { estate: estate() });
  const first = await perform(report, { out }, { estate: estate() });
  const again = await perform(report, { out }, { estate: estate() });
  const files = (document: object) => ("files" in document ? (document.files as string[]) : []);
  expect(files(first.document)).toEqual(files(again.document));
  expect(files(first.document)[0]).toMatch(/\/deployment-\d{4}-\d\d-\d\d\.md$/);
  await perform(rolloutOf([{ event: "begun", total: 1 }], "20261128T080000Z-ffffff"), {}, { estate: estate() });
  // Ids tell seconds: of two runs in one the last is not known by its id.
  const next = await perform(report, { out, run: "20261128T080000Z-ffffff" }, { estate: estate() });
  expect(files(next.document)[0]).toMatch(/\/deployment-\d{4}-\d\d-\d\d-\d{4}\.md$/);
  expect(next.document).toMatchObject({ trend: [{ failedStacks: 1 }] });
  expect(readdirSync(out)).toHaveLength(4);
  const read = JSON.parse(readFileSync(files(first.document)[1] as string, "utf8"));
  expect(read).toMatchObject({ outcome: "failed", total: { changed: 1 } });
});
