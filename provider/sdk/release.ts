import * as pulumi from "@pulumi/pulumi";

/** A repository that a commit comes from. */
export interface ReleaseRepository {
  readonly type: "github" | "bitbucket";
  /** `owner/name` */
  readonly repo: string;
}

/** Where an answer names its release. What is given is looked for in this order; the first that is there counts. */
export interface ReleaseIdentity {
  /** A header, in lower case. */
  readonly header?: pulumi.Input<string>;
  /** `<meta name="…" content="…">` */
  readonly meta?: pulumi.Input<string>;
  /** A path whose body is the release and nothing else. */
  readonly path?: pulumi.Input<string>;
  /** Does an answer fail that does not name its release? @default false */
  readonly required?: pulumi.Input<boolean>;
}

/** When an answer counts as slow: more than both above the median of earlier checks, also when it is measured three times more. */
export interface ReleaseSlow {
  /** @default 30 */
  readonly percent?: pulumi.Input<number>;
  /** @default 100 */
  readonly floorMs?: pulumi.Input<number>;
  /** Checks that must be known first, of ten that are kept. @default 5 */
  readonly least?: pulumi.Input<number>;
  /** True: a slow deployment is not promoted. Else it is, with a `warning`. @default false */
  readonly fails?: pulumi.Input<boolean>;
}

/** How a deployment is checked on its own address before it is promoted. */
export interface ReleaseCheck {
  /** Path that is asked for. @default "/" */
  readonly path?: pulumi.Input<string>;
  /** Statuses that pass. @default any from 200 to 399 */
  readonly statuses?: pulumi.Input<pulumi.Input<number>[]>;
  /** Text that the answer must hold; `{ref}` stands for the commit, `{deployment}` for the deployment's id. @default none */
  readonly marker?: pulumi.Input<string>;
  /** How an answer says which release it is: the commit, or the deployment's id. @default it is not asked */
  readonly release?: pulumi.Input<ReleaseIdentity>;
  /** Must the certificate be valid? @default true */
  readonly verifyTls?: pulumi.Input<boolean>;
  /** When it counts as slow against what this project's earlier deployments took when they were checked. */
  readonly slow?: pulumi.Input<ReleaseSlow>;
  /** Tries until one passes. @default 3 */
  readonly tries?: pulumi.Input<number>;
  /** Time for one answer, seconds. @default 10 */
  readonly timeoutSeconds?: pulumi.Input<number>;
  /**
   * What happens when nothing that was seen says anything about the deployment: no answer, or a login page in its place.
   * @default "fail"
   */
  readonly inconclusive?: pulumi.Input<"fail" | "promote">;
}

/** How long each part may take, in seconds. When one is over, the run fails and the next one goes on from there. */
export interface ReleaseDeadlines {
  /** Until the build starts; build slots are few. @default 3600 */
  readonly queueSeconds?: pulumi.Input<number>;
  /** From the build's start to its end. @default 900 */
  readonly buildSeconds?: pulumi.Input<number>;
  /** All tries of the check. @default 60 */
  readonly checkSeconds?: pulumi.Input<number>;
  /** Until every production host has moved. @default 180 */
  readonly promotionSeconds?: pulumi.Input<number>;
}

/** Arguments of {@link Release}. */
export interface ReleaseArgs {
  /** The project. Another one replaces the release. */
  readonly projectId: pulumi.Input<string>;
  /** Slug or id of the team that owns the project. @default the provider's */
  readonly teamId?: pulumi.Input<string>;
  /** The commit that is to be live, 40 hex digits. Exactly one of `ref` and `files`. */
  readonly ref?: pulumi.Input<string>;
  /** Where the commit comes from; saves a look at the project. @default the repository that the project is linked to */
  readonly repository?: pulumi.Input<ReleaseRepository>;
  /** Files that are to be live: path in the deployment → `size~sha1`, as `vercel.getProjectDirectory` gives them. */
  readonly files?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Directory that the paths of `files` are in. Needed with `files`. */
  readonly filesRoot?: pulumi.Input<string>;
  /**
   * Set another one to have the same source built again, e.g. after a variable has changed: builds made under another key
   * are not taken. @default none: any build of the source will do
   */
  readonly buildKey?: pulumi.Input<string>;
  /**
   * What its builds depend on beside the source, such as `rootDirectory` and `framework` of the project: with other settings
   * the same source is built again. A state without them counts as equal.
   * @default none: any build of the source will do
   */
  readonly buildSettings?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Hosts that must point at the deployment before the release counts as live. @default what the project shows */
  readonly hosts?: pulumi.Input<pulumi.Input<string>[]>;
  /** @default none: promoted as soon as it is built */
  readonly check?: pulumi.Input<ReleaseCheck>;
  readonly deadlines?: pulumi.Input<ReleaseDeadlines>;
}

/** A deployment that was on its way when a release failed; the next update goes on with it. */
export interface PendingDeployment {
  /** Why it is not live, e.g. `release.build-failed`. */
  readonly code: string;
  readonly message: string;
  readonly deploymentId?: string;
  readonly url?: string;
  readonly readyState?: string;
  readonly sha?: string;
  /** What the check saw, a line each. */
  readonly evidence?: string[];
}

/**
 * Which deployment of a Vercel project is live, as desired state. A commit that is not built yet is built for production
 * without taking the hosts, checked on its own address, and promoted. A commit that is built already is only checked and
 * promoted, so that a rollback takes seconds. What visitors see never changes before the new deployment is good.
 *
 * While a project has a release, nothing else moves its hosts: the project must be declared with
 * `autoAssignCustomDomains: false`, and when a promotion has switched that on, it is switched off again.
 *
 * Costs six API calls and one build for a new commit, four calls for one that is built. Taking it out of a program changes
 * nothing at Vercel.
 *
 * @example
 * new Release("shop-001.qmoney.de", {
 *   projectId: project.id,
 *   ref: "0123456789abcdef0123456789abcdef01234567",
 *   hosts: [domain.domain],
 *   check: { path: "/", marker: "{ref}" },
 * });
 */
export class Release extends pulumi.CustomResource {
  /** The deployment that is live. */
  declare readonly deploymentId: pulumi.Output<string>;
  /** Its own address. */
  declare readonly url: pulumi.Output<string>;
  declare readonly readyState: pulumi.Output<string>;
  /** The commit it was built from; undefined for files. */
  declare readonly sha: pulumi.Output<string | undefined>;
  /** When its hosts had moved, ISO 8601; undefined when it was live before this resource. */
  declare readonly promotedAt: pulumi.Output<string | undefined>;
  /** What was live before; promoting it takes seconds. */
  declare readonly previousDeploymentId: pulumi.Output<string | undefined>;
  /** What the last build took, with the time it waited; tells the next update when to look. */
  declare readonly buildSeconds: pulumi.Output<number | undefined>;
  /** What the last answers took when deployments were checked, ms; the newest last. */
  declare readonly checkMs: pulumi.Output<number[] | undefined>;
  /** It is live, and something about it is not as usual, e.g. it answered slower than earlier deployments when it was checked. */
  declare readonly warning: pulumi.Output<string | undefined>;
  /** What a refresh found: a person rolled the project back at Vercel. The next update promotes the declared commit again. */
  declare readonly rolledBack: pulumi.Output<string | undefined>;
  declare readonly pending: pulumi.Output<PendingDeployment | undefined>;

  constructor(name: string, args: ReleaseArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = {
      deploymentId: undefined,
      url: undefined,
      readyState: undefined,
      sha: undefined,
      promotedAt: undefined,
      previousDeploymentId: undefined,
      buildSeconds: undefined,
      checkMs: undefined,
      warning: undefined,
      rolledBack: undefined,
      pending: undefined,
    };
    super("sitefleet:vercel:Release", name, { ...args, ...outputs }, opts);
  }
}

/** Arguments of {@link SitefleetProvider}. */
export interface SitefleetProviderArgs {
  /** Slug or id of the Vercel team. @default VERCEL_TEAM, else the token's personal account */
  readonly vercelTeam?: pulumi.Input<string>;
  /** @default VERCEL_API_TOKEN, which keeps it out of the state */
  readonly vercelApiToken?: pulumi.Input<string>;
}

/** The provider of {@link Release}; plain `pulumi` finds its plugin by `plugins.providers` of Pulumi.yaml. */
export class SitefleetProvider extends pulumi.ProviderResource {
  constructor(name: string, args: SitefleetProviderArgs = {}, opts?: pulumi.ResourceOptions) {
    const token = args.vercelApiToken === undefined ? {} : { vercelApiToken: pulumi.secret(args.vercelApiToken) };
    super("sitefleet", name, { ...args, ...token }, opts);
  }
}
