import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { planFleet } from "../../../../fleet/budget/plan.ts";
import { limitSpecs } from "../../../../fleet/budget/spec.ts";
import { expectations, plannedWork } from "../../../../fleet/budget/work.ts";
import { loadCatalog } from "../../../../model/index.ts";
import { stackNames } from "../../../../stacks/names.ts";
import { PROJECT_ROOT } from "../../../../stacks/root.ts";

// What breaks: the plan of the project's own catalog leaves work out or counts it twice.

const catalog = loadCatalog(join(PROJECT_ROOT, "catalog"));
const specs = limitSpecs(catalog.limits, { certificates: "ignore" });
const work = plannedWork({ catalog, specs, stacks: stackNames(catalog), known: new Map() });

describe("the work of a whole estate", () => {
  it("is every site's calls, and the shared stack's", () => {
    const sum = (key: string) => work.reduce((total, { need }) => total + (need[key] ?? 0), 0);
    const own = catalog.sites.filter(({ project }) => project === "own").length;
    const shared = work.find(({ stack }) => stack === "prod");
    expect(sum("vercel.project-create")).toBe(own + (shared?.need["vercel.project-create"] ?? 0));
    expect(sum("vercel.deployment-create-hour")).toBe(sum("vercel.project-create"));
    expect(sum("github.content-create")).toBe(catalog.secrets.entries.length + 1);
    expect(shared?.first).toBe(true);
  });

  it("fits into the limits one stack at a time, and takes as long as the domains take", () => {
    for (const [, { need }] of expectations(work)) {
      for (const spec of specs) expect(need[spec.id] ?? 0, spec.id).toBeLessThanOrEqual(spec.amount);
    }
    const plan = planFleet(work, { specs, startsAt: Date.UTC(2026, 10, 23) });
    expect(plan.limits[0]?.key).toBe("vercel.project-domain-add");
    expect(plan.seconds).toBeGreaterThan((plan.limits[0]?.seconds ?? 0) - 3600);
    expect(plan.left).toEqual([]);
    expect(plan.runs.length).toBeGreaterThan(2);
  });

  it("is nothing for stacks that are as declared, and the canary goes first of the cells", () => {
    const known = new Map(stackNames(catalog).map((name) => [name, { steps: [] }]));
    expect(plannedWork({ catalog, specs, stacks: stackNames(catalog), known })).toEqual([]);
    const plan = planFleet(work, { specs, startsAt: 0 });
    const started = plan.runs[0]?.stacks.map(({ stack }) => stack) ?? [];
    expect(started[0]).toBe("prod");
    expect(started.filter((stack) => stack.includes("-cell-"))[0]).toBe("prod-cell-canary");
    // The host's services take longest: they start beside the canary, not after the cells.
    expect(started.indexOf("prod-plesk")).toBeLessThan(3);
  });
});
