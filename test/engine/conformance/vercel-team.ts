import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createContext, nodeListener, serve } from "../../../sandbox/core/index.ts";
import { startProxy } from "../../../sandbox/proxy/index.ts";
import { createVercel } from "../../../sandbox/vercel/index.ts";
import type { Known, ProviderTable } from "./types.ts";
import type { World } from "./world.ts";
import { callApi } from "./world.ts";

const TOKEN = "conformancevercel0123456789";
const TEAM = "team_rows";
const COMMIT = "0123456789012345678901234567890123456789";
// Deployments of this commit are never deleted: their `deleteOnDestroy` came too late.
const STAYS = "5".repeat(40);

async function world(): Promise<World> {
  const vendor = createVercel(
    createContext({ options: { vercel: { team: { id: TEAM, slug: "rows" }, tokens: [TOKEN] } } }),
  );
  const served = await serve(vendor);
  const dir = await mkdtemp(join(tmpdir(), "sitefleet-conformance-vercel-"));
  const proxy = await startProxy({ listener: nodeListener(vendor), dir });
  const api: World["api"] = (method, path, body) =>
    callApi(served.url, TOKEN, method, `${path}${path.includes("?") ? "&" : "?"}teamId=${TEAM}`, body);
  const gitRepository = { type: "github", repo: "rows/site" };
  const make = async (name: string) => ((await api("POST", "/v10/projects", { name, gitRepository })) as Known).id;
  const [project, other] = [await make("there-before"), await make("there-too")];
  return {
    env: { VERCEL_API_TOKEN: TOKEN, VERCEL_API_URL: served.url },
    // The real plugin has no base URL. Upper case only: gRPC in Node obeys the lower case names, for loopback too.
    realEnv: { HTTPS_PROXY: proxy.url, SSL_CERT_FILE: proxy.caFile },
    config: { "vercel:team": "rows" },
    facts: { project, other },
    api,
    leftovers: () => {
      const { projects, domains, envs, sharedEnvs, deployments } = vendor.inventory();
      const built = deployments!.filter((item) => item.commit !== STAYS);
      const all = [...projects!, ...domains!, ...envs!, ...sharedEnvs!, ...built];
      const before = (item: { id: string; name: string }) =>
        item.id === project || item.id === other || /^there-.*\.vercel\.app$/.test(item.name);
      return all.filter((item) => !before(item)).map(({ id, name }) => `${id} ${name}`);
    },
    async stop() {
      await proxy.close();
      await served.close();
      await rm(dir, { recursive: true });
    },
  };
}

const projectPath = ({ id }: Known): string => `/v9/projects/${id}`;
const domainPath = ({ facts }: World, { outputs }: Known): string =>
  `/v9/projects/${facts.project}/domains/${String(outputs.domain)}`;
const shout = (tag: string): string => tag.replaceAll("-", "_").toUpperCase();
const plain = { key: "PLAIN", value: "one", targets: ["production", "preview"], sensitive: false };
const hidden = { key: "HIDDEN", value: "canary-value", targets: ["production"], sensitive: true };
const site = { type: "github", repo: "rows/site" };

/** Vercel with a team, and what sites need beyond the basics: inline variables, repositories, protection, shared variables. */
export const vercelTeam: ProviderTable = {
  provider: "vercel",
  version: "5.4.1",
  world,
  types: [
    {
      type: "vercel:index/project:Project",
      inputs: (_, tag) => ({ name: tag, framework: "astro", gitRepository: site }),
      required: [],
      invalid: [
        {
          name: "a sensitive development variable",
          with: { environments: [{ ...hidden, targets: ["development"] }] },
          says: /explicitly set `sensitive = false`/,
        },
        {
          name: "two names for one switch",
          with: { previewComments: true, enablePreviewFeedback: true },
          says: /cannot be specified when/,
        },
      ],
      outputs: {
        teamId: TEAM,
        autoAssignCustomDomains: true,
        gitForkProtection: true,
        directoryListing: false,
        oidcTokenConfig: { issuerMode: "team" },
        vercelAuthentication: { deploymentType: "standard_protection_new" },
        framework: "astro",
      },
      unknown: ["teamId", "gitLfs", "vercelAuthentication", "directoryListing", "onDemandConcurrentBuilds"],
      changes: [
        { name: "build gone", from: { buildCommand: "make" }, to: {}, becomes: "update" },
        {
          name: "assign",
          to: { autoAssignCustomDomains: false },
          becomes: "update",
          outputs: { autoAssignCustomDomains: false },
        },
        { name: "branch", to: { gitRepository: { ...site, productionBranch: "live" } }, becomes: "update" },
        { name: "repo", to: { gitRepository: { type: "github", repo: "rows/other" } }, becomes: "update" },
        { name: "unlinked", to: { gitRepository: undefined }, becomes: "update" },
        {
          name: "password",
          to: { passwordProtection: { password: "canary-password", deploymentType: "all_deployments" } },
          becomes: "update",
        },
        { name: "variables", to: { environments: [plain, hidden] }, becomes: "update" },
        {
          name: "variable",
          from: { environments: [plain, hidden] },
          to: { environments: [{ ...plain, value: "two" }, hidden] },
          becomes: "update",
        },
        {
          name: "variables-order",
          from: { environments: [plain, hidden] },
          to: { environments: [hidden, { ...plain, targets: ["preview", "production"] }] },
          becomes: "same",
        },
        {
          name: "beside variables",
          from: { environments: [plain, hidden] },
          to: { environments: [plain, hidden], installCommand: "npm ci" },
          becomes: "update",
        },
        { name: "cpu", to: { resourceConfig: { functionDefaultCpuType: "performance" } }, becomes: "update" },
      ],
      drifts: [
        {
          name: "password by hand",
          happens: (world, known) =>
            world.api("PATCH", projectPath(known), { passwordProtection: { deploymentType: "all", password: "x" } }),
          next: "update",
        },
        {
          name: "build by hand",
          happens: (world, known) => world.api("PATCH", projectPath(known), { buildCommand: "evil" }),
          next: "update",
        },
        {
          name: "undeclared and filled in",
          happens: (world, known) => world.api("PATCH", projectPath(known), { directoryListing: true }),
          next: "same",
        },
        {
          name: "variable added by hand",
          from: { environments: [plain] },
          happens: (world, { id }) =>
            world.api("POST", `/v10/projects/${id}/env`, {
              key: "NEW",
              value: "x",
              type: "encrypted",
              target: ["preview"],
            }),
          next: "update",
        },
      ],
      importId: ({ id }) => `${TEAM}/${id}`,
    },
    {
      type: "vercel:index/projectDomain:ProjectDomain",
      inputs: ({ facts }, tag) => ({ projectId: facts.project, domain: `${tag}.rows.example` }),
      required: ["domain", "projectId"],
      invalid: [
        { name: "an odd status", with: { redirectStatusCode: 300 }, says: /value must be one of/ },
        {
          name: "a branch and an environment",
          with: { gitBranch: "a", customEnvironmentId: "b" },
          says: /cannot be specified when/,
        },
      ],
      failsLate: [
        { name: "the production branch", with: { gitBranch: "main" }, says: /is the production branch/ },
        { name: "no such project", with: { projectId: "prj_none" }, says: /Could not find project/ },
      ],
      outputs: { teamId: TEAM, verified: true, verifications: [] },
      unknown: ["teamId", "verified", "verifications"],
      changes: [
        { name: "branch", to: { gitBranch: "next" }, becomes: "update", unknown: ["verified", "verifications"] },
      ],
      drifts: [
        {
          name: "branch by hand",
          happens: (world, known) => world.api("PATCH", domainPath(world, known), { gitBranch: "other" }),
          next: "update",
        },
      ],
      importId: ({ id, outputs }) => `${TEAM}/${String(outputs.projectId)}/${id}`,
    },
    {
      type: "vercel:index/deployment:Deployment",
      inputs: ({ facts }) => {
        return {
          projectId: facts.other,
          ref: COMMIT,
          production: true,
          deleteOnDestroy: true,
          environment: { KEY: "canary-value" },
        };
      },
      options: { additionalSecretOutputs: ["environment"] },
      required: [],
      failsLate: [{ name: "no such project", with: { projectId: "prj_none" }, says: /Could not find project/ }],
      outputs: { ref: COMMIT, production: true, url: /\.vercel\.app$/, teamId: TEAM },
      unknown: ["url", "domains", "teamId"],
      secret: ["environment"],
      changes: [
        { name: "preview", to: { production: false }, becomes: "replace, create first" },
        { name: "meta", to: { meta: { release: "1" } }, becomes: "replace, create first" },
        { name: "variables", to: { environment: { KEY: "other" } }, becomes: "replace, create first" },
        {
          name: "delete too late",
          from: { ref: STAYS, deleteOnDestroy: undefined },
          to: { ref: STAYS, deleteOnDestroy: true },
          becomes: "replace, create first",
        },
      ],
      drifts: [
        {
          name: "deleted by hand",
          happens: (world, { id }) => world.api("DELETE", `/v13/deployments/${id}`),
          next: "create",
        },
      ],
    },
    {
      type: "vercel:index/projectEnvironmentVariable:ProjectEnvironmentVariable",
      inputs: ({ facts }, tag) => ({ ...plain, key: shout(tag), projectId: facts.project }),
      options: { additionalSecretOutputs: ["value", "valueWo"] },
      required: [],
      invalid: [
        { name: "no value", with: { value: undefined }, says: /No attribute specified|[Ee]xactly one of/ },
        { name: "an unknown target", with: { targets: ["nowhere"] }, says: /value must be one of/ },
        {
          name: "sensitive in development",
          with: { targets: ["development"], sensitive: true },
          says: /explicitly set `sensitive = false`/,
        },
      ],
      outputs: { teamId: TEAM, comment: "", sensitive: false },
      unknown: ["teamId", "comment"],
      secret: ["value"],
      changes: [{ name: "comment", to: { comment: "why" }, becomes: "update", outputs: { comment: "why" } }],
      drifts: [
        {
          name: "deleted by hand",
          happens: (world, { id }) => world.api("DELETE", `/v9/projects/${world.facts.project}/env/${id}`),
          next: "create",
        },
        {
          name: "changed by hand",
          happens: (world, { id }) =>
            world.api("PATCH", `/v9/projects/${world.facts.project}/env/${id}`, { value: "hand" }),
          next: "update",
        },
      ],
      importId: ({ id, outputs }) => `${TEAM}/${String(outputs.projectId)}/${id}`,
    },
    {
      type: "vercel:index/sharedEnvironmentVariable:SharedEnvironmentVariable",
      inputs: ({ facts }, tag) => {
        return {
          key: shout(tag),
          value: "one",
          targets: ["production"],
          sensitive: false,
          projectIds: [facts.project, facts.other],
        };
      },
      options: { additionalSecretOutputs: ["value", "valueWo"] },
      required: ["key", "projectIds", "sensitive"],
      invalid: [{ name: "no target", with: { targets: undefined }, says: /must specify `target`/ }],
      outputs: { teamId: TEAM, comment: "", applyToAllCustomEnvironments: false },
      unknown: ["teamId", "comment", "applyToAllCustomEnvironments"],
      secret: ["value"],
      changes: [
        { name: "value", to: { value: "two" }, becomes: "update" },
        { name: "projects", to: ({ facts }) => ({ projectIds: [facts.other] }), becomes: "update" },
        { name: "projects-order", to: ({ facts }) => ({ projectIds: [facts.other, facts.project] }), becomes: "same" },
        { name: "renamed", to: { key: "SHARED_RENAMED" }, becomes: "replace, create first" },
      ],
      drifts: [
        {
          name: "deleted by hand",
          happens: (world, { id }) => world.api("DELETE", "/v1/env", { ids: [id] }),
          next: "create",
        },
      ],
      importId: ({ id }) => `${TEAM}/${id}`,
    },
  ],
};
