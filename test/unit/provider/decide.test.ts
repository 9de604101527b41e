import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CheckSettings } from "../../../provider/check/types.ts";
import {
  choose,
  decide,
  type Known,
  MAX_BUILDS,
  MAX_PROMOTIONS,
  nothingKnown,
  type Step,
} from "../../../provider/release/decide.ts";
import type { Goal } from "../../../provider/release/goal.ts";
import { goalOf } from "../../../provider/release/inputs.ts";
import type { Deployment, Phase } from "../../../provider/vercel/shapes.ts";

// The decisions of a release, against a Vercel that may do anything: answers lost, builds failing, hosts not moving, other
// people promoting. What breaks when these fail: a site that is built twice, or a bad build that visitors see.

const SHA = "1".repeat(40);
const HOUR = 3_600_000;

function deployment(id: string, phase: Phase, more: Partial<Deployment> = {}): Deployment {
  const readyState = { queued: "QUEUED", building: "BUILDING", ready: "READY", failed: "ERROR" }[phase];
  return {
    id,
    url: `${id}.vercel.app`,
    readyState,
    phase,
    promoted: false,
    sha: SHA,
    meta: {},
    createdAt: 0,
    buildingAt: undefined,
    readyAt: undefined,
    error: phase === "failed" ? { code: "BUILD_FAILED", message: "boom" } : undefined,
    ...more,
  };
}

function goalWith(check: Goal["check"]): Goal {
  return {
    projectId: "prj_1",
    source: { kind: "git", sha: SHA, repository: undefined },
    buildKey: undefined,
    hosts: ["shop.qmoney.de"],
    check,
    deadlines: { queueMs: HOUR, buildMs: HOUR / 4, checkMs: 60_000, promotionMs: 180_000 },
  };
}

const { check } = goalOf({ projectId: "p", ref: SHA, check: {} }).check as CheckSettings;
const CHECK = { check } as const;
const goals = fc.constantFrom(
  goalWith(undefined),
  goalWith({ ...CHECK, inconclusive: "fail" }),
  goalWith({ ...CHECK, inconclusive: "promote" }),
);

/** A Vercel whose every answer is drawn; `play` lets a release run against it until it ends. */
interface World {
  readonly existing: readonly Deployment[];
  readonly remembered: string | undefined;
  /** One draw a step: what happens to the thing that is done. */
  readonly luck: readonly number[];
}

const phases = fc.constantFrom<Phase>("queued", "building", "ready", "failed");
const worlds: fc.Arbitrary<World> = fc.record({
  existing: fc
    .array(
      fc.tuple(phases, fc.boolean(), fc.boolean()).map(([phase, promoted, other]) => ({ phase, promoted, other })),
      { maxLength: 4 },
    )
    .map((list) =>
      list.map(({ phase, promoted, other }, index) =>
        deployment(`dpl_old${index}`, phase, {
          promoted: promoted && phase === "ready",
          ...(other ? { sha: "2".repeat(40) } : {}),
        }),
      ),
    ),
  remembered: fc.constantFrom(undefined, "dpl_old0", "dpl_else"),
  luck: fc.array(fc.nat(99), { minLength: 400, maxLength: 400 }),
});

interface Played {
  readonly steps: Step[];
  readonly seen: Known[];
  /** Deployments that exist in the end. */
  readonly made: number;
}

function play(goal: Goal, world: World): Played {
  let known = nothingKnown(0, world.remembered);
  const there = new Map(world.existing.map((item) => [item.id, item]));
  const steps: Step[] = [];
  const seen: Known[] = [];
  let live = world.remembered;
  let made = 0;
  for (const luck of world.luck) {
    const step = decide(goal, known);
    steps.push(step);
    seen.push(known);
    if (step.do === "done" || step.do === "fail") return { steps, seen, made };
    known = { ...known, now: known.now + 20_000 };
    switch (step.do) {
      case "look": {
        const candidates = [...there.values()].filter(({ sha }) => sha === SHA).reverse();
        known = { ...known, candidates };
        const chosen = choose(candidates, goal);
        if (chosen) known = see(known, chosen);
        break;
      }
      case "build": {
        const builds = known.builds + 1;
        const lost = luck < 30;
        if (!lost || luck < 15) {
          const item = deployment(`dpl_new${made}`, "queued");
          made += 1;
          there.set(item.id, item);
          if (!lost) known = see({ ...known, builds }, item);
        }
        if (lost) known = { ...known, builds, candidates: undefined };
        break;
      }
      case "watch": {
        const phase: Phase = luck < 10 ? "queued" : luck < 40 ? "building" : luck < 55 ? "failed" : "ready";
        const item = deployment(step.id, phase);
        there.set(item.id, item);
        known = see(known, item);
        break;
      }
      case "check":
        known = { ...known, verdict: luck < 50 ? "pass" : luck < 75 ? "fail" : "inconclusive" };
        break;
      case "promote": {
        const accepted = luck < 60;
        known = {
          ...known,
          promotions: known.promotions + 1,
          promotion: accepted ? "accepted" : "conflict",
          live: { id: known.live.id, sure: false },
          job: undefined,
          since: { ...known.since, promotion: known.since.promotion ?? known.now },
        };
        if (accepted && luck < 40) live = step.id;
        break;
      }
      case "verify": {
        const moved = live === step.id && luck < 80;
        const status = luck % 3 === 0 ? "pending" : luck % 3 === 1 ? "failed" : "succeeded";
        known = {
          ...known,
          live: { id: live, sure: true },
          hostsMoved: moved,
          job:
            luck < 10
              ? undefined
              : { type: "promote" as const, to: luck < 50 ? step.id : "dpl_else", status, requestedAt: 0 },
        };
        break;
      }
    }
  }
  return { steps, seen, made };
}

function see(known: Known, chosen: Deployment): Known {
  const key = chosen.phase === "queued" ? "queued" : chosen.phase === "building" ? "building" : undefined;
  const first = key !== undefined && known.since[key] === undefined ? { [key]: known.now } : {};
  return { ...known, chosen, since: { ...known.since, ...first } };
}

describe("a release's decisions", () => {
  it("come to an end, done or failed with a reason", () => {
    fc.assert(
      fc.property(goals, worlds, (goal, world) => {
        expect(["done", "fail"]).toContain(play(goal, world).steps.at(-1)?.do);
      }),
    );
  });

  it("never promote what is not ready, or what a wanted check has not let pass", () => {
    fc.assert(
      fc.property(goals, worlds, (goal, world) => {
        const { steps, seen } = play(goal, world);
        for (const [index, step] of steps.entries()) {
          if (step.do !== "promote") continue;
          const known = seen[index]!;
          expect(known.chosen).toMatchObject({ id: step.id, phase: "ready", sha: SHA });
          if (goal.check === undefined) continue;
          const allowed = goal.check.inconclusive === "promote" ? ["pass", "inconclusive"] : ["pass"];
          expect(allowed).toContain(known.verdict);
        }
      }),
    );
  });

  it("look before they build, every time, and never build what exists", () => {
    fc.assert(
      fc.property(goals, worlds, (goal, world) => {
        const { steps, seen } = play(goal, world);
        for (const [index, step] of steps.entries()) {
          if (step.do !== "build") continue;
          expect(steps[index - 1]).toEqual({ do: "look" });
          expect(choose(seen[index]!.candidates!, goal)).toBeUndefined();
        }
        expect(steps.filter((step) => step.do === "build").length).toBeLessThanOrEqual(MAX_BUILDS);
        expect(steps.filter((step) => step.do === "promote").length).toBeLessThanOrEqual(MAX_PROMOTIONS);
      }),
    );
  });

  it("make one deployment at most, also when answers are lost", () => {
    fc.assert(
      fc.property(goals, worlds, (goal, world) => {
        expect(play(goal, world).made).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("are done only when every host was seen to point at the deployment", () => {
    fc.assert(
      fc.property(goals, worlds, (goal, world) => {
        const { steps, seen } = play(goal, world);
        const last = steps.at(-1)!;
        if (last.do !== "done") return;
        expect(seen.at(-1)).toMatchObject({
          live: { id: last.id, sure: true },
          hostsMoved: true,
          chosen: { sha: SHA },
        });
      }),
    );
  });

  it("do not touch what is live already", () => {
    const existing = [deployment("dpl_old0", "ready", { promoted: true })];
    let known: Known = { ...nothingKnown(0), candidates: existing, chosen: existing[0] };
    expect(decide(goalWith(undefined), known)).toEqual({ do: "verify", id: "dpl_old0" });
    known = { ...known, live: { id: "dpl_old0", sure: true }, hostsMoved: true };
    expect(decide(goalWith({ ...CHECK, inconclusive: "fail" }), known)).toEqual({ do: "done", id: "dpl_old0" });
  });
});

describe("the deployment to go on with", () => {
  it("is one that is ready, else one on its way, never one that failed or belongs to another commit or key", () => {
    const goal = goalWith(undefined);
    const [ready, building, failed] = [
      deployment("r", "ready"),
      deployment("b", "building"),
      deployment("f", "failed"),
    ];
    expect(choose([failed, building, ready], goal)).toBe(ready);
    expect(choose([failed, building], goal)).toBe(building);
    expect(choose([failed], goal)).toBeUndefined();
    expect(choose([deployment("x", "ready", { sha: "2".repeat(40) })], goal)).toBeUndefined();
    expect(choose([ready], { ...goal, buildKey: "2" })).toBeUndefined();
    expect(choose([deployment("k", "ready", { meta: { sitefleetKey: "2" } })], { ...goal, buildKey: "2" })?.id).toBe(
      "k",
    );
  });
});
