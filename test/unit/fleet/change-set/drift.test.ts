import { describe, expect, it } from "vitest";
import { markCauses } from "../../../../fleet/change-set/drift.ts";
import type { JobResult } from "../../../../fleet/engine/job.ts";
import { NO_COUNTS, type Step } from "../../../../fleet/engine/outcome.ts";

// What breaks when this fails: somebody's change by hand is taken for a reviewed change of the catalog, or the other way round.

const step = (name: string, op: string, ...paths: string[]): Step => ({
  op,
  name,
  urn: `urn:pulumi:prod::sitefleet::vercel:index/project:Project::${name}`,
  type: "vercel:index/project:Project",
  diffs: paths.map((path) => ({ path, kind: "update" as const })),
});
const result = (stack: string, steps: Step[], ok = true): JobResult => ({
  stack,
  ok,
  steps,
  counts: NO_COUNTS,
  errors: [],
  warnings: [],
  finished: true,
  milliseconds: 1,
});
const causes = (live: JobResult[], declared: JobResult[]) =>
  markCauses(live, new Map(declared.map((one) => [one.stack, one]))).flatMap(({ steps }) =>
    steps.map(({ name, cause }) => `${name} ${cause}`),
  );

describe("the cause of a change", () => {
  it("is drift where the declaration has not changed", () => {
    expect(causes([result("a", [step("x", "update", "framework")])], [])).toEqual(["x drift"]);
  });

  it("is the declaration where the preview without live state finds the same", () => {
    const steps = [step("x", "update", "framework"), step("y", "create")];
    expect(causes([result("a", steps)], [result("a", steps)])).toEqual(["x code", "y code"]);
  });

  it("is both where live state adds a property or makes it another operation", () => {
    const live = [step("x", "update", "framework", "name"), step("y", "create")];
    const declared = [step("x", "update", "framework"), step("y", "update", "framework")];
    expect(causes([result("a", live)], [result("a", declared)])).toEqual(["x both", "y both"]);
  });

  it("is not claimed where the declaration could not be previewed", () => {
    expect(causes([result("a", [step("x", "update")])], [result("a", [], false)])).toEqual(["x undefined"]);
  });
});
