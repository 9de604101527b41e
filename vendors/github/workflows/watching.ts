import { begins, ENVIRONMENTS, expression, keep, type Pieces, READS } from "./pieces.ts";
import type { Job, Workflow } from "./shape.ts";

/** Only the newest is of use. */
const newest = (name: string) => ({ group: `sitefleet-${name}`, "cancel-in-progress": true });
const watches = { environment: ENVIRONMENTS.watch, permissions: READS, "timeout-minutes": 30 };

/** Every hour: what it costs. Pure. */
export function costMonitor({ sitefleet }: Pieces): Workflow {
  const watch: Job = {
    name: "Charges, forecast, spikes",
    ...watches,
    steps: [
      ...begins("WRITE"),
      sitefleet("Charges that are new", "cost charges --fetch"),
      sitefleet("Spikes", "cost spikes", { if: "!cancelled()" }),
      sitefleet("The cycle", "cost forecast --svg cycle.svg", { if: "!cancelled()" }),
      sitefleet("Ways to pay less", "cost advice", { if: "!cancelled()" }),
      keep("cost", "cycle.svg", 90, { if: "!cancelled()" }),
    ],
  };
  return {
    name: "cost-monitor",
    about: ["Every hour: what the estate costs, and what is unusual. docs/guides/run-in-ci.md"],
    on: { schedule: [{ cron: "23 * * * *" }], workflow_dispatch: {} },
    concurrency: newest("cost"),
    jobs: { watch },
  };
}

/** Every quarter of an hour: what visitors get. Pure. */
export function healthCheck({ sitefleet }: Pieces): Workflow {
  return {
    name: "health-check-matrix",
    about: ["Asks every site and service, spread over jobs. docs/guides/run-in-ci.md"],
    on: {
      schedule: [{ cron: "*/15 * * * *" }],
      workflow_dispatch: {
        inputs: { jobs: { description: "jobs at most", type: "number", default: 8 } },
      },
    },
    concurrency: newest("health"),
    jobs: {
      cells: {
        name: "The cells as jobs",
        permissions: { contents: "read" },
        "timeout-minutes": 15,
        outputs: { matrix: expression("steps.cells.outputs.matrix") },
        steps: [
          ...begins("WRITE").slice(0, 2),
          {
            name: "Spread them",
            id: "cells",
            env: { JOBS: expression("inputs.jobs || 8") },
            run: 'matrix=$(npx sitefleet cells --matrix --max-jobs "$JOBS")\necho "matrix=$matrix" >> "$GITHUB_OUTPUT"',
          },
        ],
      },
      health: {
        name: `Health of cells ${expression("matrix.name")}`,
        needs: ["cells"],
        if: `needs.cells.outputs.matrix != '{"include":[]}'`,
        ...watches,
        strategy: {
          "fail-fast": false,
          "max-parallel": 20,
          matrix: expression("fromJSON(needs.cells.outputs.matrix)"),
        },
        steps: [
          ...begins("WRITE"),
          sitefleet("Ask them", 'health --cell "$CELLS" --update-baseline --junit health.xml', {
            env: { CELLS: expression("matrix.cells") },
          }),
          keep(`health-${expression("strategy.job-index")}`, "health.xml", 7, { if: "always()" }),
        ],
      },
    },
  };
}

/** Every night: what is live otherwise than declared, and how pages do. Pure. */
export function driftWatch({ sitefleet, catalog }: Pieces): Workflow {
  const declared = `hashFiles('${catalog}/quality.yaml') != ''`;
  return {
    name: "drift",
    about: [
      "Every night: what is live otherwise than declared, and who did it; Lighthouse of services and of some sites. docs/guides/run-in-ci.md",
    ],
    on: { schedule: [{ cron: "41 3 * * *" }], workflow_dispatch: {} },
    concurrency: newest("drift"),
    jobs: {
      drift: {
        name: "What differs",
        ...watches,
        "timeout-minutes": 120,
        steps: [
          ...begins("WRITE", true),
          sitefleet("Compare", "drift --except prod-plesk --json > drift.json"),
          keep("drift", "drift.json", 30, { if: "always()" }),
          sitefleet("Secrets that are missing, old or changed by another hand", "secrets verify", {
            if: "!cancelled()",
          }),
        ],
      },
      quality: {
        name: "Lighthouse",
        ...watches,
        "timeout-minutes": 120,
        steps: [
          ...begins("WRITE"),
          { name: "The tool", if: declared, run: "npm run quality:tools -- lighthouse" },
          // Every service, and of the sites those that were measured longest ago. What misses is in one issue.
          sitefleet("Measure pages", "quality run --only lighthouse --out quality-reports", { if: declared }),
          keep("quality", "quality-reports", 30, { if: "always()" }),
        ],
      },
    },
  };
}
