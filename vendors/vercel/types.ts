import * as undeclared from "../../components/vercel-site/undeclared.ts";
import type { Calls } from "../calls.ts";
import type { ResourceType } from "../vendor.ts";
import { deployment, project, projectDomain, release } from "./live.ts";

const ENV_ALL = "GET /v8/projects/*/env";

/** For a commit that is not built yet. A commit that is built takes two calls less and no build. */
const RELEASE: Calls["create"] = [
  "GET /v6/deployments",
  "POST /v13/deployments",
  "GET /v13/deployments/*",
  "POST /v10/projects/*/promote/*",
  "GET /v4/aliases/*",
  "GET /v9/projects/*",
];

/** Vercel's resource types, and ours that stands for what is live there. */
export const types: Readonly<Record<string, ResourceType>> = {
  "vercel:index/project:Project": {
    role: "project",
    undeclared: undeclared.project,
    calls: {
      create: ["POST /v8/projects", ENV_ALL, "PATCH /v9/projects/*"],
      read: ["GET /v10/projects/*", ENV_ALL],
      update: ["POST /v10/projects/*/env", "PATCH /v9/projects/*", ENV_ALL],
      delete: ["DELETE /v8/projects/*"],
      source: "terraform-provider-vercel 5.10 vercel/resource_project.go, Create, Read, Update, Delete",
    },
    losses: { gone: "a deleted project comes back empty: without its deployments, and built again" },
    live: project,
    noise: [
      {
        path: "gitRepository.repo",
        same: ["case"],
        reason: "GitHub does not tell upper from lower case in a repository's name",
      },
      { path: "rootDirectory", same: ["slashes", "empty"], reason: "no folder and the repository's root are the same" },
      { path: "framework", same: ["empty"], reason: "no framework and an empty one are the same" },
      { path: "environments", same: ["order"], reason: "variables have no order" },
      { path: "environments.*.targets", same: ["order"], reason: "targets have no order" },
    ],
    // Its importer leaves out what the provider follows only when declared, see live.ts.
    adopt: (inputs, id) => ({ by: "read", id, properties: { ...inputs, id } }),
  },
  "vercel:index/projectDomain:ProjectDomain": {
    role: "site-domain",
    undeclared: undeclared.projectDomain,
    calls: {
      create: ["GET /v10/projects/*", "POST /v10/projects/*/domains"],
      read: ["GET /v9/projects/*/domains/*"],
      update: ["PATCH /v9/projects/*/domains/*"],
      delete: ["DELETE /v9/projects/*/domains/*"],
      source:
        "terraform-provider-vercel 5.10 vercel/resource_project_domain.go (its look at the domain's configuration is not in 5.4.1)",
    },
    live: projectDomain,
    noise: [{ path: "domain", same: ["case", "final-dot"], reason: "host names know no case" }],
    seenId: ({ outputs }) => `${outputs?.projectId}/${outputs?.domain}`,
    adopt: (inputs) => ({ by: "import", id: `${inputs.projectId}/${inputs.domain}` }),
  },
  "vercel:index/deployment:Deployment": {
    role: "deployment",
    calls: {
      create: ["GET /v10/projects/*", "GET /v10/projects/*", "POST /v13/deployments", "GET /v13/deployments/*"],
      read: ["GET /v13/deployments/*"],
      update: [],
      delete: ["DELETE /v13/deployments/*"],
      source: "terraform-provider-vercel 5.10 vercel/resource_deployment.go; looks every 5 s until it is ready",
    },
    live: deployment,
  },
  "sitefleet:vercel:Release": {
    role: "release",
    calls: {
      create: RELEASE,
      read: ["GET /v9/projects/*"],
      update: RELEASE,
      delete: [],
      source: "provider/release/perform.ts; looks a few times more while it is built (provider/release/pace.ts)",
    },
    live: release,
    adopt: (inputs) => ({ by: "read", id: String(inputs.projectId), properties: inputs }),
  },
  "vercel:index/alias:Alias": {
    role: "domain-name",
    calls: {
      create: ["POST /v2/deployments/*/aliases"],
      read: ["GET /v4/aliases/*"],
      update: ["POST /v2/deployments/*/aliases"],
      delete: ["DELETE /v2/aliases/*"],
      source: "terraform-provider-vercel 5.10 vercel/resource_alias.go",
    },
    repeatable: true,
  },
  "vercel:index/projectEnvironmentVariable:ProjectEnvironmentVariable": {
    role: "variable",
    calls: {
      create: ["POST /v10/projects/*/env"],
      read: ["GET /v1/projects/*/env/*"],
      update: ["PATCH /v9/projects/*/env/*"],
      delete: ["DELETE /v8/projects/*/env/*"],
      source: "terraform-provider-vercel 5.10 vercel/resource_project_environment_variable.go",
    },
  },
  "vercel:index/sharedEnvironmentVariable:SharedEnvironmentVariable": {
    role: "variable",
    calls: {
      create: ["POST /v1/env"],
      read: ["GET /v1/env/*"],
      update: ["PATCH /v1/env"],
      delete: ["DELETE /v1/env"],
      source: "terraform-provider-vercel 5.10 vercel/resource_shared_environment_variable.go",
    },
  },
};
