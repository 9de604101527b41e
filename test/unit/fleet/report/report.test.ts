// What breaks when these fail: a report says something else than what happened, or text of others acts in it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { directoryStore } from "../../../../fleet/backend/store/directory-store.ts";
import { EventStream } from "../../../../fleet/events/stream.ts";
import type { RunEntry, RunEvent } from "../../../../fleet/events/types.ts";
import { findRun, keepFigures, renderReport, reportOf, trendBefore } from "../../../../fleet/report/index.ts";
import { sparkline } from "../../../../fleet/report/sparkline.ts";
import { tempDir } from "../../plesk/support/temp.ts";

const START = Date.parse("2026-11-28T08:00:00Z");
type Timed = readonly [seconds: number, event: RunEvent];

const entriesOf = (events: readonly Timed[]): RunEntry[] =>
  events.map(([seconds, event], index) => ({
    at: new Date(START + seconds * 1000).toISOString(),
    seq: index + 1,
    ...event,
  })) as RunEntry[];

const started = (more: object = {}): RunEvent => ({
  event: "started",
  operation: "rollout",
  by: "eva (CI)",
  target: "prod",
  total: 3,
  ...more,
});
const figures = (sites: number, failed: number, p95Ms: number) => ({
  sites,
  failed,
  inconclusive: 0,
  failurePercent: (failed / sites) * 100,
  slowdownPercent: 0,
  slowdownMs: 0,
  compared: 0,
  misanswered: failed,
  p95Ms,
  examples: failed > 0 ? ["quiz.qmoney.de"] : [],
});
const stackEnded = (stack: string, ok = true, changed = 20): RunEvent => ({
  event: "stack-ended",
  stack,
  ok,
  counts: { created: 0, changed, replaced: 0, deleted: 0, unchanged: 40 },
  errors: ok ? [] : ["quiz-release: release.build-failed: the build | failed <b>@eva</b> `x`"],
  milliseconds: 41_500,
  roles: { release: { done: changed, failed: ok ? 0 : 1 } },
  names: ["update quiz.qmoney.de"],
});
const ended = (more: object = {}): RunEvent => ({
  event: "ended",
  ok: true,
  exitCode: 0,
  milliseconds: 900_000,
  ...more,
});

/** A rollout whose second wave fails and goes back. */
const FAILED_WAVE: readonly Timed[] = [
  [0, started({ commit: "9fceb02d0ae598e95dc970b74767f19372d61af8" })],
  [
    1,
    {
      event: "gates-decided",
      outcome: "passed",
      sentences: ["60 sites change in one run, more than 50"],
      approvers: ["ada"],
    },
  ],
  [2, { event: "approved", digest: "ab".repeat(32), approvers: ["ada"], run: "20261128T080002Z-aaaaaa" }],
  [5, { event: "wave-started", wave: "canary" }],
  [50, stackEnded("prod-cell-canary", true, 2)],
  [350, { event: "wave-passed", wave: "canary", reason: "2 of 2 sites pass", figures: figures(2, 0, 180) }],
  [360, { event: "wave-started", wave: "ten" }],
  [420, stackEnded("prod-cell-00")],
  [425, stackEnded("prod-cell-01", false)],
  [
    720,
    {
      event: "judged",
      verdict: "fail",
      reason: "wave ten: 3 of 20 sites fail, 15 % (limit 5 %)",
      figures: figures(20, 3, 640),
      wave: "ten",
    },
  ],
  [
    721,
    { event: "escalated", reason: "15 % of the sites fail", done: "the wave goes back", figures: figures(20, 3, 640) },
  ],
  [745, stackEnded("prod-cell-00")],
  [746, { event: "went-back", ok: true, what: "wave ten" }],
  [
    747,
    {
      event: "incident",
      id: "i-1",
      rule: "failure-rate",
      scope: "release",
      change: "raised",
      sentence: "15 % of the sites fail",
    },
  ],
  [748, ended({ ok: false, exitCode: 1, rollout: "20261128T080003Z-bbbbbb", milliseconds: 748_000 })],
];
const STREAM = "20261128T080000Z-cccccc";

describe("the report of a run with a failed wave", () => {
  const entries = entriesOf(FAILED_WAVE);
  const earlier = reportOf("20261121T080000Z-dddddd", [
    {
      stream: "20261121T080000Z-dddddd",
      entries: entriesOf([
        [-604_800, started()],
        [-604_500, stackEnded("prod")],
        [-604_200, ended()],
      ]),
    },
  ]).figures;
  const report = reportOf(STREAM, [{ stream: STREAM, entries }], [earlier]);

  it("is this text", async () => {
    await expect(renderReport(report)).toMatchFileSnapshot("failed-wave.md");
  });

  it("has the events' figures", () => {
    const ends = FAILED_WAVE.flatMap(([, event]) => (event.event === "stack-ended" ? [event] : []));
    expect(report.total.changed).toBe(ends.reduce((sum, { counts }) => sum + counts.changed, 0));
    expect(report.stacks.map(({ stack, ok }) => [stack, ok])).toEqual(ends.map(({ stack, ok }) => [stack, ok]));
    expect(report.figures).toMatchObject({
      outcome: "failed",
      minutes: 12.47,
      stacks: 4,
      failedStacks: 1,
      wentBack: 1,
      errorPercent: 13.64,
      answeredPercent: 86.36,
      p95Ms: 640,
    });
    expect(report.waves.map(({ wave, state, seconds }) => [wave, state, seconds])).toEqual([
      ["canary", "passed", 345],
      ["ten", "failed", 360],
    ]);
    expect(report.approvals).toEqual([{ digest: "ab".repeat(32), approvers: ["ada"] }]);
    expect(Object.fromEntries(report.targets.map(({ name, met }) => [name, met]))).toEqual({
      duration: true,
      "services deployed": null,
      failures: false,
      "went back": false,
      "answers as declared": false,
      "time to answer, 95th percentile": false,
      "error rate": false,
      "connection pools, query times": null,
    });
  });

  it("holds no text of others that acts", () => {
    const text = renderReport(report);
    const outside = text.replaceAll(/`[^`\n]*`/g, "");
    expect(outside).not.toMatch(/<|@|\]\(/);
    expect(text.split("\n").find((line) => line.includes("build"))).toContain("| failed <b>@eva</b> 'x'");
  });
});

it("figures are sums of the events', whatever the run", () => {
  const stack = fc.record({ changed: fc.nat(50), ok: fc.boolean() });
  fc.assert(
    fc.property(fc.array(stack, { maxLength: 30 }), fc.nat(5), fc.integer({ min: 1, max: 4 }), (stacks, back, jobs) => {
      const streams = Array.from({ length: jobs }, (_, job) => ({
        stream: `2026112${job}T080000Z-aaaaaa.77`,
        entries: entriesOf([
          [job, started()],
          ...stacks
            .filter((_, index) => index % jobs === job)
            .map(({ changed, ok }, index): Timed => [job + index, stackEnded(`s${index}`, ok, changed)]),
          ...Array.from(
            { length: job === 0 ? back : 0 },
            (): Timed => [50, { event: "went-back", ok: true, what: "x" }],
          ),
          [60, ended()],
        ]),
      }));
      const report = reportOf("77", streams);
      expect(report.total.changed).toBe(stacks.reduce((sum, { changed }) => sum + changed, 0));
      expect(report.figures.failedStacks).toBe(stacks.filter(({ ok }) => !ok).length);
      expect(report.figures.wentBack).toBe(back);
      expect(report.figures.minutes).toBe(1);
      expect(report.jobs).toHaveLength(jobs);
    }),
    { numRuns: 50 },
  );
});

it("fits into an issue, whatever the run", () => {
  const long = "x".repeat(5000);
  const many: Timed[] = Array.from({ length: 900 }, (_, index) => [
    index,
    {
      ...stackEnded(`prod-cell-${long}${index}`, false),
      names: Array(20).fill(long),
      errors: [long, long, long],
    } as RunEvent,
  ]);
  const waves: Timed[] = Array.from({ length: 100 }, (_, index) => [
    index,
    { event: "judged", verdict: "fail", reason: long, wave: `${index}`, figures: figures(5, 1, 7) },
  ]);
  const said: Timed[] = Array.from({ length: 100 }, (_, index) => [
    index,
    { event: "gates-decided", outcome: "passed", sentences: Array(50).fill(long) },
  ]);
  const report = reportOf("r", [{ stream: "r", entries: entriesOf([[0, started()], ...many, ...waves, ...said]) }]);
  expect(renderReport(report).length).toBeLessThan(65_000);
});

it("a run that was killed has not ended, and what waited is done once a later job went on", () => {
  const killed = reportOf("a", [
    {
      stream: "a",
      entries: entriesOf([
        [0, started()],
        [9, stackEnded("prod")],
      ]),
    },
  ]);
  expect(killed).toMatchObject({ outcome: "open", endedAt: null, figures: { outcome: "open" } });
  expect(renderReport(killed)).toContain("**has not ended: it goes on, or it was killed**");
  const job = (stream: string, events: readonly Timed[]) => ({ stream, entries: entriesOf(events) });
  const asked = job("1.g", [
    [0, started({ operation: "up" })],
    [1, { event: "approval-waiting", digest: "ab", how: "x" }],
    [2, ended({ ok: false, exitCode: 1, code: "approval.needed", reason: "waits" })],
  ]);
  expect(reportOf("g", [asked]).outcome).toBe("waiting");
  const went = job("2.g", [
    [60, started({ operation: "up" })],
    [90, ended()],
  ]);
  expect(reportOf("g", [asked, went]).outcome).toBe("done");
  expect(reportOf("g", [asked, went, job("3.g", [[95, started({ operation: "up" })]])]).outcome).toBe("open");
});

describe("what is kept", () => {
  const keep = async (store: ReturnType<typeof directoryStore>, stream: string, events: readonly Timed[]) => {
    const one = new EventStream(store, stream, (text) => text);
    for (const [seconds, event] of events) one.add(event, START + seconds * 1000);
    await one.flush();
  };

  it("is found by the events, the journal, the rollout, or what jobs have in common", async () => {
    const store = directoryStore(tempDir("sitefleet-report-"));
    await store.put("events/20261129T080000Z-000000.jsonl", '{"event":"tomorrow"}\nhalf a li');
    await expect(findRun(store)).rejects.toMatchObject({ code: "report.none" });
    await expect(findRun(store, "20261129T080000Z-000000")).rejects.toMatchObject({ code: "run.unknown" });
    await keep(store, STREAM, FAILED_WAVE);
    await keep(store, "20261128T090000Z-eeeeee.88", [
      [3600, started()],
      [3700, ended({ run: "20261128T090001Z-ffffff" })],
    ]);
    await keep(store, "20261128T090500Z-eeeeee.88", [
      [3900, started()],
      [3950, ended()],
    ]);
    const streamsOf = async (wanted?: string) => (await findRun(store, wanted)).streams.map(({ stream }) => stream);
    expect(await streamsOf()).toEqual(["20261128T090000Z-eeeeee.88", "20261128T090500Z-eeeeee.88"]);
    expect(await streamsOf("88")).toHaveLength(2);
    expect(await streamsOf(STREAM)).toEqual([STREAM]);
    expect(await streamsOf("20261128T080003Z-bbbbbb")).toEqual([STREAM]);
    expect(await streamsOf("20261128T080002Z-aaaaaa")).toEqual([STREAM]);
    expect(await streamsOf("20261128T090001Z-ffffff")).toHaveLength(2);
    // Whatever it is asked for by, a run has one name.
    for (const wanted of [STREAM, "20261128T080003Z-bbbbbb", "20261128T080002Z-aaaaaa"])
      expect((await findRun(store, wanted)).run).toBe("20261128T080003Z-bbbbbb");
    for (const wanted of ["88", "20261128T090001Z-ffffff", "20261128T090000Z-eeeeee.88"])
      expect((await findRun(store, wanted)).run).toBe("88");
    await expect(findRun(store, "20200101T000000Z-000000")).rejects.toMatchObject({ code: "run.unknown" });
  });

  it("outlives the events, as figures", async () => {
    const store = directoryStore(tempDir("sitefleet-report-"));
    await keep(store, STREAM, FAILED_WAVE);
    const { run, streams } = await findRun(store);
    await keepFigures(store, reportOf(run, streams).figures);
    await keepFigures(store, reportOf(run, streams).figures);
    await store.remove(`events/${STREAM}.jsonl`);
    await keep(store, "20261128T090000Z-eeeeee", [
      [3600, started()],
      [3700, ended()],
    ]);
    const trend = await trendBefore(store, "20261128T090000Z-eeeeee", new Date(START + 3_600_000).toISOString());
    expect(trend).toMatchObject([{ run: "20261128T080003Z-bbbbbb", errorPercent: 13.64 }]);
    await store.put("reports/figures.json", "{");
    expect(await trendBefore(store, STREAM, "2027")).toMatchObject([{ run: "20261128T090000Z-eeeeee" }]);
  });
});

it("a line of bars has a dot for what is not known", () => {
  expect(sparkline([0, undefined, 5, 10])).toBe("▁·▅█");
  expect(sparkline([0, 0])).toBe("▁▁");
});

it("every event of the stream stands on its page", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../../docs/reference/events.md"), "utf8");
  for (const [, { event }] of FAILED_WAVE) expect(page.includes(`\`${event}\``), event).toBe(true);
});
