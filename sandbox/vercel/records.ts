/** A repository a project is linked to, in the shape the API answers with for its host. */
export interface GitLink {
  readonly type: "github" | "gitlab" | "bitbucket";
  /** Owner of the repository. */
  readonly owner: string;
  /** Repository without its owner. */
  readonly repo: string;
  productionBranch: string;
  readonly createdAt: number;
  updatedAt: number;
  deployHooks: DeployHook[];
}

/** An address that starts a deployment of one branch. */
interface DeployHook {
  readonly id: string;
  readonly name: string;
  readonly ref: string;
  readonly url: string;
  readonly createdAt: number;
}

/**
 * A promotion or rollback as it was asked for. What has moved so far follows from the clock:
 * host number i of n moves at `requestedAt + delayMs * (i + 1) / n`.
 */
export interface AliasJob {
  readonly type: "promote" | "rollback";
  readonly fromDeploymentId: string | null;
  readonly toDeploymentId: string;
  readonly requestedAt: number;
  readonly delayMs: number;
  readonly hosts: readonly string[];
  /** Hosts that will not move, by configuration. */
  readonly failing: readonly string[];
  /** Hosts handled so far. */
  moved: number;
  done: boolean;
}

/** A project. */
export interface ProjectRecord {
  readonly id: string;
  name: string;
  /** Team or user. */
  readonly ownerId: string;
  readonly createdAt: number;
  updatedAt: number;
  /** Only what was set; see `projects/fields.ts` for the defaults. */
  settings: Record<string, unknown>;
  link: GitLink | null;
  /** The `<name>.vercel.app` that every project gets; null when it was removed. */
  autoHost: string | null;
  /** Deployment that the production hosts point at. */
  production: string | null;
  job: AliasJob | null;
  /** True after a rollback, until a promotion: new production deployments do not take the hosts. */
  rolledBack: boolean;
  /** Automation bypass secrets for deployment protection. */
  bypass: BypassRecord[];
}

/** A secret with which automation passes deployment protection. */
export interface BypassRecord {
  readonly secret: Sealed;
  /** SHA-256, so that a visitor's secret can be checked without the token; 32 random characters cannot be guessed from it. */
  readonly hash: string;
  note: string | null;
  isEnvVar: boolean;
  readonly createdAt: number;
}

/** A host name attached to a project. */
export interface DomainRecord {
  readonly name: string;
  readonly apexName: string;
  readonly projectId: string;
  redirect: string | null;
  redirectStatusCode: number | null;
  gitBranch: string | null;
  customEnvironmentId: string | null;
  readonly createdAt: number;
  updatedAt: number;
  verified: boolean;
  /** Value of the TXT record that proves ownership; null when none is asked for. */
  challenge: string | null;
  /** Deployment it points at; null before the project's first production deployment. */
  deploymentId: string | null;
}

/** A value that is never kept in clear. */
export interface Sealed {
  /** Keyed hash, to compare without knowing the value. */
  readonly digest: string;
  /** Encrypted under a key made from the caller's token; absent for sensitive values, which are never read back. */
  readonly box?: string;
}

/** Type of an environment variable. */
export type EnvType = "system" | "encrypted" | "plain" | "secret" | "sensitive";

/** An environment variable of one project. */
export interface EnvRecord {
  readonly id: string;
  readonly projectId: string;
  key: string;
  type: EnvType;
  target: string[];
  gitBranch: string | null;
  customEnvironmentIds: string[];
  comment: string;
  readonly createdAt: number;
  updatedAt: number;
  value: Sealed;
}

/** An environment variable of a team, linked to projects. */
export interface SharedEnvRecord {
  readonly id: string;
  readonly ownerId: string;
  readonly key: string;
  type: EnvType;
  target: string[];
  projectIds: string[];
  comment: string;
  applyToAllCustomEnvironments: boolean;
  readonly createdAt: number;
  updatedAt: number;
  value: Sealed;
}

/** Where a deployment's code comes from. */
export interface GitSource {
  readonly type: string;
  readonly ref: string;
  readonly sha: string;
  readonly org?: string;
  readonly repo?: string;
  readonly repoId?: number;
}

/** A deployment. Its state follows from the times below and the clock; see `deployments/state.ts`. */
export interface DeploymentRecord {
  readonly id: string;
  readonly url: string;
  readonly projectId: string;
  readonly ownerId: string;
  readonly name: string;
  readonly target: "production" | "staging" | null;
  readonly createdAt: number;
  /** Milliseconds since 1970 at which the build starts, ends, and the hosts have moved. */
  readonly buildingAt: number;
  readonly readyAt: number;
  readonly aliasedAt: number;
  canceledAt: number | null;
  readonly outcome: "ready" | "error";
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly gitSource: GitSource | null;
  readonly source: "git" | "cli";
  /** Commit, or for uploaded files a SHA-1 over their list: what tells releases apart. */
  readonly commit: string;
  /** What the caller gave; what follows from the commit is added when shown. */
  readonly meta: Record<string, string>;
  /** Names only. */
  readonly envNames: string[];
  readonly regions: string[];
  /** Built for production without taking the hosts. */
  readonly staged: boolean;
  /** Its build saw Vercel's own variables, `VERCEL_GIT_COMMIT_SHA` among them: without them it carries no marker. */
  readonly systemVariables: boolean;
  /** Set when it was promoted afterwards. */
  promotedAt: number | null;
  /** Hosts that it took when its build was done; the API never changes this list afterwards. */
  alias: string[];
  aliasError: { code: string; message: string } | null;
  /** True when nothing is left to happen by itself. */
  settled: boolean;
}

/** A host pointed at a deployment by hand. */
export interface AliasRecord {
  readonly uid: string;
  readonly alias: string;
  readonly ownerId: string;
  deploymentId: string;
  projectId: string;
  readonly createdAt: number;
  updatedAt: number;
}

/** A team or a user. */
export interface AccountRecord {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
}
