import type { EstateOfWorkflows } from "../../ci.ts";
import type { Step } from "./shape.ts";

/** Actions by the commit of a release: a tag can be moved, a commit cannot. Read at their repositories in November 2026. */
export const ACTIONS = {
  checkout: { at: "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1", version: "v7.0.1" },
  upload: { at: "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", version: "v7.0.0" },
  download: { at: "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", version: "v8.0.1" },
  aws: { at: "aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c", version: "v6.2.3" },
  attest: { at: "actions/attest@1e69f48acb82d1966a394da916b4c1698aa569d6", version: "v4.2.2" },
} as const;

/**
 * GitHub environments, by what their secrets may do; `watch`: read at the vendors, and write down what was seen. The names of the
 * secrets are the same in each.
 */
export const ENVIRONMENTS = {
  read: "sitefleet-read",
  watch: "sitefleet-watch",
  write: "sitefleet-write",
  hosts: "sitefleet-hosts",
  sign: "sitefleet-sign",
  approve: "sitefleet-approve",
} as const;

/** Runs that change something: one at a time, and each that waits keeps its place (up to 100). */
export const ONE_AT_A_TIME = { group: "sitefleet-deploy", queue: "max", "cancel-in-progress": false };

/** Rights of a job that reads the repository, and proves to a bucket's provider who it is. */
export const READS = { contents: "read", "id-token": "write" } as const;
/** The same for a run that may count reviews of GitHub's: docs/guides/approvals.md. */
export const DEPLOYS = { ...READS, "pull-requests": "read", actions: "read" } as const;

/** An expression of GitHub's. Pure. */
export const expression = (text: string): string => `\${{ ${text} }}`;
const secret = (name: string) => expression(`secrets.${name}`);

/** What every command over stacks needs. @param receivers variables that notify.yaml names. Pure. */
function access(receivers: readonly string[], more: readonly string[] = []): Record<string, string> {
  const bucket = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map((name) => [
    name,
    // The short-lived ones of the provider where there are some.
    expression(`env.${name} || secrets.${name}`),
  ]);
  // A secret's name may not begin with GITHUB_.
  const plain = ["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "VERCEL_API_TOKEN", "CLOUDFLARE_API_TOKEN"];
  const own = [...plain, ...more, ...receivers].filter((name) => !name.startsWith("GITHUB_"));
  return Object.fromEntries([
    ...own.map((name) => [name, secret(name)]),
    ["GITHUB_TOKEN", secret("SITEFLEET_GITHUB_TOKEN")],
    ...bucket,
  ]);
}

/** The commands that jobs call. Each step is one command. */
export interface Pieces {
  /** The catalog's folder, from the repository's root. */
  readonly catalog: string;
  /** The branch that is carried out. */
  readonly branch: string;
  /** `npx sitefleet …` with what a command over stacks needs. */
  sitefleet(name: string, line: string, more?: Omit<Step, "name" | "run">): Step;
  /** The same on the services' hosts. */
  onHosts(name: string, line: string, more?: Omit<Step, "name" | "run">): Step;
}

/** Pieces of an estate's workflows. Pure. */
export function piecesFor({ receivers = [], catalog = "catalog", branch = "main" }: EstateOfWorkflows): Pieces {
  const step =
    (env: Readonly<Record<string, string>>): Pieces["sitefleet"] =>
    (name, line, { env: own, ...more } = {}) => ({
      name,
      ...more,
      env: { ...env, ...own },
      run: `npx sitefleet ${line}`,
    });
  return { catalog, branch, sitefleet: step(access(receivers)), onHosts: step(access(receivers, ["SSH_PRIVATE_KEY"])) };
}

/** The repository as the event names it, without its token left behind. @param whole with the history: approvals need it */
export const checkout = (whole = false): Step => ({
  uses: ACTIONS.checkout.at,
  with: { "persist-credentials": false, ...(whole ? { "fetch-depth": 0 } : {}) },
});

/** The project's own set-up. It holds no secret: packages' scripts run in it. */
export const SETUP: Step = { name: "Set up", run: "npm run setup" };

/** Variables that name the roles. */
const ROLES = { READ: "SITEFLEET_AWS_ROLE_READ", WRITE: "SITEFLEET_AWS_ROLE_WRITE" } as const;

/** Short-lived credentials of a bucket, where a role is named: docs/guides/run-in-ci.md. */
const bucket = (role: "READ" | "WRITE"): Step => ({
  name: "Credentials of the state's bucket",
  if: `vars.${ROLES[role]} != ''`,
  uses: ACTIONS.aws.at,
  with: {
    "role-to-assume": expression(`vars.${ROLES[role]}`),
    "aws-region": expression("vars.SITEFLEET_AWS_REGION"),
    "role-duration-seconds": 21_600,
  },
});

/** What a job begins with. @param whole see {@link checkout} */
export const begins = (role: "READ" | "WRITE", whole = false): Step[] => [checkout(whole), SETUP, bucket(role)];

/** A second attempt would carry out what an approval of the first was for, with the outputs of then. */
export const FIRST_ATTEMPT: Step = {
  name: "Only a first attempt",
  if: "github.run_attempt != 1",
  run: 'echo "::error::not run again: start the workflow anew (Run workflow); it goes on with what is left"\nexit 1',
};

/** Keeps files of a run. @param days how long */
export const keep = (name: string, path: string, days: number, more: Partial<Step> = {}): Step => ({
  name: `Keep ${name}`,
  ...more,
  uses: ACTIONS.upload.at,
  with: { name, path, "retention-days": days, "if-no-files-found": "ignore" },
});

/** Fetches what {@link keep} kept. */
export const fetched = (name: string, path: string, more: Partial<Step> = {}): Step => ({
  name: `Fetch ${name}`,
  ...more,
  uses: ACTIONS.download.at,
  with: { name, path },
});

/** Files that GitHub reads when a step has ended. */
export const OUTPUTS = '--outputs "$GITHUB_OUTPUT" --summary "$GITHUB_STEP_SUMMARY"';
/** What waits is no failure: a vendor's budget (3) or an approval (6). continue.yml goes on with it. */
export const OR_WAITS = "|| case $? in 3|6) ;; *) exit 1 ;; esac";
/** The same for what others wait for: the step's output `waits` is `true`. */
export const OR_SAYS_IT_WAITS = '|| case $? in 3|6) echo "waits=true" >> "$GITHUB_OUTPUT" ;; *) exit 1 ;; esac';
