import { Hono } from "hono";
import type { VendorContext } from "../core/index.ts";
import { showUser } from "./people.ts";
import { bodyOf, GithubError, notFound, paginate, repositoryIn, timeOf } from "./reply.ts";
import { type Environment, type GithubState, nodeId, type Repository } from "./state.ts";

/** Most minutes an environment can wait, and most reviewers it can have (REST reference, "Create or update an environment"). */
const MAX_WAIT = 43_200;
const MAX_REVIEWERS = 6;

/** Routes below `/repos/:owner/:repo/environments`. */
export function environmentRoutes(
  get: () => GithubState,
  repositoryOf: (owner: string, name: string) => Repository,
  context: VendorContext,
): Hono {
  const app = new Hono();
  const repository = repositoryIn(repositoryOf);

  app.get("/", (c) => {
    const repo = repository(c);
    const all = [...repo.environments.values()].map((entry) => show(repo, entry));
    return c.json({ total_count: all.length, environments: paginate(c, all) });
  });

  app.get("/:environment", (c) => {
    const repo = repository(c);
    return c.json(show(repo, environmentOf(repo, c.req.param("environment"))));
  });

  app.put("/:environment", async (c) => {
    const repo = repository(c);
    const name = c.req.param("environment");
    const body = await bodyOf(c.req.raw);
    const known = repo.environments.get(name.toLowerCase());
    const wanted = protectionOf(body, repo, known);
    const now = timeOf(context.now());
    const environment: Environment =
      known === undefined
        ? {
            id: get().nextId++,
            name,
            created_at: now,
            updated_at: now,
            secrets: new Map(),
            variables: new Map(),
            ...wanted,
          }
        : { ...known, ...wanted, updated_at: now };
    repo.environments.set(name.toLowerCase(), environment);
    context.changed();
    return c.json(show(repo, environment));
  });

  app.delete("/:environment", (c) => {
    const repo = repository(c);
    // Its secrets and variables go with it.
    if (!repo.environments.delete(c.req.param("environment").toLowerCase())) throw notFound();
    context.changed();
    return c.body(null, 204);
  });

  return app;
}

/** @throws GithubError 404 when the repository has no such environment; names are case-insensitive */
export function environmentOf(repo: Repository, name: string): Environment {
  const environment = repo.environments.get(name.toLowerCase());
  if (environment === undefined) throw notFound();
  return environment;
}

type Protection = Pick<
  Environment,
  "wait_timer" | "prevent_self_review" | "can_admins_bypass" | "reviewers" | "deployment_branch_policy"
>;

/** PUT replaces all rules: what is not named, or null, is gone. That is what wipes undeclared reviewers. */
function protectionOf(body: Record<string, unknown>, repo: Repository, known: Environment | undefined): Protection {
  const { wait_timer = 0, prevent_self_review, can_admins_bypass, reviewers, deployment_branch_policy } = body;
  const wait = wait_timer ?? 0;
  if (typeof wait !== "number" || !Number.isInteger(wait) || wait < 0 || wait > MAX_WAIT) {
    throw new GithubError(422, `Invalid request.\n\nwait_timer must be an integer between 0 and ${MAX_WAIT}.`);
  }
  return {
    wait_timer: wait,
    prevent_self_review: prevent_self_review === true,
    can_admins_bypass: typeof can_admins_bypass === "boolean" ? can_admins_bypass : (known?.can_admins_bypass ?? true),
    reviewers: reviewersOf(reviewers, repo),
    deployment_branch_policy: branchPolicyOf(deployment_branch_policy),
  };
}

function reviewersOf(value: unknown, repo: Repository): Environment["reviewers"] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new GithubError(422, "Invalid request.\n\nreviewers must be an array.");
  if (value.length > MAX_REVIEWERS)
    throw new GithubError(422, `Invalid request.\n\nAt most ${MAX_REVIEWERS} reviewers.`);
  const reviewers = value.map((entry: { type?: unknown; id?: unknown } | null) => {
    const type = entry?.type;
    const id = entry?.id;
    if ((type !== "User" && type !== "Team") || typeof id !== "number" || !Number.isInteger(id) || id <= 0) {
      throw new GithubError(422, "Invalid request.\n\nA reviewer needs a type (User or Team) and an id.");
    }
    return { type, id } as const;
  });
  if (reviewers.length > 0 && repo.private) {
    const message =
      "Failed to create the environment protection rule. Please ensure the billing plan supports the required reviewers protection rule.";
    throw new GithubError(422, message);
  }
  return reviewers;
}

function branchPolicyOf(value: unknown): Environment["deployment_branch_policy"] {
  if (value === undefined || value === null) return null;
  const { protected_branches, custom_branch_policies } = value as Record<string, unknown>;
  if (typeof protected_branches !== "boolean" || typeof custom_branch_policies !== "boolean") {
    throw new GithubError(422, "Invalid request.\n\nprotected_branches and custom_branch_policies must be booleans.");
  }
  if (protected_branches === custom_branch_policies) {
    throw new GithubError(422, "protected_branches and custom_branch_policies cannot have the same value.");
  }
  return { protected_branches, custom_branch_policies };
}

function show(repo: Repository, environment: Environment): Record<string, unknown> {
  const { id, name, wait_timer, reviewers, prevent_self_review, deployment_branch_policy } = environment;
  const rule = (offset: number, type: string, fields: object = {}) => {
    const ruleId = id * 10 + offset;
    return { id: ruleId, node_id: nodeId("GateRule", ruleId), type, ...fields };
  };
  const path = `${repo.owner}/${repo.name}/environments/${encodeURIComponent(name)}`;
  return {
    id,
    node_id: nodeId("Environment", id),
    name,
    url: `https://api.github.com/repos/${path}`,
    html_url: `https://github.com/${repo.owner}/${repo.name}/deployments/activity_log?environments_filter=${encodeURIComponent(name)}`,
    created_at: environment.created_at,
    updated_at: environment.updated_at,
    can_admins_bypass: environment.can_admins_bypass,
    protection_rules: [
      ...(wait_timer > 0 ? [rule(1, "wait_timer", { wait_timer })] : []),
      ...(reviewers.length > 0 || prevent_self_review
        ? [rule(2, "required_reviewers", { prevent_self_review, reviewers: reviewers.map(showReviewer) })]
        : []),
      ...(deployment_branch_policy === null ? [] : [rule(3, "branch_policy")]),
    ],
    deployment_branch_policy,
  };
}

function showReviewer({ type, id }: Environment["reviewers"][number]): Record<string, unknown> {
  if (type === "User") return { type, reviewer: showUser(`user-${id}`, id) };
  return {
    type,
    reviewer: { id, node_id: nodeId("Team", id), name: `team-${id}`, slug: `team-${id}`, privacy: "closed" },
  };
}
