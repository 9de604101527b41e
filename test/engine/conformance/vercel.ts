import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { createContext, nodeListener, serve } from "../../../sandbox/core/index.ts";
import { startProxy } from "../../../sandbox/proxy/index.ts";
import { createVercel } from "../../../sandbox/vercel/index.ts";
import type { Known, ProviderTable } from "./types.ts";
import type { World } from "./world.ts";
import { callApi } from "./world.ts";

const TOKEN = "conformancevercel0token0long";
const REPOSITORY = { type: "github", repo: "rows/site" };
const commit = (digit: string): string => digit.repeat(40);

async function world(): Promise<World> {
  const vendor = createVercel(
    createContext({ options: { vercel: { tokens: [TOKEN], repositories: [REPOSITORY.repo] } } }),
  );
  const served = await serve(vendor);
  const dir = await mkdtemp(join(tmpdir(), "sitefleet-proxy-"));
  const proxy = await startProxy({ listener: nodeListener(vendor), dir });
  const api: World["api"] = (method, path, body) => callApi(served.url, TOKEN, method, path, body);
  const make = async (name: string): Promise<string> => {
    const made = (await api("POST", "/v11/projects", { name, gitRepository: REPOSITORY })) as { id: string };
    return made.id;
  };
  const [project, second] = [await make("there-before"), await make("second")];
  const deploy = async (ref: string): Promise<string> => {
    const gitSource = { type: "github", org: "rows", repo: "site", ref };
    const made = (await api("POST", "/v13/deployments", {
      name: "there-before",
      project,
      target: "production",
      gitSource,
    })) as { id: string };
    return made.id;
  };
  const [deployment, newer] = [await deploy(commit("a")), await deploy(commit("b"))];
  const before = new Set(names());

  function names(): string[] {
    const { projects, domains, variables, aliases } = vendor.inventory() as Record<
      string,
      { id: string }[] | undefined
    >;
    return [projects, domains, variables, aliases].flatMap((items) => (items ?? []).map((item) => item.id));
  }

  return {
    env: { VERCEL_API_TOKEN: TOKEN, VERCEL_API_URL: served.url },
    realEnv: { HTTPS_PROXY: proxy.url, SSL_CERT_FILE: proxy.caFile },
    facts: { project, second, deployment, newer },
    api,
    leftovers: () => names().filter((id) => !before.has(id)),
    async stop() {
      await proxy.close();
      await served.close();
      await vendor.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** What the provider would switch off on a new project when nobody declared it; components/undeclared/vercel.ts. */
const SWITCHES = {
  automaticallyExposeSystemEnvironmentVariables: true,
  prioritiseProductionBuilds: true,
  skewProtection: "12 hours",
};
/** Protection that a person sets in the dashboard. */
const BY_HAND = {
  trustedIps: {
    addresses: [{ value: "192.0.2.7", note: "office" }],
    deploymentType: "all",
    protectionMode: "additional",
  },
  optionsAllowlist: { paths: [{ value: "/api" }] },
};

const projectPath = ({ id }: Known): string => `/v9/projects/${id}`;
const domainPath = ({ outputs }: Known): string =>
  `/v9/projects/${String(outputs.projectId)}/domains/${String(outputs.domain)}`;

/** Vercel, as pulumi-vercel 5.4.1 (terraform-provider-vercel 5.4.1) behaves. */
export const vercel: ProviderTable = {
  provider: "vercel",
  version: "5.4.1",
  world,
  types: [
    {
      type: "vercel:index/project:Project",
      inputs: (_, tag) => ({ name: tag, framework: "nextjs" }),
      required: [],
      invalid: [
        { name: "an unknown framework", with: { framework: "no-such-framework" }, says: /framework/i },
        { name: "a name in upper case", with: { name: "Loud" }, says: /name of a Project/ },
      ],
      outputs: {
        autoAssignCustomDomains: true,
        gitForkProtection: true,
        nodeVersion: /x$/,
        // What nobody declares is sent as false or null right after the create, whatever the vendor's default is.
        automaticallyExposeSystemEnvironmentVariables: false,
        prioritiseProductionBuilds: false,
        customerSuccessCodeVisibility: false,
        directoryListing: false,
        functionFailover: false,
        gitLfs: false,
        protectedSourcemaps: false,
        enableProductionFeedback: false,
        previewDeploymentsDisabled: false,
      },
      unknown: ["nodeVersion", "serverlessFunctionRegion", "previewComments"],
      changes: [
        {
          name: "build",
          to: { buildCommand: "npm run build" },
          becomes: "update",
          outputs: { buildCommand: "npm run build" },
          tells: ["buildCommand"],
        },
        {
          name: "declared switches stay",
          from: SWITCHES,
          to: { ...SWITCHES, framework: "vite" },
          becomes: "update",
          outputs: SWITCHES,
          tells: ["framework"],
        },
        {
          name: "switches declared later",
          to: SWITCHES,
          becomes: "update",
          outputs: SWITCHES,
          tells: Object.keys(SWITCHES).sort(),
        },
        { name: "framework", to: { framework: "vite" }, becomes: "update" },
        { name: "renamed", to: { name: "project-with-another-name" }, becomes: "update" },
        { name: "assign-true", to: { autoAssignCustomDomains: true }, becomes: "same" },
        {
          name: "variables",
          from: { environments: [{ key: "A", value: "1", sensitive: true, targets: ["production"] }] },
          to: {
            environments: [
              { key: "B", value: "2", sensitive: true, targets: ["production", "preview"] },
              { key: "A", value: "1", sensitive: true, targets: ["production"] },
            ],
          },
          becomes: "update",
        },
        { name: "linked", from: { gitRepository: REPOSITORY }, to: { gitRepository: REPOSITORY }, becomes: "same" },
      ],
      drifts: [
        {
          name: "changed by hand",
          from: { buildCommand: "make" },
          happens: (world, known) => world.api("PATCH", projectPath(known), { buildCommand: "other" }),
          next: "update",
        },
        { name: "deleted by hand", happens: (world, known) => world.api("DELETE", projectPath(known)), next: "create" },
        {
          name: "switched on by hand",
          happens: (world, known) =>
            world.api("PATCH", projectPath(known), { gitLFS: true, protectedSourcemaps: true }),
          next: "same",
          to: { buildCommand: "make" },
          stays: async (world, known) =>
            expect(await world.api("GET", projectPath(known))).toMatchObject({
              gitLFS: true,
              protectedSourcemaps: true,
            }),
        },
        {
          name: "protected by hand",
          options: { ignoreChanges: ["passwordProtection", "trustedIps", "trustedSources", "optionsAllowlist"] },
          happens: (world, known) => world.api("PATCH", projectPath(known), BY_HAND),
          next: "same",
          to: { buildCommand: "make" },
          stays: async (world, known) => expect(await world.api("GET", projectPath(known))).toMatchObject(BY_HAND),
        },
        {
          name: "skew protection by hand",
          happens: (world, known) => world.api("PATCH", projectPath(known), { skewProtectionMaxAge: 43_200 }),
          next: "update",
        },
      ],
      importId: ({ id }) => id,
    },
    {
      type: "vercel:index/projectDomain:ProjectDomain",
      inputs: ({ facts }, tag) => ({ projectId: facts.project, domain: `${tag}.example.com` }),
      required: ["domain", "projectId"],
      outputs: { verified: true },
      unknown: ["verified", "verifications"],
      changes: [
        {
          name: "redirect",
          to: { redirect: "projectdomain-base.example.com", redirectStatusCode: 308 },
          becomes: "update",
        },
        { name: "renamed", to: { domain: "renamed.example.com" }, becomes: "replace, create first" },
        {
          // Created first it would be in use already.
          name: "moved",
          to: ({ facts }) => ({ projectId: facts.second }),
          options: { deleteBeforeReplace: true },
          becomes: "replace, delete first",
        },
      ],
      drifts: [
        { name: "deleted by hand", happens: (world, known) => world.api("DELETE", domainPath(known)), next: "create" },
      ],
      importId: ({ id, outputs }) => `${String(outputs.projectId)}/${id}`,
    },
    {
      type: "vercel:index/projectEnvironmentVariable:ProjectEnvironmentVariable",
      inputs: ({ facts }, tag) => {
        const key = tag.replaceAll("-", "_").toUpperCase();
        return {
          projectId: facts.project,
          key,
          value: "canary-value",
          sensitive: false,
          targets: ["production", "preview"],
        };
      },
      required: ["key", "projectId", "sensitive"],
      invalid: [{ name: "no targets", with: { targets: undefined }, says: /at least one|targets?/i }],
      outputs: { sensitive: false },
      unknown: ["comment"],
      secret: ["value"],
      changes: [
        { name: "value", to: { value: "other" }, becomes: "update" },
        { name: "targets", to: { targets: ["production"] }, becomes: "update" },
        { name: "targets-order", to: { targets: ["preview", "production"] }, becomes: "same" },
        { name: "renamed", to: { key: "RENAMED" }, becomes: "replace, create first" },
        {
          // Created first it would conflict with itself.
          name: "sensitive",
          to: { sensitive: true },
          options: { deleteBeforeReplace: true },
          becomes: "replace, delete first",
        },
      ],
      importId: ({ id, outputs }) => `${String(outputs.projectId)}/${id}`,
    },
    {
      type: "vercel:index/deployment:Deployment",
      inputs: ({ facts }) => ({ projectId: facts.project, ref: commit("c"), production: true }),
      required: ["projectId"],
      requiredWith: { ref: commit("c") },
      invalid: [
        { name: "neither ref nor files", with: { ref: undefined }, says: /must have either `ref` or `files`/ },
        { name: "both ref and files", with: { files: { "a.txt": "1~abc" } }, says: /cannot have both/ },
      ],
      outputs: { url: /vercel\.app$/, production: true },
      unknown: ["domains", "url", "meta"],
      changes: [
        { name: "ref", to: { ref: commit("d") }, becomes: "replace, create first" },
        { name: "delete-on-destroy", to: { deleteOnDestroy: true }, becomes: "replace, create first" },
      ],
      stays: true,
    },
    {
      type: "vercel:index/alias:Alias",
      inputs: ({ facts }, tag) => ({ deploymentId: facts.deployment, alias: `${tag}-rows.vercel.app` }),
      required: ["alias", "deploymentId"],
      unknown: [],
      changes: [
        // Renaming one is an update too, and leaves the old name behind.
        { name: "deployment", to: ({ facts }) => ({ deploymentId: facts.newer }), becomes: "update" },
      ],
    },
  ],
};
