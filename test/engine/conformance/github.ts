import { expect } from "vitest";
import { createContext, serve } from "../../../sandbox/core/index.ts";
import { createGithub } from "../../../sandbox/github/index.ts";
import { seal } from "../../../sandbox/providers/github/seal.ts";
import type { Known, ProviderTable } from "./types.ts";
import type { World } from "./world.ts";
import { callApi } from "./world.ts";

const TOKEN = "conformance-github-token";
const OWNER = "rows";
const ENVIRONMENT = "there-before";

async function world(): Promise<World> {
  let skew = 0;
  const vendor = createGithub(
    createContext({
      now: () => Date.now() + skew,
      options: { github: { tokens: [TOKEN], organizations: [OWNER], repositories: [`${OWNER}/site`] } },
    }),
  );
  const served = await serve(vendor);
  const api: World["api"] = (method, path, body) => callApi(`${served.url}/api/v3`, TOKEN, method, path, body);
  await api("PUT", `/repos/${OWNER}/site/environments/${ENVIRONMENT}`, {});
  return {
    env: { GITHUB_TOKEN: TOKEN, GITHUB_OWNER: OWNER, GITHUB_BASE_URL: `${served.url}/` },
    // The default of a second between writes would make the rows take minutes.
    config: { "github:writeDelayMs": "0" },
    facts: {},
    api,
    later: () => {
      skew += 60_000;
    },
    leftovers: () => {
      const { environments, secrets, variables } = vendor.inventory();
      return [...environments!, ...secrets!, ...variables!]
        .map((item) => item.name)
        .filter((name) => name !== ENVIRONMENT);
    },
    stop: () => served.close(),
  };
}

const environment = ({ outputs }: Known): string => `/repos/${OWNER}/site/environments/${String(outputs.environment)}`;
/** Protection that a person sets on GitHub. */
const BY_HAND = {
  wait_timer: 30,
  can_admins_bypass: false,
  reviewers: [{ type: "User", id: 7 }],
  deployment_branch_policy: { protected_branches: true, custom_branch_policies: false },
};
const shout = (tag: string): string => tag.replaceAll("-", "_").toUpperCase();

/** GitHub, as pulumi-github 6.15.0 (provider 6.13.0) behaves. */
export const github: ProviderTable = {
  provider: "github",
  version: "6.15.0",
  world,
  types: [
    {
      type: "github:index/repositoryEnvironment:RepositoryEnvironment",
      inputs: (_, tag) => ({ repository: "site", environment: tag }),
      required: ["environment", "repository"],
      invalid: [{ name: "a wait of a year", with: { waitTimer: 525_600 }, says: /wait_?timer/i }],
      outputs: { canAdminsBypass: true, preventSelfReview: false, repositoryId: /^\d+$/ },
      unknown: ["repositoryId"],
      changes: [
        { name: "wait", to: { waitTimer: 10 }, becomes: "update", outputs: { waitTimer: 10 } },
        { name: "bypass", to: { canAdminsBypass: false }, becomes: "update" },
        { name: "bypass-true", to: { canAdminsBypass: true }, becomes: "same" },
        { name: "reviewers", to: { reviewers: [{ users: [1, 2] }] }, becomes: "update" },
        {
          name: "reviewers-order",
          from: { reviewers: [{ users: [1, 2] }] },
          to: { reviewers: [{ users: [2, 1] }] },
          becomes: "same",
        },
        {
          name: "branches",
          to: { deploymentBranchPolicy: { protectedBranches: true, customBranchPolicies: false } },
          becomes: "update",
        },
        { name: "renamed", to: { environment: "renamed" }, becomes: "replace, create first" },
      ],
      drifts: [
        {
          name: "wait by hand",
          happens: (world, known) => world.api("PUT", environment(known), { wait_timer: 30 }),
          next: "update",
        },
        { name: "deleted by hand", happens: (world, known) => world.api("DELETE", environment(known)), next: "create" },
        {
          name: "reviewers taken away by hand",
          from: { reviewers: [{ users: [7] }] },
          happens: (world, known) => world.api("PUT", environment(known), { reviewers: null }),
          next: "same",
        },
        {
          name: "reviewers given by hand",
          happens: (world, known) => world.api("PUT", environment(known), { reviewers: [{ type: "User", id: 7 }] }),
          next: "update",
        },
        {
          name: "protected by hand and ignored",
          from: { preventSelfReview: false },
          options: {
            ignoreChanges: ["canAdminsBypass", "deploymentBranchPolicy", "reviewers", "waitTimer"],
          },
          happens: (world, known) => world.api("PUT", environment(known), BY_HAND),
          next: "same",
          to: { preventSelfReview: true },
          async stays(world, known) {
            const shown = (await world.api("GET", environment(known))) as Record<string, unknown>;
            expect(shown).toMatchObject({
              can_admins_bypass: false,
              deployment_branch_policy: BY_HAND.deployment_branch_policy,
              protection_rules: expect.arrayContaining([
                expect.objectContaining({ type: "wait_timer", wait_timer: 30 }),
                expect.objectContaining({ type: "required_reviewers", prevent_self_review: true }),
              ]),
            });
          },
        },
        {
          name: "all protected by hand and ignored",
          options: {
            ignoreChanges: ["canAdminsBypass", "deploymentBranchPolicy", "preventSelfReview", "reviewers", "waitTimer"],
          },
          happens: (world, known) => world.api("PUT", environment(known), { ...BY_HAND, prevent_self_review: true }),
          next: "same",
        },
      ],
      importId: ({ id }) => id,
    },
    {
      type: "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret",
      inputs: (_, tag) => {
        return { repository: "site", environment: ENVIRONMENT, secretName: shout(tag), value: "canary-value" };
      },
      required: ["environment", "repository", "secretName"],
      invalid: [
        { name: "no value", with: { value: undefined }, says: /one of .*value/i },
        { name: "two values", with: { plaintextValue: "x" }, says: /one of .*value/i },
        { name: "a reserved name", with: { secretName: "GITHUB_X" }, says: /GITHUB_ prefix/ },
        { name: "a name with a hyphen", with: { secretName: "A-B" }, says: /alphanumeric/ },
      ],
      outputs: { createdAt: /^\d{4}-\d\d-\d\d \d\d:/, updatedAt: /UTC$/, keyId: /./, repositoryId: /^\d+$/ },
      unknown: ["createdAt", "updatedAt", "remoteUpdatedAt", "keyId", "repositoryId"],
      secret: ["value"],
      changes: [
        { name: "value", to: { value: "other-value" }, becomes: "update" },
        {
          name: "plaintext",
          from: { value: undefined, plaintextValue: "a" },
          to: { value: undefined, plaintextValue: "b" },
          becomes: "update",
        },
        { name: "renamed", to: { secretName: "RENAMED" }, becomes: "replace, delete first" },
      ],
      drifts: [
        {
          name: "deleted by hand",
          happens: (world, { outputs }) =>
            world.api("DELETE", `${environment({ id: "", outputs })}/secrets/${String(outputs.secretName)}`),
          next: "create",
        },
        {
          name: "changed by hand",
          async happens(world, { outputs }) {
            world.later?.();
            const secrets = `${environment({ id: "", outputs })}/secrets`;
            const key = (await world.api("GET", `${secrets}/public-key`)) as { key_id: string; key: string };
            const encrypted_value = await seal("by hand", key.key);
            await world.api("PUT", `${secrets}/${String(outputs.secretName)}`, { key_id: key.key_id, encrypted_value });
          },
          next: "same",
        },
      ],
    },
    {
      type: "github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable",
      inputs: (_, tag) => {
        return { repository: "site", environment: ENVIRONMENT, variableName: shout(tag), value: "one" };
      },
      required: ["environment", "repository", "value", "variableName"],
      outputs: { createdAt: /UTC$/, updatedAt: /UTC$/, repositoryId: /^\d+$/, value: "one" },
      unknown: ["createdAt", "updatedAt", "repositoryId"],
      changes: [
        { name: "value", to: { value: "two" }, becomes: "update", outputs: { value: "two" } },
        { name: "renamed", to: { variableName: "RENAMED" }, becomes: "replace, create first" },
      ],
      drifts: [
        {
          name: "changed by hand",
          happens: (world, { outputs }) =>
            world.api("PATCH", `${environment({ id: "", outputs })}/variables/${String(outputs.variableName)}`, {
              value: "x",
            }),
          next: "update",
        },
      ],
      importId: ({ id }) => id,
    },
  ],
};
