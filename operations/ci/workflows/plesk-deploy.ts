import { reportOf, tells } from "./bulk-deploy.ts";
import {
  ACTIONS,
  begins,
  checkout,
  DEPLOYS,
  ENVIRONMENTS,
  expression,
  FIRST_ATTEMPT,
  fetched,
  keep,
  ONE_AT_A_TIME,
  OR_WAITS,
  type Pieces,
  SETUP,
} from "./pieces.ts";
import type { Workflow } from "./shape.ts";

/** The services on their hosts, in the window. Pure. */
export function pleskDeploy(pieces: Pieces): Workflow {
  const { sitefleet, onHosts, catalog } = pieces;
  // Where services.yaml has its artifacts. Nothing else of the archive is taken: sources of services ran where it was made.
  const built = `${catalog}/artifacts`;
  const attests = "vars.SITEFLEET_ATTEST == 'true'";
  return {
    name: "plesk-deploy",
    about: [
      "Builds the services and deploys them to their hosts on Saturdays from 08:00 UTC. docs/guides/run-in-ci.md",
      "Outside of the window rule window-host of gates.yaml asks for an approval.",
    ],
    on: { schedule: [{ cron: "5 8 * * 6" }], workflow_dispatch: {} },
    concurrency: ONE_AT_A_TIME,
    jobs: {
      gates: {
        name: "What must be so before anything is built",
        environment: ENVIRONMENTS.read,
        permissions: DEPLOYS,
        "timeout-minutes": 30,
        steps: [
          FIRST_ATTEMPT,
          ...begins("READ", true),
          sitefleet("The catalog's rules", "validate"),
          sitefleet("All that a run needs", "doctor --within 60s"),
        ],
      },
      build: {
        name: "Artifacts, with SBOM and provenance",
        needs: ["gates"],
        // Sources of the services run here: this job has no environment and so no secret.
        permissions: { contents: "read" },
        "timeout-minutes": 120,
        steps: [
          FIRST_ATTEMPT,
          checkout(),
          SETUP,
          { name: "Build them", run: "npx sitefleet build --all" },
          // A zip keeps neither modes nor links.
          { name: "Pack them", run: `mkdir -p ${built} && tar --create --file built.tar ${built}` },
          keep("artifacts", "built.tar", 30),
        ],
      },
      attest: {
        name: "Attestation",
        needs: ["build"],
        if: attests,
        permissions: { "id-token": "write", attestations: "write", "artifact-metadata": "write" },
        "timeout-minutes": 15,
        steps: [
          fetched("artifacts", "."),
          { name: "Attest where it was built", uses: ACTIONS.attest.at, with: { "subject-path": "built.tar" } },
        ],
      },
      deploy: {
        name: "Deploy and ask each service",
        needs: ["build", "attest"],
        if: "!cancelled() && needs.build.result == 'success' && needs.attest.result != 'failure'",
        environment: ENVIRONMENTS.hosts,
        permissions: { ...DEPLOYS, attestations: "read" },
        "timeout-minutes": 355,
        steps: [
          FIRST_ATTEMPT,
          ...begins("WRITE", true),
          fetched("artifacts", "."),
          {
            name: "It was built here",
            if: attests,
            env: { GH_TOKEN: expression("github.token") },
            run: 'gh attestation verify built.tar --repo "$GITHUB_REPOSITORY"',
          },
          { name: "Unpack them", run: `tar --extract --file built.tar ${built}` },
          onHosts("The dry run", "plesk plan"),
          // Each service: snapshot, upload, steps, smoke test, and back by itself where it fails.
          onHosts("Deploy", `plesk deploy --all --yes ${OR_WAITS}`),
          onHosts("What is live", "plesk status"),
          ...tells(pieces),
        ],
      },
      report: reportOf(pieces, ["deploy"], "needs.deploy.result != 'skipped'"),
    },
  };
}
