import type { Properties, Props, ReadCall } from "../framework/index.ts";
import { ApiError, boolean, defineResource, integer, isObject, list, object, set, string } from "../framework/index.ts";
import type { GithubClient } from "./client.ts";
import { joinId, splitId } from "./ids.ts";
import { replaceOnRepository, repositoryId, repositoryPath } from "./repository.ts";

// "Up to 6 IDs" of teams and of users, 6 together; 43200 minutes are 30 days (resource_github_repository_environment.go).
const MAX_REVIEWERS = 6;
const MAX_WAIT_MINUTES = 43_200;

const properties: Properties = {
  repository: string({ required: true }),
  environment: string({ required: true, replaces: true }),
  canAdminsBypass: boolean({ default: true }),
  preventSelfReview: boolean({ default: false }),
  waitTimer: integer({ validate: waitMinutes }),
  reviewers: list(object({ teams: set(integer()), users: set(integer()) })),
  deploymentBranchPolicy: object({
    protectedBranches: boolean({ required: true }),
    customBranchPolicies: boolean({ required: true }),
  }),
  repositoryId: integer({ output: true }),
};

/** `github_repository_environment` as of provider 6.13.0 (pulumi-github 6.15.0). */
export const repositoryEnvironment = defineResource<GithubClient>({
  properties,
  check({ inputs, fail }) {
    if (Array.isArray(inputs.reviewers) && inputs.reviewers.length > 1) {
      fail("reviewers", "Too many list items: Attribute reviewers supports 1 item maximum");
    }
    for (const kind of ["teams", "users"]) {
      if (reviewerIds(inputs, kind).length > MAX_REVIEWERS) {
        fail(`reviewers[0].${kind}`, `Too many list items: supports ${MAX_REVIEWERS} item maximum`);
      }
    }
  },
  diff(call) {
    replaceOnRepository(call);
    const count = reviewerIds(call.planned, "teams").length + reviewerIds(call.planned, "users").length;
    if (count > MAX_REVIEWERS) {
      throw new Error("a maximum of 6 reviewers (users and teams combined) can be set for an environment");
    }
  },
  async create({ client, inputs }) {
    await put(client, inputs);
    const id = joinId(String(inputs.repository), String(inputs.environment));
    return { id, outputs: { repositoryId: await repositoryId(client, inputs.repository) } };
  },
  read,
  async update({ client, inputs }) {
    await put(client, inputs);
    return {};
  },
  async delete({ client, state }) {
    await client.send("DELETE", environmentPath(client, state));
  },
});

function waitMinutes(value: unknown): string | undefined {
  const minutes = Number(value);
  if (minutes >= 0 && minutes <= MAX_WAIT_MINUTES) return undefined;
  return `expected wait_timer to be in the range (0 - ${MAX_WAIT_MINUTES}), got ${minutes}`;
}

function environmentPath(client: GithubClient, props: Props): string {
  return `${repositoryPath(client, props.repository)}/environments/${encodeURIComponent(String(props.environment))}`;
}

function reviewerIds(props: Props, kind: string): unknown[] {
  const first: unknown = Array.isArray(props.reviewers) ? props.reviewers[0] : undefined;
  const ids = isObject(first) ? first[kind] : undefined;
  return Array.isArray(ids) ? ids : [];
}

// What is not declared is sent as null, which wipes what was set by hand.
async function put(client: GithubClient, inputs: Props): Promise<void> {
  const path = environmentPath(client, inputs);
  const policy = isObject(inputs.deploymentBranchPolicy)
    ? {
        protected_branches: inputs.deploymentBranchPolicy.protectedBranches,
        custom_branch_policies: inputs.deploymentBranchPolicy.customBranchPolicies,
      }
    : null;
  const reviewers = [
    ...reviewerIds(inputs, "teams").map((id) => ({ type: "Team", id })),
    ...reviewerIds(inputs, "users").map((id) => ({ type: "User", id })),
  ];
  const waitTimer = inputs.waitTimer ?? 0;
  const body = {
    wait_timer: waitTimer,
    reviewers: inputs.reviewers === undefined ? null : reviewers,
    can_admins_bypass: inputs.canAdminsBypass,
    deployment_branch_policy: policy,
    prevent_self_review: inputs.preventSelfReview,
  };
  await client.send("PUT", path, body).catch((error: unknown) => {
    // Private repositories of plans without protection rules refuse them with 422; go-github then asks without.
    const refused = error instanceof ApiError && error.status === 422;
    if (!refused || reviewers.length > 0 || waitTimer !== 0) throw error;
    return client.send("PUT", path, { deployment_branch_policy: policy });
  });
}

async function read({ client, id, state, importing }: ReadCall<GithubClient>) {
  const [repository, environment] = importing ? splitId(id, 2) : [state.repository, state.environment];
  const address = { repository, environment };
  const known = importing
    ? { ...address, preventSelfReview: false, repositoryId: await repositoryId(client, repository) }
    : {};
  const body = await client.get(environmentPath(client, address));
  const outputs: Props = { ...state, ...known, ...stateOf(body) };
  if (outputs.waitTimer === 0) delete outputs.waitTimer;
  return { id, outputs };
}

// Reviewers that were taken away by hand are not noticed: the real provider sets them only when there is a rule.
function stateOf(body: unknown): Props {
  if (!isObject(body)) return {};
  const outputs: Props = { canAdminsBypass: body.can_admins_bypass, waitTimer: 0, deploymentBranchPolicy: undefined };
  for (const rule of Array.isArray(body.protection_rules) ? body.protection_rules : []) {
    if (!isObject(rule)) continue;
    if (rule.type === "wait_timer") outputs.waitTimer = rule.wait_timer;
    if (rule.type !== "required_reviewers") continue;
    const teams = idsOf(rule.reviewers, "Team");
    const users = idsOf(rule.reviewers, "User");
    outputs.reviewers = [{ ...(teams.length > 0 ? { teams } : {}), ...(users.length > 0 ? { users } : {}) }];
    outputs.preventSelfReview = rule.prevent_self_review ?? false;
  }
  if (isObject(body.deployment_branch_policy)) {
    outputs.deploymentBranchPolicy = {
      protectedBranches: body.deployment_branch_policy.protected_branches,
      customBranchPolicies: body.deployment_branch_policy.custom_branch_policies,
    };
  }
  return outputs;
}

function idsOf(reviewers: unknown, type: string): unknown[] {
  const items = Array.isArray(reviewers) ? reviewers.filter(isObject) : [];
  return items
    .filter((item) => item.type === type && isObject(item.reviewer))
    .map((item) => (item.reviewer as Props).id);
}
