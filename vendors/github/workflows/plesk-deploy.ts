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

/** The key is a file while it signs, which this user alone can read. */
const SIGN = `umask 077
trap 'rm -f "$RUNNER_TEMP/artifact-key"' EXIT
printf '%s\\n' "$ARTIFACT_KEY" > "$RUNNER_TEMP/artifact-key"
npx sitefleet sign --key "$RUNNER_TEMP/artifact-key"`;

/** The services on their hosts, in the window. Pure. */
export function pleskDeploy(pieces: Pieces): Workflow {
  const { sitefleet, onHosts, catalog } = pieces;
  // Where services.yaml has its artifacts. Nothing else of the archive is taken: sources of services ran where it was made.
  const built = `${catalog}/artifacts`;
  const [pack, unpack] = [
    `mkdir -p ${built} && tar --create --file built.tar ${built}`,
    // There a link in the place of the folder leads to nothing of the checkout.
    [
      `tar --extract --directory "$RUNNER_TEMP" --file "$RUNNER_TEMP/built/built.tar" ${built}`,
      `rm -rf ${built} && mv "$RUNNER_TEMP/${built}" ${built}`,
    ].join("\n"),
  ];
  // Not into the checkout: what sources of services have put beside the archive would replace the program that has the tokens.
  const beside = expression("format('{0}/built', runner.temp)");
  const newest = expression("needs.sign.result == 'success' && 'signed' || 'artifacts'");
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
          { name: "Pack them", run: pack },
          keep("artifacts", "built.tar", 30),
        ],
      },
      sign: {
        name: "Signature",
        needs: ["build"],
        if: "vars.SITEFLEET_SIGN == 'true'",
        // The key is here and nothing of the services' own is run: docs/reference/artifacts.md.
        environment: ENVIRONMENTS.sign,
        permissions: { contents: "read" },
        "timeout-minutes": 15,
        steps: [
          FIRST_ATTEMPT,
          checkout(),
          SETUP,
          fetched("artifacts", beside),
          { name: "Unpack them", run: unpack },
          {
            name: "Sign what each was built from",
            env: { ARTIFACT_KEY: expression("secrets.SITEFLEET_ARTIFACT_KEY") },
            run: SIGN,
          },
          { name: "Pack them", run: pack },
          keep("signed", "built.tar", 30),
        ],
      },
      attest: {
        name: "Attestation",
        needs: ["build", "sign"],
        if: `!cancelled() && needs.build.result == 'success' && needs.sign.result != 'failure' && ${attests}`,
        permissions: { "id-token": "write", attestations: "write", "artifact-metadata": "write" },
        "timeout-minutes": 15,
        steps: [
          fetched(newest, "."),
          { name: "Attest where it was built", uses: ACTIONS.attest.at, with: { "subject-path": "built.tar" } },
        ],
      },
      deploy: {
        name: "Deploy and ask each service",
        needs: ["build", "sign", "attest"],
        if: ["build.result == 'success'", "sign.result != 'failure'", "attest.result != 'failure'"].reduce(
          (all, one) => `${all} && needs.${one}`,
          "!cancelled()",
        ),
        environment: ENVIRONMENTS.hosts,
        permissions: { ...DEPLOYS, attestations: "read" },
        "timeout-minutes": 355,
        steps: [
          FIRST_ATTEMPT,
          ...begins("WRITE", true),
          fetched(newest, beside),
          {
            name: "It was built here",
            if: attests,
            env: { GH_TOKEN: expression("github.token") },
            run: 'gh attestation verify "$RUNNER_TEMP/built/built.tar" --repo "$GITHUB_REPOSITORY"',
          },
          { name: "Unpack them", run: unpack },
          onHosts("The dry run", "plesk plan"),
          // What is missing is told by the deployment, as what it has not measured.
          {
            name: "Lighthouse, where quality.yaml is",
            if: `hashFiles('${catalog}/quality.yaml') != ''`,
            run: "npm run quality:tools -- lighthouse || true",
          },
          // Each service: snapshot, upload, steps, smoke test, and back by itself where it fails. Then all services at once, the user
          // flows, Lighthouse, the verdict: docs/guides/flows.md.
          onHosts("Deploy", `plesk deploy --all --yes ${OR_WAITS}`),
          // Folders with a dot are not kept.
          {
            name: "What the flows have seen",
            if: "failure()",
            run: "cp --recursive .sitefleet/*/flows flows-seen || true",
          },
          keep("flows", "flows-seen", 30, { if: "failure()" }),
          onHosts("What is live", "plesk status"),
          ...tells(pieces),
        ],
      },
      report: reportOf(pieces, ["deploy"], "needs.deploy.result != 'skipped'"),
    },
  };
}
