import { z } from "zod";

const ms = z.number().nonnegative();
const chance = z.number().min(0).max(1);

/** Which deployments a rule is about. Every given field must fit; the first rule that fits decides. */
const match = z.strictObject({
  /** Commit, or a leading part of at least 7 digits. */
  commit: z.string().min(7).optional(),
  /** Project id or name. */
  project: z.string().min(1).optional(),
  deployment: z.string().min(1).optional(),
  /** Share of the deployments that fit the rest; a hash decides, so the same deployment is always in or out. */
  probability: chance.default(1),
});

const build = z.strictObject({
  /** `error`: the build fails; `ready`: it succeeds. */
  result: z.enum(["ready", "error"]).default("error"),
  errorCode: z.string().default("BUILD_FAILED"),
  errorMessage: z.string().default('Command "npm run build" exited with 1'),
  /** Build time instead of `build.buildMs`. */
  ms: ms.optional(),
});

const serve = z.strictObject({
  /** `hosts`: on the project's hosts only, so that a look at the deployment's own address finds nothing wrong. */
  at: z.enum(["everywhere", "hosts"]).default("everywhere"),
  status: z.int().min(100).max(599).default(200),
  /** Time before the answer. */
  delayMs: ms.default(0),
  /** `site`: the page with its marker; `wrong`: a page without it; `empty`: nothing; `error`: an error page. */
  body: z.enum(["site", "wrong", "empty", "error"]).optional(),
  /** Marker instead of the deployment's own. */
  marker: z.string().optional(),
});

/**
 * How the sandbox's Vercel behaves where the real one differs from day to day, and how releases go bad.
 * The default builds at once and everything succeeds.
 */
export const behaviourSchema = z.strictObject({
  build: z
    .strictObject({
      /** Time in the queue before a slot is looked for. */
      queueMs: ms.default(0),
      buildMs: ms.default(0),
      /** Time between ready and the hosts pointing at it. */
      aliasMs: ms.default(0),
      /** What the call that creates a deployment answers: `queued`, as the real API does, or its `current` state. */
      answer: z.enum(["queued", "current"]).default("queued"),
      /** Builds at the same time; 0 is no limit. */
      concurrency: z.int().nonnegative().default(0),
    })
    .prefault({}),
  /** What single releases do; `build` when built, `serve` when visited. */
  releases: z
    .array(z.strictObject({ match: match.prefault({}), build: build.optional(), serve: serve.optional() }))
    .default([]),
  promotion: z
    .strictObject({
      /** Time until the last host has moved; they move one by one. */
      delayMs: ms.default(0),
      /** Hosts that stay where they are: the job ends as `failed`. */
      failing: z.array(z.string()).default([]),
      /** Whether a promotion switches the project's `autoAssignCustomDomains` on. Reported, unconfirmed. */
      assignsAfterwards: z.boolean().default(false),
    })
    .prefault({}),
  /** Whether the API ever reports `aliasAssigned` for a production deployment that takes no hosts. Unconfirmed. */
  stagedAliasAssigned: z.boolean().default(false),
  /** The provider's source says that a project's first deployment is always a production one. */
  firstDeploymentIsProduction: z.boolean().default(true),
  /** Hosts, or `*.zone`, for which an alias answers `cert_missing`. */
  certMissing: z.array(z.string()).default([]),
  domains: z
    .strictObject({
      /** Apex domains that another account uses: hosts below start unverified and ask for a TXT record. */
      ownedElsewhere: z.array(z.string()).default([]),
      /** Hosts reported as misconfigured whatever the DNS says. */
      misconfigured: z.array(z.string()).default([]),
      /** `lenient`: configured unless listed above; `dns`: only with a record of the sandbox's DNS. */
      check: z.enum(["lenient", "dns"]).default("lenient"),
    })
    .prefault({}),
  /** Projects that may be linked to one repository; 0 is no limit (the number lives in catalog/limits.yaml). */
  projectsPerRepository: z.int().nonnegative().default(0),
  /** Whether deployment addresses of protected projects answer 401 without a bypass secret. */
  protection: z.enum(["ignore", "enforce"]).default("ignore"),
  /** A made-up history of charges, in place of those for visits and builds in the sandbox. */
  billing: z
    .strictObject({
      /** Months of history; 0 = none is made up. 18 are plausible. */
      months: z.int().min(0).max(36).default(0),
      seed: z.int().default(1),
      /** When the vendor's day begins: at midnight UTC, or in California, with its summer time. */
      boundary: z.enum(["utc", "pacific"]).default("utc"),
      /** US dollars of metered use a day at the beginning. */
      dollarsPerDay: z.number().nonnegative().default(8),
      /** Days before today on which one project costs this much more; null = no spike. */
      spike: z
        .strictObject({ daysAgo: z.int().min(0), dollars: z.number().positive().default(40) })
        .nullable()
        .default({ daysAgo: 9, dollars: 40 }),
      /** Months before today in which the account took a flat rate for its CDN; null = never. */
      flatRateMonthsAgo: z.int().min(0).nullable().default(4),
    })
    .prefault({}),
  /** Traffic that is billed and shown as usage although there were no visitors. */
  traffic: z
    .strictObject({
      /** Requests a host and day. */
      requestsPerHostDay: z.number().nonnegative().default(0),
      bytesPerRequest: z.number().nonnegative().default(60_000),
      /** Weight of each hour of the day (UTC). */
      hours: z
        .array(z.number().nonnegative())
        .length(24)
        .default([2, 1.4, 1, 0.9, 1, 1.6, 3, 5, 7, 8, 8, 8, 8.5, 8, 8, 8, 8.5, 9, 10, 10, 9, 7, 5, 3]),
    })
    .prefault({}),
});

/** Checked, defaults filled in. */
export type Behaviour = z.output<typeof behaviourSchema>;
/** As written by people: every field optional. */
export type BehaviourInput = z.input<typeof behaviourSchema>;
/** One entry of `releases`. */
export type ReleaseRule = Behaviour["releases"][number];
