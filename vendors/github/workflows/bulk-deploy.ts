import {
  begins,
  DEPLOYS,
  ENVIRONMENTS,
  expression,
  FIRST_ATTEMPT,
  keep,
  ONE_AT_A_TIME,
  OR_SAYS_IT_WAITS,
  OR_WAITS,
  OUTPUTS,
  type Pieces,
  READS,
} from "./pieces.ts";
import type { Job, Step, Workflow } from "./shape.ts";

/** The services' stack: plesk-deploy brings it, in its window. */
const SITES = "--except prod-plesk";

/** How every run that changes something ends, whatever became of it. */
export const tells = ({ sitefleet, catalog }: Pieces): Step[] => [
  sitefleet("What could not be told yet", "notify flush", {
    if: `always() && hashFiles('${catalog}/notify.yaml') != ''`,
  }),
];

/** The report of what a workflow has done; where nothing was done there may be none. */
export const reportOf = ({ sitefleet }: Pieces, needs: readonly string[], when: string): Job => ({
  name: "The report",
  needs,
  if: `!cancelled() && ${when}`,
  environment: ENVIRONMENTS.write,
  // The tag, the status, the deployment, the issues: with the job's own token, which ends with it.
  permissions: { ...READS, contents: "write", statuses: "write", deployments: "write", issues: "write" },
  "timeout-minutes": 15,
  steps: [
    FIRST_ATTEMPT,
    ...begins("WRITE", true),
    sitefleet("Write it", `report "$GITHUB_RUN_ID" --publish --out quality-reports >> "$GITHUB_STEP_SUMMARY"`, {
      "continue-on-error": true,
      env: { GITHUB_TOKEN: expression("github.token") },
    }),
    keep("quality-reports", "quality-reports", 90),
  ],
});

/** Push or dispatch: which way the change goes, and then that way. Pure. */
export function bulkDeploy(pieces: Pieces): Workflow {
  const { sitefleet, catalog, branch } = pieces;
  const way = (name: string) => `needs.plan.outputs.way == '${name}'`;
  const starts = [FIRST_ATTEMPT, ...begins("WRITE", true)];
  const urgent = { env: { URGENT: expression("needs.plan.outputs.urgent") } };
  const changes = { environment: ENVIRONMENTS.write, permissions: DEPLOYS, "timeout-minutes": 355 };
  return {
    name: "ai-bulk-deploy",
    about: ["Brings the sites to what the catalog on its branch says. docs/guides/run-in-ci.md"],
    on: {
      push: { branches: [branch], paths: [`${catalog}/**`] },
      workflow_dispatch: {
        inputs: {
          urgent: { description: "sites that go first, with commas", type: "string", default: "" },
          way: {
            description: "which way it goes",
            type: "choice",
            options: ["auto", "direct", "cells", "waves"],
            default: "auto",
          },
        },
      },
    },
    concurrency: ONE_AT_A_TIME,
    jobs: {
      plan: {
        name: "Analysis and strategy",
        environment: ENVIRONMENTS.read,
        permissions: DEPLOYS,
        "timeout-minutes": 30,
        outputs: {
          way: expression("steps.plan.outputs.way"),
          urgent: expression("steps.plan.outputs.urgent"),
        },
        steps: [
          FIRST_ATTEMPT,
          ...begins("READ", true),
          sitefleet("The catalog's rules", "validate"),
          sitefleet("What the push touches, and how risky it is", 'analyse --push "$PUSH" >> "$GITHUB_STEP_SUMMARY"', {
            // A branch that is new has nothing before it.
            if: "github.event_name == 'push' && !github.event.created",
            // It only tells; after a forced push the commit before may be gone.
            "continue-on-error": true,
            env: { PUSH: expression("format('{0}..{1}', github.event.before, github.event.after)") },
          }),
          sitefleet("Which way it goes, and why", `ci plan --way "$WAY" \${URGENT:+--urgent "$URGENT"} ${OUTPUTS}`, {
            id: "plan",
            env: { WAY: expression("inputs.way || 'auto'"), URGENT: expression("inputs.urgent") },
          }),
        ],
      },
      direct: {
        name: "Few sites, or urgent ones: in one run",
        needs: ["plan"],
        if: way("direct"),
        ...changes,
        steps: [
          ...starts,
          sitefleet("Bring them up", `up --yes ${SITES} \${URGENT:+--urgent "$URGENT"} ${OR_WAITS}`, urgent),
          ...tells(pieces),
        ],
      },
      waves: {
        name: "What visitors see, wave by wave",
        needs: ["plan"],
        if: way("waves"),
        ...changes,
        steps: [...starts, sitefleet("Roll it out", `rollout --yes --no-services ${OR_WAITS}`), ...tells(pieces)],
      },
      shared: {
        name: "What the cells share",
        needs: ["plan"],
        if: way("cells"),
        ...changes,
        outputs: {
          jobs: expression("steps.cells.outputs.jobs"),
          matrix: expression("steps.cells.outputs.matrix"),
          "max-parallel": expression("steps.cells.outputs.max-parallel"),
        },
        steps: [
          ...starts,
          sitefleet("Zones and shared projects", `up --yes --stack prod ${OR_SAYS_IT_WAITS}`, { id: "shared" }),
          // What the shared stack became decides which cells differ; while it waits, they do.
          sitefleet("The cells as jobs", `ci plan --way cells ${OUTPUTS}`, {
            id: "cells",
            if: "steps.shared.outputs.waits != 'true'",
          }),
          ...tells(pieces),
        ],
      },
      cells: {
        name: `Cells ${expression("matrix.name")}`,
        needs: ["plan", "shared"],
        // GitHub refuses an empty matrix.
        if: "needs.shared.outputs.jobs != '' && needs.shared.outputs.jobs != '0'",
        ...changes,
        strategy: {
          "fail-fast": false,
          "max-parallel": expression("fromJSON(needs.shared.outputs.max-parallel)"),
          matrix: expression("fromJSON(needs.shared.outputs.matrix)"),
        },
        steps: [
          ...starts,
          sitefleet("Bring them up, judge them, go back where they fail", `up --yes --cell "$CELLS" ${OR_WAITS}`, {
            env: { CELLS: expression("matrix.cells") },
          }),
          ...tells(pieces),
        ],
      },
      judge: {
        name: "What visitors get",
        needs: ["plan", "direct", "waves", "shared", "cells"],
        if: "!cancelled() && needs.plan.result == 'success' && needs.plan.outputs.way != 'none'",
        environment: ENVIRONMENTS.watch,
        permissions: READS,
        "timeout-minutes": 30,
        steps: [
          ...begins("WRITE"),
          sitefleet("Ask every site", "health --junit health.xml"),
          keep("health", "health.xml", 30, { if: "always()" }),
        ],
      },
      report: reportOf(pieces, ["plan", "judge"], "needs.plan.result == 'success' && needs.plan.outputs.way != 'none'"),
    },
  };
}
