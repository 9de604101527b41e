import { expect, test } from "vitest";
import { carryOut } from "../../../../../fleet/releases/rollout/carry-out.ts";
import { rolloutFiles } from "../../../../../fleet/releases/rollout/files.ts";
import { advance } from "../../../../../fleet/releases/rollout/machine.ts";
import { planWaves } from "../../../../../fleet/releases/rollout/plan.ts";
import { eventOf } from "../../../../../fleet/releases/rollout/requests.ts";
import type { ServiceWork } from "../../../../../fleet/releases/rollout/rollout-work.ts";
import type { Request, RolloutRecord } from "../../../../../fleet/releases/rollout/types.ts";
import { rolloutWork } from "../../../../../fleet/releases/rollout/work.ts";
import type { AppliedRun } from "../../../../../fleet/run/apply.ts";
import type { Session } from "../../../../../fleet/run/session.ts";
import { defaultRollout } from "../../../../../model/assemble/rollout.ts";
import { mustGoBack } from "../../../../../operations/rollout/services-back.ts";
import { tempDir } from "../../../plesk/support/temp.ts";
import { runningRecord } from "./record.ts";

// Breaks when services of a rollout go out in another order than declared, go out after a group that failed, or do not come back.

const PLESK = "prod-plesk";
const GROUPS = [["idp"], ["crm", "forum"], ["docs"]];
const dir = tempDir("rollout-services-");
const target = { kind: "plesk", hosts: [], services: GROUPS.flat().map((key) => ({ key, artifactDigest: "new" })) };

function recordOf(more: Partial<RolloutRecord> = {}): RolloutRecord {
  const waves = planWaves([], { ...defaultRollout(), services: { pauseSeconds: 0, soakSeconds: 0 } }, GROUPS);
  return runningRecord(waves, { before: { [PLESK]: null }, target: { [PLESK]: target as never }, ...more });
}
const fine: AppliedRun = { run: "run", results: [], skipped: [], milliseconds: 0 };

/** Hosts whose services answer, but for `bad` ones on the wave's release; `refuses`: its own deployment fails. */
function world({ bad = "", refuses = "" } = {}) {
  const live = new Map(GROUPS.flat().map((key) => [key, "old"]));
  const did: string[] = [];
  const judged = () => {
    const ill = [...live].some(([key, release]) => key === bad && release === "new");
    const figures = { sites: 4, failed: ill ? 1 : 0, inconclusive: 0, failurePercent: ill ? 25 : 0 };
    const rest = { slowdownPercent: 0, slowdownMs: 0, compared: 0, examples: ill ? [bad] : [] };
    const verdict = ill ? ("fail" as const) : ("pass" as const);
    return { verdict, reason: ill ? `1 of 4 services fail: ${bad}` : "all answer", figures: { ...figures, ...rest } };
  };
  const services: ServiceWork = {
    async check(_, { name, services = [] }, when) {
      did.push(`${when} ${name}`);
      const were = Object.fromEntries(services.map((key) => [key, live.get(key) ?? null]));
      return { results: [], live: were, known: [], judged: judged() };
    },
    async goBack(_, __, { services = [], live: were = {} }) {
      did.push(`back ${services.join(" ")}`);
      for (const key of services) {
        const stands = { live: live.get(key) ?? null, pending: false };
        if (mustGoBack(stands, { release: "new", before: were[key] ?? null })) live.set(key, were[key] as string);
      }
      return { run: fine, kept: [] };
    },
  };
  const session = {
    inputs: { state: async () => target },
    choice: { stacks: [PLESK], retired: new Set() },
    folders: { state: dir },
    infos: new Map(),
  } as unknown as Session;
  const work = rolloutWork({
    open: async () => session,
    services,
    async apply(_, { stacks, services: some = [], desired }) {
      expect([stacks, desired]).toEqual([[PLESK], undefined]);
      did.push(`deploy ${some.join(" ")}`);
      const failed = some.includes(refuses)
        ? [{ type: "command", name: refuses, message: "its migration failed" }]
        : [];
      for (const key of some) if (key !== refuses) live.set(key, "new");
      const counts = { created: 0, changed: 0, replaced: 0, deleted: 0, unchanged: 0 };
      const outcome = { steps: [], counts, errors: [], warnings: [], finished: true, milliseconds: 0 };
      return { ...fine, results: [{ ...outcome, stack: PLESK, ok: failed.length === 0, failed }] };
    },
  });
  const files = rolloutFiles(dir, undefined);
  return { live, did, options: { files, work } };
}
const after = (record: RolloutRecord, want: Request["want"]) => {
  const event = eventOf(record, { want, by: "me", keep: false });
  return event ? advance(record, event, Date.now()) : record;
};
const liveOf = ({ live }: ReturnType<typeof world>) => Object.fromEntries(live);
const NEW = Object.fromEntries(GROUPS.flat().map((key) => [key, "new"]));
const OLD = Object.fromEntries(GROUPS.flat().map((key) => [key, "old"]));

test("groups go out one after the other, each proven before the next", async () => {
  const good = world();
  const done = await carryOut(recordOf(), good.options);
  expect(done.status).toBe("done");
  expect(good.did.filter((what) => !what.startsWith("before"))).toEqual([
    "deploy idp",
    "after services-1",
    "deploy crm forum",
    "after services-2",
    "deploy docs",
    "after services-3",
  ]);
  expect(liveOf(good)).toEqual(NEW);
  expect(done.waves[0]).toMatchObject({ live: { idp: "old" }, begunAt: expect.any(String), figures: { sites: 4 } });
});

test("a group that fails goes back alone, what follows is untouched; abort takes earlier groups back too", async () => {
  const ill = world({ bad: "forum" });
  const stopped = await carryOut(recordOf(), ill.options);
  expect(stopped).toMatchObject({
    status: "stopped",
    reason: "1 of 4 services fail: forum",
    waves: [{ step: "passed" }, { step: "rolled-back", verdict: "fail" }, { step: "waiting" }],
  });
  expect(liveOf(ill)).toEqual({ ...OLD, idp: "new" });
  const aborted = await carryOut(after(stopped, "abort"), ill.options);
  expect(aborted.status).toBe("aborted");
  expect(liveOf(ill)).toEqual(OLD);
});

test("abort takes groups back in reverse order", async () => {
  const good = world();
  const paused = await carryOut(recordOf({ waves: recordOf().waves.slice(0, 2) }), good.options);
  await carryOut({ ...paused, status: "aborting", reason: "aborted by me" }, good.options);
  expect(good.did.slice(-2)).toEqual(["back crm forum", "back idp"]);
  expect(liveOf(good)).toEqual(OLD);
});

test("a service whose own deployment fails is not tried again, and takes its group back", async () => {
  const ill = world({ refuses: "crm" });
  const stopped = await carryOut(recordOf(), ill.options);
  expect(stopped).toMatchObject({ status: "stopped", reason: "prod-plesk: crm: its migration failed" });
  expect(ill.did.filter((what) => what === "deploy crm forum")).toHaveLength(1);
  expect(liveOf(ill)).toEqual({ ...OLD, idp: "new" });
});

test.each([{}, { bad: "forum" }, { refuses: "forum" }])(
  "a process that dies after any step of %j leaves a rollout from which the next one ends alike",
  async (fault) => {
    const whole = world(fault);
    const end = await carryOut(recordOf(), whole.options);
    const saves = (await whole.options.files.events(end.id)).length;
    expect(saves).toBeGreaterThan(6);
    for (let steps = 0; steps < saves; steps++) {
      const { live, options } = world(fault);
      let written = 0;
      const save = async (record: RolloutRecord) => {
        if (written++ === steps) throw new Error("killed");
        await options.files.save(record);
      };
      const record = recordOf();
      await options.files.save(record);
      await expect(carryOut(record, { ...options, files: { ...options.files, save } })).rejects.toThrow("killed");
      const left = (await options.files.read(record.id)) as RolloutRecord;
      const ended = await carryOut(left, options);
      expect([ended.status, ended.waves.map(({ step }) => step)]).toEqual([
        end.status,
        end.waves.map(({ step }) => step),
      ]);
      expect(Object.fromEntries(live)).toEqual(liveOf(whole));
    }
  },
);
