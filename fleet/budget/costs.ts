import type { BudgetVendor } from "./spec.ts";

/** What is done to a resource, as far as its calls differ. A replacement is a delete and a create. */
export type CostOperation = "create" | "read" | "update" | "delete";

/** `METHOD path`; `*` stands for one part of the path. */
export type CallPattern = `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} /${string}`;

/** The calls that a provider makes for one resource type, in their order. */
export interface TypeCost {
  readonly vendor: BudgetVendor;
  readonly calls: Readonly<Record<CostOperation, readonly CallPattern[]>>;
  /** Where the sequence was read. */
  readonly source: string;
}

const ENV_ALL = "GET /v8/projects/*/env";
const CLOUDFLARE = "/client/v4/zones/*";
const ENVIRONMENT = "/repositories/*/environments/*";

/**
 * Calls of the real providers, one by one; the stand-ins make the same (sandbox/providers, tested against the same
 * rows). Where a call depends on what changed, it is counted: a budget that is too large costs minutes, one that is too
 * small costs a failed stack.
 */
export const COSTS: Readonly<Record<string, TypeCost>> = {
  "vercel:index/project:Project": {
    vendor: "vercel",
    calls: {
      create: ["POST /v8/projects", ENV_ALL, "PATCH /v9/projects/*"],
      read: ["GET /v10/projects/*", ENV_ALL],
      update: ["POST /v10/projects/*/env", "PATCH /v9/projects/*", ENV_ALL],
      delete: ["DELETE /v8/projects/*"],
    },
    source: "terraform-provider-vercel 5.10 vercel/resource_project.go, Create, Read, Update, Delete",
  },
  "vercel:index/projectDomain:ProjectDomain": {
    vendor: "vercel",
    calls: {
      create: ["GET /v10/projects/*", "POST /v10/projects/*/domains"],
      read: ["GET /v9/projects/*/domains/*"],
      update: ["PATCH /v9/projects/*/domains/*"],
      delete: ["DELETE /v9/projects/*/domains/*"],
    },
    source:
      "terraform-provider-vercel 5.10 vercel/resource_project_domain.go (its look at the domain's configuration is not in 5.4.1)",
  },
  "vercel:index/deployment:Deployment": {
    vendor: "vercel",
    calls: {
      create: ["GET /v10/projects/*", "GET /v10/projects/*", "POST /v13/deployments", "GET /v13/deployments/*"],
      read: ["GET /v13/deployments/*"],
      update: [],
      delete: ["DELETE /v13/deployments/*"],
    },
    source: "terraform-provider-vercel 5.10 vercel/resource_deployment.go; looks every 5 s until it is ready",
  },
  "sitefleet:vercel:Release": {
    vendor: "vercel",
    calls: {
      create: [
        "GET /v6/deployments",
        "POST /v13/deployments",
        "GET /v13/deployments/*",
        "POST /v10/projects/*/promote/*",
        "GET /v4/aliases/*",
        "GET /v9/projects/*",
      ],
      read: ["GET /v9/projects/*"],
      // The same for a commit that is not built yet; two fewer, and no build, for one that is.
      update: [
        "GET /v6/deployments",
        "POST /v13/deployments",
        "GET /v13/deployments/*",
        "POST /v10/projects/*/promote/*",
        "GET /v4/aliases/*",
        "GET /v9/projects/*",
      ],
      delete: [],
    },
    source: "provider/release/perform.ts; looks a few times more while it is built (provider/release/pace.ts)",
  },
  "vercel:index/alias:Alias": {
    vendor: "vercel",
    calls: {
      create: ["POST /v2/deployments/*/aliases"],
      read: ["GET /v4/aliases/*"],
      update: ["POST /v2/deployments/*/aliases"],
      delete: ["DELETE /v2/aliases/*"],
    },
    source: "terraform-provider-vercel 5.10 vercel/resource_alias.go",
  },
  "vercel:index/projectEnvironmentVariable:ProjectEnvironmentVariable": {
    vendor: "vercel",
    calls: {
      create: ["POST /v10/projects/*/env"],
      read: ["GET /v1/projects/*/env/*"],
      update: ["PATCH /v9/projects/*/env/*"],
      delete: ["DELETE /v8/projects/*/env/*"],
    },
    source: "terraform-provider-vercel 5.10 vercel/resource_project_environment_variable.go",
  },
  "vercel:index/sharedEnvironmentVariable:SharedEnvironmentVariable": {
    vendor: "vercel",
    calls: {
      create: ["POST /v1/env"],
      read: ["GET /v1/env/*"],
      update: ["PATCH /v1/env"],
      delete: ["DELETE /v1/env"],
    },
    source: "terraform-provider-vercel 5.10 vercel/resource_shared_environment_variable.go",
  },
  "cloudflare:index/dnsRecord:DnsRecord": {
    vendor: "cloudflare",
    calls: {
      create: [`POST ${CLOUDFLARE}/dns_records`],
      read: [`GET ${CLOUDFLARE}/dns_records/*`],
      update: [`PUT ${CLOUDFLARE}/dns_records/*`],
      delete: [`DELETE ${CLOUDFLARE}/dns_records/*`],
    },
    source: "terraform-provider-cloudflare 5.22 internal/services/dns_record/resource.go",
  },
  "cloudflare:index/zone:Zone": {
    vendor: "cloudflare",
    calls: {
      create: ["POST /client/v4/zones"],
      read: [`GET ${CLOUDFLARE}`],
      update: [`PATCH ${CLOUDFLARE}`],
      delete: [`DELETE ${CLOUDFLARE}`],
    },
    source: "terraform-provider-cloudflare 5.22 internal/services/zone/resource.go",
  },
  "cloudflare:index/zoneSetting:ZoneSetting": {
    vendor: "cloudflare",
    calls: {
      create: [`PATCH ${CLOUDFLARE}/settings/*`],
      read: [`GET ${CLOUDFLARE}/settings/*`],
      update: [`PATCH ${CLOUDFLARE}/settings/*`],
      delete: [],
    },
    source: "terraform-provider-cloudflare 5.22 internal/services/zone_setting/resource.go",
  },
  "github:index/repositoryEnvironment:RepositoryEnvironment": {
    vendor: "github",
    calls: {
      create: ["PUT /repos/*/*/environments/*", "GET /repos/*/*"],
      read: ["GET /repos/*/*/environments/*"],
      update: ["PUT /repos/*/*/environments/*"],
      delete: ["DELETE /repos/*/*/environments/*"],
    },
    source: "terraform-provider-github 6.13 github/resource_github_repository_environment.go",
  },
  "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret": {
    vendor: "github",
    calls: {
      create: [
        "GET /repos/*/*",
        `GET ${ENVIRONMENT}/secrets/public-key`,
        `PUT ${ENVIRONMENT}/secrets/*`,
        `GET ${ENVIRONMENT}/secrets/*`,
      ],
      read: [`GET ${ENVIRONMENT}/secrets/*`],
      update: [`GET ${ENVIRONMENT}/secrets/public-key`, `PUT ${ENVIRONMENT}/secrets/*`, `GET ${ENVIRONMENT}/secrets/*`],
      delete: [`DELETE ${ENVIRONMENT}/secrets/*`],
    },
    source: "terraform-provider-github 6.13 github/resource_github_actions_environment_secret.go",
  },
  "github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable": {
    vendor: "github",
    calls: {
      create: [
        "POST /repos/*/*/environments/*/variables",
        "GET /repos/*/*",
        "GET /repos/*/*/environments/*/variables/*",
      ],
      read: ["GET /repos/*/*/environments/*/variables/*"],
      update: ["PATCH /repos/*/*/environments/*/variables/*", "GET /repos/*/*/environments/*/variables/*"],
      delete: ["DELETE /repos/*/*/environments/*/variables/*"],
    },
    source: "terraform-provider-github 6.13 github/resource_github_actions_environment_variable.go",
  },
};

/** What opening a stack costs, whatever it does: each provider looks at its account, existing zones are looked up by name. */
export const OPENING: Readonly<
  Record<"shared" | "plesk" | "cell", readonly { vendor: BudgetVendor; call: CallPattern }[]>
> = {
  shared: [
    { vendor: "vercel", call: "GET /v2/teams/*" },
    { vendor: "github", call: "GET /orgs/*" },
  ],
  plesk: [],
  cell: [{ vendor: "vercel", call: "GET /v2/teams/*" }],
};
