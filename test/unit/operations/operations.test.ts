// What breaks when these fail: an interface gets another document, exit code or refusal than the command line has.
import { describe, expect, it } from "vitest";
import { SitefleetError } from "../../../errors/index.ts";
import type { PlanReport } from "../../../fleet/budget/strategy/index.ts";
import { build } from "../../../operations/build.ts";
import { perform } from "../../../operations/kit/operation.ts";
import { pathsIn, plan } from "../../../operations/plan.ts";
import { releaseClear } from "../../../operations/release-clear.ts";
import { validate } from "../../../operations/validate.ts";

const estate = { catalogDir: "/nonexistent", configFile: "/nonexistent" };
const error = new SitefleetError({ code: "build.step", message: "it failed", details: ["sorry"] });

describe("a wrong input", () => {
  it("is refused with every fault at once", async () => {
    const wrong = { concurrency: 0, stack: "prod", urgent: [1], window: 1.5 };
    const refused = perform(plan, wrong as never, { estate });
    await expect(refused).rejects.toMatchObject({ code: "usage", subject: "plan" });
    const { details } = (await refused.catch((thrown) => thrown)) as SitefleetError;
    expect(details.map((line) => line.split(":")[0])).toEqual(["stack", "concurrency", "urgent.0", "window"]);
  });

  it.each([{}, { commit: "4f4f4f4", all: true }, { commit: "shop" }])("release clear refuses %j", async (input) => {
    await expect(perform(releaseClear, input, { estate })).rejects.toMatchObject({ code: "usage" });
  });

  it("plan wants a repository for a push", () => {
    expect(pathsIn("a/b.ts\n\n  c.ts \n")).toEqual(["a/b.ts", "c.ts"]);
  });
});

describe("documents and exit codes", () => {
  it("validate: problems, or figures", () => {
    const problem = { rule: "file.value", file: "a", line: 1, field: "b", wrong: "c", allowed: "d" } as const;
    const bad = { catalogDir: "/c", problems: [problem], warnings: [] };
    expect(validate.document(bad)).toEqual({ ok: false, catalog: "/c", problems: [problem], warnings: [] });
    expect(validate.exitCode?.(bad)).toBe(1);
    const figures = { zones: 1, sites: 2, services: 3, secrets: 4, releases: 5 };
    const good = { catalogDir: "/c", problems: [], figures, warnings: ["few"] };
    expect(validate.document(good)).toMatchObject({ ok: true, sites: 2, warnings: ["few"] });
    expect(validate.exitCode?.(good)).toBe(0);
  });

  it("build: errors as programs read them", () => {
    const failed = { ok: false, built: [], failed: [{ service: "crm", error }], removed: [], keepDays: 30 };
    expect(build.document(failed)).toEqual({
      ok: false,
      built: [],
      failed: [{ service: "crm", error: { code: "build.step", message: "it failed", details: ["sorry"] } }],
      removed: [],
    });
    expect(build.exitCode?.(failed)).toBe(1);
    expect(build.exitCode?.({ ...failed, ok: true, failed: [] })).toBe(0);
  });

  it("plan: times as text; a damaged state makes the exit code 1", () => {
    const at = Date.UTC(2026, 10, 23, 2);
    const slot = { stack: "prod", changes: 1, startsAt: at, endsAt: at + 1000 };
    const run = { number: 1, startsAt: at, endsAt: at + 1000, changes: 1, stacks: [slot], ended: "done" as const };
    const report: PlanReport = {
      strategy: { kind: "direct", reason: "one", first: [], quietHours: false },
      startsAt: at,
      startReason: "now",
      plan: { changes: 1, seconds: 1, endsAt: at + 1000, limits: [], vendors: [], runs: [run], left: [] },
      notes: [],
    };
    const document = plan.document({ report, faults: [error] });
    expect(plan.output.parse(document)).toEqual(document);
    expect(document).toMatchObject({
      startsAt: "2026-11-23T02:00:00.000Z",
      runs: [{ endsAt: "2026-11-23T02:00:01.000Z", stacks: [{ startsAt: "2026-11-23T02:00:00.000Z" }] }],
      faults: [{ code: "build.step" }],
    });
    expect(plan.exitCode?.({ report, faults: [error] })).toBe(1);
    expect(plan.exitCode?.({ report, faults: [] })).toBe(0);
  });
});
