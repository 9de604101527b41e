import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { placesOf } from "../../../../fleet/backend/store/project.ts";
import type { EngineEvent } from "../../../../fleet/engine/event-log.ts";
import type { Job } from "../../../../fleet/engine/job.ts";
import { canLook, LiveLook } from "../../../../fleet/engine/live-look.ts";
import { digestOfText } from "../../../../stacks/digest.ts";
import { tempDir } from "../../plesk/support/temp.ts";

// What breaks when these fail: a review against what is live says that nothing has drifted although something has.

const STACK = "prod-cell-07";
const urn = (type: string) => `urn:pulumi:${STACK}::sitefleet::${type}::a`;
const ROOT = `urn:pulumi:${STACK}::sitefleet::pulumi:pulumi:Stack::sitefleet-${STACK}`;
const event = (one: object) => one as EngineEvent;
const pre = (type: string) => event({ resourcePreEvent: { metadata: { op: "refresh", urn: urn(type), type } } });
const root = event({
  resOutputsEvent: {
    metadata: { op: "refresh", urn: ROOT, type: "pulumi:pulumi:Stack", new: { outputs: { digest: "d" } } },
  },
});
const summary = (resourceChanges: Record<string, number>) => event({ summaryEvent: { resourceChanges } });
const warning = (of: string) => event({ diagnosticEvent: { severity: "warning", message: "m", urn: of } });
const TYPES = ["pulumi:pulumi:Stack", "pulumi:providers:vercel", "pulumi:pulumi:StackReference"];
const looked = (...events: EngineEvent[]) => {
  const look = new LiveLook();
  for (const one of events) look.add(one);
  return look.outcome();
};

describe("what is live", () => {
  it("is as the state says: everything is unchanged, bookkeeping not counted", () => {
    const events = [...TYPES, "vercel:index/project:Project", "sitefleet:index:Site"].map(pre);
    expect(looked(...events, warning(ROOT), root, summary({ same: 5 }))).toEqual({
      counts: { created: 0, changed: 0, replaced: 0, deleted: 0, unchanged: 2 },
      desired: "d",
    });
  });

  it.each([
    ["something has changed", [root, summary({ same: 4, update: 1 })]],
    ["something is gone", [root, summary({ same: 4, delete: 1 })]],
    ["a resource is not well", [root, warning(urn("a:b:C")), summary({ same: 5 })]],
    [
      "the engine reports an error",
      [root, event({ diagnosticEvent: { severity: "error", message: "m" } }), summary({ same: 5 })],
    ],
    ["a resource could not be read", [root, event({ resOpFailedEvent: { metadata: {} } }), summary({ same: 5 })]],
    ["the engine did not end", [root]],
    ["the stack does not say what it was brought to", [summary({ same: 5 })]],
  ])("is a matter for the whole preview where %s", (_what, events) => {
    expect(looked(...events)).toBeUndefined();
  });
});

describe("a look at what is live alone", () => {
  const states = tempDir("states-");
  const file = join(states, placesOf(STACK).state);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "{}");
  const job: Job = {
    stack: STACK,
    operation: "preview",
    configFile: "Pulumi.prod.yaml",
    exists: true,
    refresh: true,
    still: true,
    settled: digestOfText("{}"),
  };

  it("answers a preview of a stack that is declared and was left as it is", () => {
    expect(canLook(job, states)).toBe(true);
  });

  it.each<[string, Partial<Job>]>([
    ["an update", { operation: "up" }],
    ["a preview that reads nothing live", { refresh: false }],
    ["a stack that is declared otherwise", { still: undefined }],
    ["a stack of which it is not known", { settled: undefined }],
    ["a state that another hand has written", { settled: digestOfText("{ }") }],
    ["a preview that writes a plan", { plan: "plan.json" }],
    ["some services", { services: ["a"] }],
    ["a stack that is not there", { stack: "prod-cell-08" }],
  ])("does not answer %s", (_what, change) => {
    expect(canLook({ ...job, ...change }, states)).toBe(false);
  });
});
