import { expect, it } from "vitest";
import type { Job, JobResult } from "../../../../fleet/engine/job.ts";
import { NO_COUNTS } from "../../../../fleet/engine/outcome.ts";
import { type RunOptions, runFleet } from "../../../../fleet/run/run.ts";
import type { RunnerPool } from "../../../../fleet/run/runner/pool.ts";
import { loadInputs } from "../../../../stacks/program.ts";

// What breaks when these fail: a runner reads a catalog that was changed after the run was judged, a forward run is not held against
// the policies, or a way back is.

const inputs = loadInputs("catalog");

/** The jobs that runners are given. */
async function jobsOf(options: Partial<RunOptions> & Pick<RunOptions, "stacks">): Promise<Job[]> {
  const jobs: Job[] = [];
  const done = { ok: true, steps: [], errors: [], warnings: [], counts: NO_COUNTS, finished: true, milliseconds: 1 };
  const pool = {
    run: async (job: Job): Promise<JobResult> => {
      jobs.push(JSON.parse(JSON.stringify(job)));
      return { ...done, stack: job.stack };
    },
    cancel() {},
    close: () => Promise.reject(new Error("the run's own pool was closed")),
  } as unknown as RunnerPool;
  const base = {
    operation: "up",
    existing: new Set(options.stacks),
    catalogDir: "catalog",
    configFile: "c.yaml",
  } as const;
  await runFleet({ ...base, concurrency: 1, inputs, pool, ...options });
  return jobs;
}

it("a runner is told what its stack is to be, and the policies with it", async () => {
  const [job] = await jobsOf({ stacks: ["prod"] });
  expect(job?.desired).toEqual(JSON.parse(JSON.stringify(await inputs.state("prod"))));
  expect(job?.policies).toMatchObject({ zones: inputs.catalog.zones.map(({ name }) => name), approved: [] });
});

it("what goes back is not held up by the policies of today", async () => {
  const desired = new Map([["prod", await inputs.state("prod")]]);
  const [job] = await jobsOf({ stacks: ["prod"], desired });
  expect(job?.desired).toBeDefined();
  expect(job?.policies).toBeUndefined();
});

it("of a stack that goes or cannot be read the runner says itself what there is to say", async () => {
  const jobs = await jobsOf({ stacks: ["prod", "prod-cell-999"], retired: new Set(["prod"]) });
  expect(jobs.map(({ stack, desired, retire }) => [stack, desired, retire])).toEqual([
    ["prod", undefined, true],
    ["prod-cell-999", undefined, undefined],
  ]);
});
