import { begins, checkout, ENVIRONMENTS, expression, fetched, keep, type Pieces, READS, SETUP } from "./pieces.ts";
import type { Workflow } from "./shape.ts";

/** The run's page, where the whole change set can be fetched. */
const LINK = expression(
  "format('{0}/{1}/actions/runs/{2}#artifacts', github.server_url, github.repository, github.run_id)",
);
const PULL = {
  PULL: expression("github.event.pull_request.number"),
  HEAD: expression("github.event.pull_request.head.sha"),
};
const COMMENTS = { ...PULL, GITHUB_TOKEN: expression("github.token") };
const WHICH = '--pull "$PULL" --head "$HEAD"';

/** A pull request: what it would do, as one comment. Nothing of it is run; its catalog is read. Pure. */
export function previewOfChange({ sitefleet, catalog, branch }: Pieces): Workflow {
  const change = { LINK };
  return {
    name: "preview",
    about: [
      "Previews a pull request and keeps one comment on it. docs/guides/run-in-ci.md",
      "The program and this file are the base branch's; of the pull request only the catalog is read, as data.",
    ],
    on: {
      pull_request_target: {
        types: ["opened", "reopened", "synchronize"],
        // A change of another branch is carried out by no workflow.
        branches: [branch],
        paths: [`${catalog}/**`],
      },
    },
    concurrency: {
      group: `sitefleet-preview-${expression("github.event.pull_request.number")}`,
      "cancel-in-progress": true,
    },
    jobs: {
      stale: {
        name: "The comment is out of date",
        if: "github.event.action == 'synchronize'",
        permissions: { contents: "read", "pull-requests": "write" },
        "timeout-minutes": 15,
        steps: [checkout(), SETUP, { name: "Say so", env: COMMENTS, run: `npx sitefleet ci comment ${WHICH} --stale` }],
      },
      preview: {
        name: "What it would do",
        environment: ENVIRONMENTS.read,
        permissions: READS,
        "timeout-minutes": 60,
        steps: [
          ...begins("READ", true),
          {
            name: "The catalog of the pull request, as data",
            env: COMMENTS,
            run: `npx sitefleet ci data ${WHICH}`,
          },
          { name: "The catalog's rules", run: "npx sitefleet validate" },
          // A key that opens a host is never read-only, so the services' hosts are left out.
          sitefleet(
            "Every change, the gates, the cost",
            'preview --except prod-plesk --out changes.json --out changes.html --link "$LINK"',
            { env: change },
          ),
          sitefleet("How long it would take", "plan --change-set changes.json --json > plan.json"),
          keep("changes", "changes.json\nchanges.html\nplan.json\n", 30, { if: "always()" }),
        ],
      },
      comment: {
        name: "One comment, kept up to date",
        needs: ["preview", "stale"],
        if: "!cancelled()",
        permissions: { contents: "read", "pull-requests": "write" },
        "timeout-minutes": 15,
        steps: [
          checkout(),
          SETUP,
          // A preview that came to nothing has left nothing.
          fetched("changes", "changes", { "continue-on-error": true }),
          {
            name: "Write it",
            env: { ...COMMENTS, ...change },
            run: `npx sitefleet ci comment ${WHICH} --changes changes --link "$LINK" --summary "$GITHUB_STEP_SUMMARY"`,
          },
        ],
      },
    },
  };
}
