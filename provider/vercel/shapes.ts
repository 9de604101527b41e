/** Where a deployment is on its way, in Vercel's words folded into three. */
export type Phase = "queued" | "building" | "ready" | "failed";

/** A deployment as far as a release looks at it. */
export interface Deployment {
  readonly id: string;
  /** Own host name, without scheme. */
  readonly url: string;
  /** As the API says it: `QUEUED`, `INITIALIZING`, `BUILDING`, `READY`, `ERROR`, `CANCELED`, … */
  readonly readyState: string;
  readonly phase: Phase;
  /** True once it has served the production hosts; it may since have been followed by another. */
  readonly promoted: boolean;
  /** Commit it was built from; undefined for uploaded files. */
  readonly sha: string | undefined;
  readonly meta: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Start and end of the build, ms since 1970, as far as they are known. */
  readonly buildingAt: number | undefined;
  readonly readyAt: number | undefined;
  /** Why the build failed, as the API says it. */
  readonly error: { readonly code: string; readonly message: string } | undefined;
}

/** A promotion or rollback of a project. */
export interface AliasJob {
  /** @default "promote" */
  readonly type: "promote" | "rollback";
  readonly to: string;
  readonly status: "pending" | "succeeded" | "failed" | "skipped";
  /** Milliseconds since 1970. */
  readonly requestedAt: number | undefined;
}

/** A project as far as a release looks at it. */
export interface Project {
  readonly id: string;
  /** What its production hosts point at; undefined before the first promotion. */
  readonly live: Deployment | undefined;
  readonly job: AliasJob | undefined;
  /** The deployment that a person rolled back to, as long as nothing was promoted since (`lastRollbackTarget`). */
  readonly rolledBackTo: string | undefined;
  /** Whether a new production deployment takes the hosts by itself. */
  readonly autoAssign: boolean;
  readonly link: Repository | undefined;
  /** Secrets with which automation passes deployment protection. */
  readonly bypass: readonly string[];
}

/** A repository as the deployments API wants it. */
export type Repository =
  | { readonly type: "github"; readonly org: string; readonly repo: string }
  | { readonly type: "gitlab"; readonly projectId: number }
  | { readonly type: "bitbucket"; readonly owner: string; readonly slug: string };

type Raw = Readonly<Record<string, unknown>>;
const objectOf = (value: unknown): Raw => (typeof value === "object" && value !== null ? (value as Raw) : {});
const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
const timeOf = (value: unknown): number | undefined => (typeof value === "number" && value > 0 ? value : undefined);

/** The phase of a ready state; words that are not known yet count as building, so that nothing is given up early. Pure. */
export function phaseOf(readyState: string): Phase {
  switch (readyState) {
    case "READY":
      return "ready";
    case "ERROR":
    case "CANCELED":
    case "DELETED":
      return "failed";
    case "QUEUED":
    case "INITIALIZING":
      return "queued";
    default:
      return "building";
  }
}

/** Reads a deployment in any of the API's three shapes: of the list, alone, or as a project's target. Pure. */
export function readDeployment(value: unknown): Deployment {
  const raw = objectOf(value);
  const meta = Object.fromEntries(Object.entries(objectOf(raw.meta)).map(([key, text]) => [key, String(text)]));
  const readyState = textOf(raw.readyState) ?? textOf(raw.state) ?? "UNKNOWN";
  const phase = phaseOf(readyState);
  const sha = textOf(objectOf(raw.gitSource).sha) ?? shaOf(meta);
  const code = textOf(raw.errorCode) ?? (phase === "failed" ? readyState : undefined);
  return {
    id: textOf(raw.uid) ?? textOf(raw.id) ?? "",
    url: textOf(raw.url) ?? textOf(raw.deploymentHostname) ?? "",
    readyState,
    phase,
    promoted: raw.readySubstate === "PROMOTED",
    sha,
    meta,
    createdAt: timeOf(raw.createdAt) ?? timeOf(raw.created) ?? 0,
    buildingAt: timeOf(raw.buildingAt),
    readyAt: timeOf(raw.ready) ?? timeOf(raw.readyAt),
    error: code === undefined ? undefined : { code, message: textOf(raw.errorMessage) ?? `the build is ${readyState}` },
  };
}

function shaOf(meta: Readonly<Record<string, string>>): string | undefined {
  return textOf(meta.githubCommitSha) ?? textOf(meta.gitlabCommitSha) ?? textOf(meta.bitbucketCommitSha);
}

/** Reads a project. Pure. */
export function readProject(value: unknown): Project {
  const raw = objectOf(value);
  const production = objectOf(objectOf(raw.targets).production);
  const job = objectOf(raw.lastAliasRequest);
  const to = textOf(job.toDeploymentId);
  return {
    id: textOf(raw.id) ?? "",
    live: textOf(production.id) === undefined ? undefined : readDeployment(production),
    job:
      to === undefined
        ? undefined
        : {
            type: job.type === "rollback" ? "rollback" : "promote",
            to,
            status: statusOf(job.jobStatus),
            requestedAt: timeOf(job.requestedAt),
          },
    rolledBackTo: textOf(objectOf(raw.lastRollbackTarget).toDeploymentId),
    autoAssign: raw.autoAssignCustomDomains === true,
    link: readLink(objectOf(raw.link)),
    bypass: Object.entries(objectOf(raw.protectionBypass)).flatMap(([secret, entry]) =>
      objectOf(entry).scope === "automation-bypass" ? [secret] : [],
    ),
  };
}

function statusOf(jobStatus: unknown): AliasJob["status"] {
  return jobStatus === "succeeded" || jobStatus === "failed" || jobStatus === "skipped" ? jobStatus : "pending";
}

function readLink(link: Raw): Repository | undefined {
  switch (link.type) {
    case "github":
      return { type: "github", org: String(link.org), repo: String(link.repo) };
    case "gitlab":
      return { type: "gitlab", projectId: Number(link.projectId) };
    case "bitbucket":
      return { type: "bitbucket", owner: String(link.owner), slug: String(link.slug) };
    default:
      return undefined;
  }
}
