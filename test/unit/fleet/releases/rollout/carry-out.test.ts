import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { HealthResult, Verdict } from "../../../../../checks/types.ts";
import { SitefleetError } from "../../../../../errors/index.ts";
import type { JobResult } from "../../../../../fleet/engine/job.ts";
import { type CarryOutOptions, carryOut } from "../../../../../fleet/releases/rollout/carry-out.ts";
import { rolloutFiles } from "../../../../../fleet/releases/rollout/files.ts";
import { advance, nextAction } from "../../../../../fleet/releases/rollout/machine.ts";
import { bringsMore, eventOf } from "../../../../../fleet/releases/rollout/requests.ts";
import type { RolloutWork } from "../../../../../fleet/releases/rollout/rollout-work.ts";
import {
  type Request,
  type RolloutRecord,
  recordSchema,
  type WaveState,
} from "../../../../../fleet/releases/rollout/types.ts";
import type { AppliedRun } from "../../../../../fleet/run/apply.ts";
import { runningRecord } from "./record.ts";

// Breaks when a rollout goes on after a wave that failed, forgets a wave after a crash, or does not hear a person.

const dir = mkdtempSync(join(tmpdir(), "rollout-"));
afterAll(() => rmSync(dir, { recursive: true }));

const wave = (name: string, more: Partial<WaveState> = {}): WaveState => ({
  name,
  kind: "sites",
  hosts: { "prod-cell-07": [`${name}.de`] },
  pauseSeconds: 0,
  soakSeconds: 0,
  limits: { failurePercent: 5, slowdownPercent: 30, slowdownFloorMs: 100 },
  step: "waiting",
  known: [],
  runs: [],
  blamed: [],
  left: {},
  ...more,
});
const recordOf = (more: Partial<RolloutRecord> = {}): RolloutRecord =>
  runningRecord([wave("one"), wave("two"), wave("three")], more);
const result = (host: string, verdict: Verdict): HealthResult => ({
  id: host,
  kind: "site",
  host,
  url: "",
  verdict,
  reason: verdict,
  vantages: [
    {
      vantage: "here",
      verdict,
      findings: verdict === "pass" ? [] : [{ about: "status", verdict, text: "" }],
      tries: 1,
      evidence: [],
    },
  ],
});
const fine: AppliedRun = { run: "run", results: [], skipped: [], milliseconds: 0 };
const failing = (failed: JobResult["failed"]): AppliedRun => {
  const counts = { created: 0, changed: 0, replaced: 0, deleted: 0, unchanged: 0 };
  const outcome = {
    steps: [],
    counts,
    errors: ["broken"],
    warnings: [],
    finished: true,
    ...(failed ? { failed } : {}),
  };
  return { ...fine, results: [{ ...outcome, stack: "prod-cell-07", ok: false, milliseconds: 0 }] };
};
const broken = failing(undefined);
const RELEASE = "sitefleet:vercel:Release";
const unfit = failing([{ type: RELEASE, name: "one.de", code: "release.check-failed", message: "it answers 500" }]);
const held: AppliedRun = { ...fine, skipped: [{ stack: "prod-cell-07", reason: "held by another" }] };

/** A world where everything succeeds but what is said; `did` is what was asked of it. */
function world(verdicts: Record<string, Verdict> = {}, more: Partial<RolloutWork> = {}) {
  const did: string[] = [];
  const said = <Answer>(what: string, answer: Answer): Answer => {
    did.push(what);
    return answer;
  };
  const work: RolloutWork = {
    apply: async (_, { name }) => said(`apply ${name}`, fine),
    losses: async () => ({ left: {}, reasons: [] }),
    goBack: async (_, waves) => said(`back ${waves.map(({ name }) => name).join(" ")}`, { run: fine, kept: [] }),
    markBad: async (_, { name }) => said(`bad ${name}`, ["acme/sites@b"]),
    check: async (_, { name }, when) => {
      if (when === "before") return { results: [] };
      did.push(`check ${name}`);
      return { results: [result(`${name}.de`, verdicts[name] ?? "pass")], evidence: "file" };
    },
    ...more,
  };
  const options: CarryOutOptions = { files: rolloutFiles(dir, undefined), work };
  return { did, options };
}
const ask = (want: Request["want"], keep = false): Request => ({ want, by: "me", keep });
const after = (record: RolloutRecord, request: Request) => {
  const event = eventOf(record, request);
  return event ? advance(record, event, Date.now()) : record;
};

test("wave by wave, each checked before the next, and the record survives as it is", async () => {
  const { did, options } = world();
  const done = await carryOut(recordOf(), options);
  expect(did).toEqual(["one", "two", "three"].flatMap((name) => [`apply ${name}`, `check ${name}`]));
  expect(done.status).toBe("done");
  expect(await options.files.read(done.id)).toEqual(done);
  const events = await options.files.events(done.id);
  expect(events.at(-1)).toMatchObject({ event: "ended", outcome: "done", rollout: done.id });
});

test("a wave that fails is remembered as bad, goes back alone, is escalated with figures, and nothing follows", async () => {
  const { did, options } = world({ two: "fail" });
  const stopped = await carryOut(recordOf(), options);
  expect(did).toEqual(["apply one", "check one", "apply two", "check two", "bad two", "back two"]);
  expect(stopped.status).toBe("stopped");
  expect(stopped.waves.map(({ step }) => step)).toEqual(["passed", "rolled-back", "waiting"]);
  const events = await options.files.events(stopped.id);
  expect(events.find(({ event }) => event === "escalated")).toMatchObject({ figures: { failed: 1 }, evidence: "file" });
  // What the earlier wave has left can be taken back too.
  expect((await carryOut(after(stopped, ask("abort")), options)).status).toBe("aborted");
  expect(did.at(-1)).toBe("back one");
});

test("a release that does not get past its build or check fails the wave, and is remembered as bad", async () => {
  const { did, options } = world({}, { apply: async () => unfit });
  const stopped = await carryOut(recordOf(), options);
  expect(stopped).toMatchObject({ status: "stopped", waves: [{ blamed: ["one.de"] }, {}, {}] });
  expect(stopped.reason).toBe("prod-cell-07: one.de: it answers 500");
  expect(did).toEqual(["bad one", "back one"]);
});

test("an update that fails for another reason is tried again, and goes back when that fails too", async () => {
  const answers = [broken, fine];
  const mended = world({}, { apply: async () => answers.shift() ?? fine });
  expect((await carryOut(recordOf(), mended.options)).status).toBe("done");
  const { options } = world({}, { apply: async () => broken });
  expect(await carryOut(recordOf(), options)).toMatchObject({ status: "stopped", waves: [{ blamed: [] }, {}, {}] });
});

test("stacks that were not begun only wait; what is live of the wave is judged all the same", async () => {
  const later = { ...fine, skipped: [{ stack: "prod-cell-07", reason: "tomorrow", later: true }] };
  const waits = await carryOut(recordOf(), world({}, { apply: async () => later }).options);
  expect(waits).toMatchObject({ status: "paused", reason: "tomorrow", waves: [{ step: "applying" }, {}, {}] });
  const other = await carryOut(recordOf(), world({}, { apply: async () => held }).options);
  expect(other).toMatchObject({ status: "paused", reason: "held by another", waves: [{ step: "applying" }, {}, {}] });
  const [done] = broken.results;
  const half: AppliedRun = { ...held, results: [{ ...(done as JobResult), stack: "prod-cell-08", ok: true }] };
  const two = wave("one", { hosts: { "prod-cell-07": ["a.de"], "prod-cell-08": ["b.de"] } });
  const live = world({ one: "fail" }, { apply: async () => half });
  expect((await carryOut(recordOf({ waves: [two] }), live.options)).status).toBe("stopped");
});

test("what would be lost by going back stays and is named; abort takes it back as well", async () => {
  const lost = { left: { "prod-cell-07": ["gone.de"] }, reasons: ["gone.de: its project is gone"] };
  const { did, options } = world({ one: "fail" }, { losses: async () => lost });
  const stopped = await carryOut(recordOf(), options);
  expect(stopped).toMatchObject({ status: "stopped", waves: [{ step: "rolled-back", left: lost.left }, {}, {}] });
  expect(stopped.reason).toContain("gone.de");
  expect(JSON.stringify(await options.files.events(stopped.id))).toContain("its project is gone");
  const aborted = await carryOut(after(stopped, ask("abort")), options);
  expect(aborted).toMatchObject({ status: "aborted", waves: [{ left: {} }, {}, {}] });
  expect(did.filter((one) => one === "back one")).toHaveLength(2);
});

test("a wave that cannot go back by itself waits for a person: resume looks again, promote accepts, abort ends it", async () => {
  const held = { held: "prod is new", left: {}, reasons: [] };
  const first = world({ one: "fail" }, { losses: async () => held });
  const paused = await carryOut(recordOf(), first.options);
  expect(paused).toMatchObject({ status: "paused", reason: "prod is new", waves: [{ step: "failed" }, {}, {}] });
  expect(first.did).toEqual(["apply one", "check one"]);
  expect((await first.options.files.events(paused.id)).map(({ event }) => event)).toContain("escalated");
  expect((await carryOut(after(paused, ask("resume")), first.options)).status).toBe("paused");
  expect((await carryOut(after(paused, ask("resume")), world().options)).status).toBe("done");
  expect((await carryOut(after(paused, ask("promote")), world().options)).status).toBe("done");
  expect((await carryOut(after(paused, ask("abort")), world().options)).status).toBe("aborted");
  expect((await carryOut(after(paused, ask("abort", true)), world().options)).status).toBe("aborted");
});

test("what was new with the rollout stays when it is aborted, and the end says so", async () => {
  const kept = { run: fine, kept: ["prod: it is new with this rollout"] };
  const { options } = world({}, { goBack: async () => kept });
  const record = recordOf({ waves: [wave("shared", { kind: "shared", step: "passed" }), wave("one")] });
  const aborted = await carryOut(after(record, ask("abort")), options);
  expect(aborted).toMatchObject({
    status: "aborted",
    reason: "aborted by me; stays: prod: it is new with this rollout",
  });
});

test("an error of ours pauses with what to do about it; going back that cannot begin is escalated", async () => {
  const error = new SitefleetError({ code: "rollout.catalog", message: "another catalog", hint: "put it back" });
  const refused = () => Promise.reject(error);
  const { options } = world({}, { apply: refused });
  const paused = await carryOut(recordOf(), options);
  expect(paused).toMatchObject({ status: "paused", waves: [{ step: "applying" }, {}, {}] });
  expect(paused.reason).toContain("put it back");
  expect(await options.files.events(paused.id)).toContainEqual(expect.objectContaining({ code: "rollout.catalog" }));
  expect((await carryOut(after(paused, ask("resume")), world().options)).status).toBe("done");
  const stuck = world({ one: "fail" }, { goBack: refused });
  const failed = await carryOut(recordOf(), stuck.options);
  expect(failed).toMatchObject({ status: "paused", waves: [{ step: "failed" }, {}, {}] });
  expect((await stuck.options.files.events(failed.id)).map(({ event }) => event)).toContain("escalated");
  const aborting = await carryOut(after(failed, ask("abort")), stuck.options);
  expect(aborting.status).toBe("aborting");
  expect((await carryOut(aborting, world().options)).status).toBe("aborted");
});

test("in doubt it asks: resume checks again, promote accepts, abort takes everything back", async () => {
  const doubt = await carryOut(recordOf(), world({ two: "inconclusive" }).options);
  expect(doubt).toMatchObject({ status: "paused", waves: [{}, { step: "doubtful" }, { step: "waiting" }] });
  const again = world();
  expect((await carryOut(after(doubt, ask("resume")), again.options)).status).toBe("done");
  expect(again.did).toEqual(["check two", "apply three", "check three"]);
  const accepted = world();
  expect((await carryOut(after(doubt, ask("promote")), accepted.options)).status).toBe("done");
  expect(accepted.did).toEqual(["apply three", "check three"]);
  const aborted = world();
  expect((await carryOut(after(doubt, ask("abort")), aborted.options)).status).toBe("aborted");
  expect(aborted.did).toEqual(["back one two"]);
  const kept = world();
  expect((await carryOut(after(doubt, ask("abort", true)), kept.options)).status).toBe("aborted");
  expect(kept.did).toEqual([]);
});

test("without automatic rollback a wave that fails is escalated and a person decides", async () => {
  const { did, options } = world({ one: "fail" });
  const paused = await carryOut(recordOf({ rollback: false }), options);
  expect(paused).toMatchObject({ status: "paused", waves: [{ step: "failed" }, {}, {}] });
  expect(did).toEqual(["apply one", "check one"]);
  const events = await options.files.events(paused.id);
  expect(events.map(({ event }) => event)).toContain("escalated");
  expect((await carryOut(after(paused, ask("abort")), options)).status).toBe("aborted");
  expect(did.at(-1)).toBe("back one");
});

test("going back that fails is tried again, never taken for done", async () => {
  const stuck = world({ one: "fail" }, { goBack: async () => ({ run: broken, kept: [] }) });
  const paused = await carryOut(recordOf(), stuck.options);
  expect(paused).toMatchObject({ status: "paused", waves: [{ step: "failed" }, {}, {}] });
  const { did, options } = world();
  expect((await carryOut(after(paused, ask("resume")), options)).status).toBe("stopped");
  expect(did).toEqual(["bad one", "back one"]);
  const aborting = await carryOut(after(paused, ask("abort")), stuck.options);
  expect(aborting.status).toBe("aborting");
  expect((await carryOut(aborting, world().options)).status).toBe("aborted");
});

test("another process' pause takes effect at the next step, a promotion ends the soak time", async () => {
  const files = rolloutFiles(dir, undefined);
  const record = recordOf();
  const { did, options } = world(
    {},
    {
      apply: async (_, { name }) => {
        did.push(`apply ${name}`);
        await files.ask(record.id, ask("pause"));
        return fine;
      },
    },
  );
  const paused = await carryOut(record, options);
  expect(paused).toMatchObject({ status: "paused", reason: "by hand", waves: [{ step: "soaking" }, {}, {}] });
  expect(did).toEqual(["apply one"]);
  const long = recordOf({ waves: [wave("one", { soakSeconds: 3600 })] });
  const waiting = world();
  const started = carryOut(long, waiting.options);
  await expect.poll(() => waiting.did).toEqual(["apply one"]);
  await files.ask(long.id, ask("promote"));
  expect((await started).status).toBe("done");
});

test("a runner that dies after any step leaves a record from which the next one ends alike, with no step left out", async () => {
  for (const verdicts of [{}, { two: "fail" }] as Record<string, Verdict>[]) {
    const whole = world(verdicts);
    const end = await carryOut(recordOf(), whole.options);
    const saves = (await whole.options.files.events(end.id)).length;
    for (let steps = 0; steps < saves; steps++) {
      const { did, options } = world(verdicts);
      let written = 0;
      const dying: CarryOutOptions = {
        ...options,
        files: {
          ...options.files,
          save: async (record) => {
            if (written++ === steps) throw new Error("killed");
            await options.files.save(record);
          },
        },
      };
      const record = recordOf();
      await options.files.save(record);
      await expect(carryOut(record, dying)).rejects.toThrow("killed");
      const left = await options.files.read(record.id);
      const ended = await carryOut(left as RolloutRecord, options);
      expect({ ...ended, id: "" }).toMatchObject({
        status: end.status,
        waves: end.waves.map(({ step }) => ({ step })),
      });
      // The step that died may be done twice; none is left out, and none comes before its turn.
      expect(did.filter((one, index) => one !== did[index - 1] && !did.slice(0, index).includes(one))).toEqual(
        whole.did,
      );
    }
  }
});

test("stopped in the middle of a wave nothing is judged", async () => {
  const abort = new AbortController();
  const { options } = world(
    {},
    {
      apply: async () => {
        abort.abort();
        return broken;
      },
    },
  );
  const left = await carryOut(recordOf(), { ...options, signal: abort.signal });
  expect(left).toMatchObject({ status: "running", waves: [{ step: "applying" }, {}, {}] });
});

test("what does not fit is refused with what does", () => {
  expect(() => eventOf(recordOf({ status: "done" }), ask("pause"))).toThrow(
    expect.objectContaining({ code: "rollout.over" }),
  );
  expect(() => eventOf(recordOf(), ask("promote"))).toThrow(expect.objectContaining({ code: "rollout.step" }));
  expect(eventOf(recordOf(), ask("resume"))).toBeUndefined();
  expect(eventOf(recordOf({ status: "aborting" }), ask("pause"))).toBeUndefined();
});

test("a release that must go back does so whatever the catalog says by then; nothing more goes out without a look at it", () => {
  const failed = recordOf({ status: "paused", waves: [wave("one", { step: "failed" })] });
  expect(bringsMore(failed, ask("resume"))).toBe(false);
  expect(bringsMore(failed, ask("promote"))).toBe(true);
  expect(bringsMore(failed, ask("abort"))).toBe(false);
  expect(bringsMore({ ...failed, rollback: false }, ask("resume"))).toBe(true);
  expect(bringsMore(recordOf(), ask("resume"))).toBe(true);
});

test("a pause before a wave begins when the one before has passed", () => {
  const record = recordOf({ waves: [wave("one", { step: "soaking" }), wave("two", { pauseSeconds: 60 })] });
  const figures = {
    sites: 1,
    failed: 0,
    inconclusive: 0,
    failurePercent: 0,
    slowdownPercent: 0,
    slowdownMs: 0,
    compared: 0,
    examples: [],
  };
  const passed = advance(record, { event: "wave-checked", wave: "one", verdict: "pass", reason: "", figures }, 1000);
  expect(nextAction(passed, 1000)).toMatchObject({ do: "wait", why: "pause", until: 61_000 });
  expect(nextAction(after(passed, ask("promote")), Date.now())).toMatchObject({ do: "apply" });
  expect(recordSchema.parse(JSON.parse(JSON.stringify(passed)))).toEqual(passed);
});
