import { describe, expect, it } from "vitest";
import { linesOf } from "../../../cli/output/teller.ts";
import type { RolloutRecord, WaveState } from "../../../fleet/releases/rollout/index.ts";
import { rollout } from "../../../operations/rollout.ts";
import { rolloutAbort } from "../../../operations/rollout-abort.ts";
import { rolloutPause } from "../../../operations/rollout-pause.ts";
import { rolloutPlan } from "../../../operations/rollout-plan.ts";
import { rolloutPromote } from "../../../operations/rollout-promote.ts";
import { rolloutResume } from "../../../operations/rollout-resume.ts";
import { rolloutStatus } from "../../../operations/rollout-status.ts";

// What breaks when these fail: a pipeline takes a rollout that waits for a person for done.

const wave = (step: WaveState["step"]): WaveState => ({
  name: "canary",
  kind: "sites",
  hosts: { "prod-cell-canary": ["one.qmoney.de"] },
  pauseSeconds: 0,
  soakSeconds: 60,
  limits: { failurePercent: 1, slowdownPercent: 50, slowdownFloorMs: 100 },
  step,
  known: [],
  runs: [],
  blamed: [],
  left: {},
});
const record = (status: RolloutRecord["status"], step: WaveState["step"] = "waiting"): RolloutRecord => ({
  version: 1,
  id: "20261129T080000Z-000001",
  digest: "d",
  startedAt: "2026-11-29T08:00:00.000Z",
  status,
  reason: "",
  rollback: true,
  keep: false,
  waves: [wave(step)],
  before: { "prod-cell-canary": { kind: "cell", sites: [] } },
  target: { "prod-cell-canary": { kind: "cell", sites: [] } },
});

describe("the document of a rollout", () => {
  it("leaves out the states that it goes between, and keeps to its schema", () => {
    const document = rollout.document(record("running"));
    expect(document).toMatchObject({ ok: true, status: "running", waves: [{ name: "canary" }] });
    expect(document).not.toHaveProperty("before");
    expect(document).not.toHaveProperty("target");
    expect(rollout.output.parse(document)).toEqual(document);
    expect(rolloutPause.output.parse(document)).toEqual(document);
    expect(rollout.document(record("stopped")).ok).toBe(false);
  });

  it("says when no site or service differs", () => {
    const document = rolloutPlan.document(undefined);
    expect(document).toEqual({ ok: true, status: "done", reason: "no site or service differs", waves: [] });
    expect(rolloutPlan.output.parse(document)).toEqual(document);
  });

  it("of its status names who carries it out, and what has happened", () => {
    const happened = {
      at: "2026-11-29T08:00:01.000Z",
      rollout: "r",
      event: "paused",
      reason: "by hand",
      by: "me",
    } as const;
    const holder = {
      run: "r",
      user: "me",
      host: "here",
      pid: 7,
      startTicks: "1",
      operation: "rollout",
      since: "2026-11-29T08:00:00.000Z",
    };
    const document = rolloutStatus.document({
      record: record("paused"),
      holder,
      events: [happened],
    });
    expect(document).toMatchObject({ runner: { user: "me", host: "here", pid: 7 }, events: [happened] });
    expect(rolloutStatus.output.parse(document)).toEqual(document);
    expect(rolloutStatus.document({ record: record("paused"), holder: undefined, events: [] })).toMatchObject({
      runner: null,
    });
    expect(rolloutStatus.document(undefined)).toEqual({ status: "none" });
    expect(rolloutStatus.output.parse({ status: "none" })).toEqual({ status: "none" });
  });
});

describe("the exit code of a rollout", () => {
  it.each([
    ["done", "passed", 0],
    ["aborted", "rolled-back", 0],
    ["stopped", "rolled-back", 1],
    ["aborting", "passed", 1],
    ["paused", "soaking", 3],
    ["paused", "doubtful", 4],
  ] as const)("%s with a wave that is %s is %i", (status, step, code) => {
    for (const { exitCode } of [rollout, rolloutResume, rolloutPromote, rolloutAbort])
      expect(exitCode?.(record(status, step))).toBe(code);
  });

  it("is 0 when it was asked to pause and has, and when no site or service differs", () => {
    expect(rolloutPause.exitCode?.(record("paused", "doubtful"))).toBe(0);
    expect(rollout.exitCode?.(undefined)).toBe(0);
  });
});

describe("the input", () => {
  it("takes a rollout that was planned, with its states as they are", () => {
    const agreed = record("running");
    expect(rollout.input.parse({ agreed }).agreed).toEqual(agreed);
  });

  it("refuses safeguards that there are not", () => {
    expect(rollout.input.safeParse({ allow: ["everything"] }).success).toBe(false);
    expect(rolloutAbort.input.parse({ keep: true, allow: ["mass-delete"] })).toEqual({
      keep: true,
      allow: ["mass-delete"],
    });
  });
});

describe("what a rollout tells", () => {
  it("is a line each for people", () => {
    expect(linesOf({ event: "rollout", what: { event: "resumed", by: "me" } })).toEqual(["goes on (me)"]);
    expect(linesOf({ event: "request-dropped", by: "me", want: "pause", instead: "abort" })).toEqual([
      "me had asked to pause, which was not taken: abort takes its place",
    ]);
    expect(linesOf({ event: "asked" })).toEqual([
      "asked the process that carries it out; it takes effect at its next step",
    ]);
    expect(linesOf({ event: "left", stack: "prod", reason: "no earlier version differs" })).toEqual([
      "prod stays: no earlier version differs",
    ]);
  });
});
