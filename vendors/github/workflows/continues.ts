import { tells } from "./bulk-deploy.ts";
import {
  begins,
  DEPLOYS,
  ENVIRONMENTS,
  expression,
  FIRST_ATTEMPT,
  ONE_AT_A_TIME,
  OR_WAITS,
  OUTPUTS,
  type Pieces,
} from "./pieces.ts";
import type { Workflow } from "./shape.ts";

/** Seconds that a job waits for what the engines of a machine that is gone have locked: docs/guides/recover.md. */
const WAITS = "--lock-timeout 1500";

/** Goes on with runs that were begun and are not at their end: nothing that was never begun. Pure. */
export function continues(pieces: Pieces): Workflow {
  const { sitefleet } = pieces;
  const changes = { environment: ENVIRONMENTS.write, permissions: DEPLOYS, "timeout-minutes": 355 };
  const starts = [FIRST_ATTEMPT, ...begins("WRITE", true)];
  // A job that was not asked to wait for people counts as passed.
  const passed = (...needs: string[]) =>
    ["!cancelled() && needs.look.result == 'success'", ...needs.map((one) => `needs.${one}.result != 'failure'`)].join(
      " && ",
    );
  const asked = (operation: string) => `contains(fromJSON(needs.look.outputs.approval), '${operation}')`;
  return {
    name: "continue",
    about: [
      "Goes on with runs that wait for a vendor's budget or an approval, or whose job is gone. docs/guides/run-in-ci.md",
    ],
    on: { schedule: [{ cron: "17,47 * * * *" }], workflow_dispatch: {} },
    // One that waits for people at the gate must not keep deployments waiting; locks keep them apart.
    concurrency: {
      ...ONE_AT_A_TIME,
      group: expression(`github.event_name == 'workflow_dispatch' && 'sitefleet-gate' || '${ONE_AT_A_TIME.group}'`),
    },
    jobs: {
      look: {
        name: "What is not at its end",
        environment: ENVIRONMENTS.read,
        permissions: DEPLOYS,
        "timeout-minutes": 15,
        outputs: Object.fromEntries(
          ["rollout", "approval", "first", "jobs", "matrix", "max-parallel"].map((name) => [
            name,
            expression(`steps.look.outputs.${name}`),
          ]),
        ),
        steps: [
          FIRST_ATTEMPT,
          ...begins("READ", true),
          sitefleet("What waits, and for what", `ci continue \${STOPPED:+--stopped} ${OUTPUTS}`, {
            id: "look",
            // What a person has stopped goes on only when a person says so.
            env: { STOPPED: expression("github.event_name == 'workflow_dispatch' && '1' || ''") },
          }),
        ],
      },
      gate: {
        name: "Answer with the line of the run that waits",
        needs: ["look"],
        // Only where reviews of this environment are set up, and only when a person has asked for it.
        if: "github.event_name == 'workflow_dispatch' && needs.look.outputs.approval != '[]' && vars.SITEFLEET_GATE == 'true'",
        environment: ENVIRONMENTS.approve,
        permissions: {},
        "timeout-minutes": 5,
        steps: [{ name: "A person has said yes", run: "true" }],
      },
      approved: {
        name: "What waits for an approval",
        needs: ["look", "gate"],
        if: `${passed("gate")} && ${asked("up")}`,
        ...changes,
        steps: [
          ...starts,
          sitefleet("Bring it up when it is approved", `up --yes --except prod-plesk ${OR_WAITS}`),
          ...tells(pieces),
        ],
      },
      waves: {
        name: "A rollout that waits for an approval",
        needs: ["look", "gate"],
        if: `${passed("gate")} && ${asked("rollout")}`,
        ...changes,
        steps: [
          ...starts,
          sitefleet("Roll it out when it is approved", `rollout --yes --no-services ${OR_WAITS}`),
          ...tells(pieces),
        ],
      },
      rollout: {
        name: "The rollout",
        needs: ["look"],
        if: "needs.look.outputs.rollout == 'true'",
        ...changes,
        steps: [...starts, sitefleet("Go on with it", `rollout resume ${WAITS} ${OR_WAITS}`), ...tells(pieces)],
      },
      first: {
        name: "What the cells share",
        needs: ["look"],
        if: "needs.look.outputs.first != ''",
        ...changes,
        steps: [
          ...starts,
          sitefleet("Go on with it", `up --yes --resume "$RUN" ${WAITS} ${OR_WAITS}`, {
            env: { RUN: expression("needs.look.outputs.first") },
          }),
          ...tells(pieces),
        ],
      },
      runs: {
        name: `Run ${expression("matrix.run")}`,
        needs: ["look", "first"],
        if: `${passed("first")} && needs.look.outputs.jobs != '0'`,
        ...changes,
        strategy: {
          "fail-fast": false,
          "max-parallel": expression("fromJSON(needs.look.outputs.max-parallel)"),
          matrix: expression("fromJSON(needs.look.outputs.matrix)"),
        },
        steps: [
          ...starts,
          sitefleet("Go on with it", `up --yes --resume "$RUN" ${WAITS} ${OR_WAITS}`, {
            env: { RUN: expression("matrix.run") },
          }),
          ...tells(pieces),
        ],
      },
    },
  };
}
