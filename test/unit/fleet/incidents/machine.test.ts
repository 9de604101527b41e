// What breaks when these fail: a person is told forty times, or never, or of something that is long gone.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acknowledge, close, observe, repeat } from "../../../../fleet/incidents/machine.ts";
import { ofCost, ofDrift, ofFigures } from "../../../../fleet/incidents/rules.ts";
import type { Incident, Observation } from "../../../../fleet/incidents/types.ts";
import { NotifyFile } from "../../../../model/shape/notify.ts";

const REPEAT = 60 * 60_000;
const limits = NotifyFile.parse({}).incidents;
const see = (firing: boolean, scope = "estate", sentence = "s"): Observation => ({
  rule: "failure-rate",
  scope,
  firing,
  sentence,
});

describe("thresholds", () => {
  const figures = {
    sites: 100,
    failed: 5,
    inconclusive: 0,
    failurePercent: 5,
    slowdownPercent: 30,
    slowdownMs: 200,
    compared: 50,
    examples: [],
  };
  const firing = (more: object) => ofFigures("release", { ...figures, ...more }, limits).filter((one) => one.firing);

  it.each([
    [{}, []],
    [{ failurePercent: 5.1 }, ["failure-rate"]],
    [{ slowdownPercent: 30.1 }, ["slowdown"]],
    [{ slowdownPercent: 90, slowdownMs: 100 }, []],
    [{ slowdownPercent: 90, compared: 2 }, []],
    [{ failurePercent: 100, sites: 3, inconclusive: 3 }, []],
  ])("%j", (more, rules) => {
    expect(firing(more).map(({ rule }) => rule)).toEqual(rules);
  });

  it("cost and drift", () => {
    expect(ofCost("vercel", 10, limits).firing).toBe(false);
    expect(ofCost("vercel", 10.01, limits)).toMatchObject({
      firing: true,
      sentence: "€10.01 a day above what is usual; €10 may be",
    });
    expect(ofDrift("estate", 0, []).firing).toBe(false);
    expect(ofDrift("estate", 2, ["a", "b"])).toMatchObject({ firing: true, sentence: "2 changes by hand: a, b" });
  });

  it("the sentence has the figures", () => {
    const [failure, slow] = ofFigures(
      "release",
      { ...figures, failurePercent: 7, failed: 7, examples: ["a.de"] },
      limits,
    );
    expect(failure?.sentence).toBe("7 of 100 sites fail, 7 %; 5 % may: a.de");
    expect(slow?.sentence).toBe("half of the sites are 30 % (200 ms) slower than usual; 30 % may be");
  });
});

type Step =
  | { readonly kind: "see"; readonly firing: boolean; readonly scope: string }
  | { readonly kind: "ack" | "close" | "repeat" }
  | { readonly kind: "wait"; readonly ms: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("see" as const), firing: fc.boolean(), scope: fc.constantFrom("a", "b") }),
  fc.record({ kind: fc.constantFrom("ack" as const, "close" as const, "repeat" as const) }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 3 * REPEAT }) }),
);

it("whatever happens: one open incident a cause, told once, repeated in time until acknowledged, closed when the cause is gone", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let incidents: readonly Incident[] = [];
      let now = Date.UTC(2026, 10, 29);
      let ids = 0;
      const lastTold = new Map<string, number>();
      const cause = new Map<string, boolean>();
      for (const one of steps) {
        const openBefore = incidents.filter(({ state }) => state !== "closed");
        if (one.kind === "wait") {
          now += one.ms;
          continue;
        }
        const first = openBefore[0];
        const turn =
          one.kind === "see"
            ? observe(incidents, [see(one.firing, one.scope)], { now, repeatMs: REPEAT, newId: () => `i${ids++}` })
            : one.kind === "repeat"
              ? repeat(incidents, { now, repeatMs: REPEAT })
              : first && (one.kind === "ack" ? acknowledge : close)(incidents, first.id, "me", "", now);
        if (turn === undefined) continue;
        for (const { change, incident } of turn.told) {
          if (change === "repeated") {
            expect(incident.state).toBe("open");
            expect(now - (lastTold.get(incident.id) ?? 0)).toBeGreaterThanOrEqual(REPEAT);
          }
          if (change === "raised") expect(lastTold.has(incident.id)).toBe(false);
          lastTold.set(incident.id, now);
        }
        incidents = turn.incidents;
        if (one.kind === "see") cause.set(one.scope, one.firing);
        const open = incidents.filter(({ state }) => state !== "closed");
        expect(new Set(open.map(({ scope }) => scope)).size).toBe(open.length);
        for (const [scope, firing] of cause)
          if (!firing) expect(open.some((incident) => incident.scope === scope)).toBe(false);
        if (one.kind === "see" && one.firing) expect(open.some(({ scope }) => scope === one.scope)).toBe(true);
        for (const { timeline } of incidents) {
          expect(timeline.length).toBeLessThanOrEqual(100);
          expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).sort());
        }
      }
    }),
  );
});
