import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openBudget } from "../../../../fleet/budget/open.ts";
import { NO_COUNTS } from "../../../../fleet/engine/outcome.ts";
import { loadCatalog } from "../../../../model/index.ts";
import { PROJECT_ROOT } from "../../../../stacks/root.ts";

// What breaks: `up` runs without a budget, or two runs of one machine each with a whole one.

const catalog = loadCatalog(join(PROJECT_ROOT, "catalog"));
const stateDir = mkdtempSync(join(tmpdir(), "sitefleet-budget-"));
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

const projects = (count: number) => ({
  steps: Array.from({ length: count }, (_, i) => ({
    op: "create",
    type: "vercel:index/project:Project",
    name: `${i}`,
  })),
});

describe("a run's budget", () => {
  it("is shared with the next run of the machine; stacks without changes go first and wait for nothing", async () => {
    const known = new Map([
      ["prod-cell-01", projects(60)],
      ["prod-cell-02", projects(70)],
      ["prod", { steps: [] }],
    ]);
    const options = { catalog, stateDir, stacks: ["prod-cell-01", "prod", "prod-cell-02"], known };
    const one = await openBudget({ ...options, gateway: false });
    expect(one.order).toEqual(["prod", "prod-cell-02", "prod-cell-01"]);
    expect(one.env).toEqual({});
    await one.admit("prod");
    const release = await one.admit("prod-cell-02");
    const abort = new AbortController();
    const waits: string[] = [];
    const two = await openBudget({
      ...options,
      signal: abort.signal,
      waiting: (stack, key) => {
        waits.push(`${stack} waits for ${key}`);
        abort.abort(new Error("enough"));
      },
    });
    expect(Object.keys(two.env).sort()).toEqual(["CLOUDFLARE_BASE_URL", "VERCEL_API_URL"]);
    await expect(two.admit("prod-cell-01")).rejects.toThrow("enough");
    expect(waits).toEqual(["prod-cell-01 waits for vercel.project-create"]);
    const result = { stack: "prod-cell-02", ok: true, milliseconds: 1, counts: NO_COUNTS, errors: [], warnings: [] };
    await release({
      ...result,
      finished: true,
      steps: projects(70).steps.map((step) => ({ ...step, urn: "", diffs: [] })),
    });
    const standing = (await two.ledger.standings()).find(({ key }) => key === "vercel.project-create");
    expect(standing).toMatchObject({ used: 70, held: 0 });
    await one.close();
    await two.close();
  });
});
