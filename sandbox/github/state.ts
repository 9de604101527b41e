import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import type { GithubSeed } from "../core/index.ts";
import { alertLists, commit, pull, run } from "./pull-state.ts";

const storedSecret = z.object({ name: z.string(), digest: z.string(), created_at: z.string(), updated_at: z.string() });
const variable = z.object({ name: z.string(), value: z.string(), created_at: z.string(), updated_at: z.string() });
const reviewer = z.object({ type: z.enum(["User", "Team"]), id: z.int().positive() });
const branchPolicy = z.object({ protected_branches: z.boolean(), custom_branch_policies: z.boolean() });
const comment = z.object({
  id: z.number(),
  user: z.string(),
  body: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
});

/** Secrets and variables belong to an environment, or to a repository as a whole. */
const scope = { secrets: z.map(z.string(), storedSecret), variables: z.map(z.string(), variable) };

const environment = z.object({
  id: z.number(),
  name: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  wait_timer: z.number(),
  prevent_self_review: z.boolean(),
  can_admins_bypass: z.boolean(),
  reviewers: z.array(reviewer),
  deployment_branch_policy: branchPolicy.nullable(),
  ...scope,
});

const issue = z.object({
  id: z.number(),
  number: z.number(),
  title: z.string(),
  body: z.string().nullable(),
  state: z.enum(["open", "closed"]),
  user: z.string(),
  labels: z.array(z.string()),
  assignees: z.array(z.string()),
  created_at: z.string(),
  updated_at: z.string(),
  closed_at: z.string().nullable(),
  comments: z.array(comment),
});

const deployment = z.object({
  id: z.number(),
  sha: z.string(),
  ref: z.string(),
  task: z.string(),
  payload: z.unknown(),
  environment: z.string(),
  description: z.string().nullable(),
  creator: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  /** Oldest first. */
  statuses: z.array(
    z.object({
      id: z.number(),
      state: z.string(),
      description: z.string(),
      log_url: z.string(),
      creator: z.string(),
      created_at: z.string(),
    }),
  ),
});

/** A status of a commit. */
const commitStatus = z.object({
  id: z.number(),
  sha: z.string(),
  state: z.string(),
  context: z.string(),
  description: z.string().nullable(),
  target_url: z.string().nullable(),
  creator: z.string(),
  created_at: z.string(),
});

const repository = z.object({
  id: z.number(),
  owner: z.string(),
  name: z.string(),
  private: z.boolean(),
  created_at: z.string(),
  environments: z.map(z.string(), environment),
  issues: z.array(issue),
  runs: z.array(run),
  pulls: z.array(pull).default([]),
  /** The commits of the main branch, oldest first, as far as anything asks for them. */
  commits: z.array(commit).default([]),
  deployments: z.array(deployment).default([]),
  statuses: z.array(commitStatus).default([]),
  alerts: alertLists.prefault({}),
  /** What references lead to, by their full names. */
  refs: z.array(z.object({ ref: z.string(), sha: z.string() })).default([]),
  ...scope,
});
export type Environment = z.infer<typeof environment>;
export type Issue = z.infer<typeof issue>;
export type Deployment = z.infer<typeof deployment>;
export type Comment = z.infer<typeof comment>;
export type Repository = z.infer<typeof repository>;
/** What holds secrets and variables: a {@link Repository} or an {@link Environment}. */
export type Scope = Pick<Repository, "secrets" | "variables">;

/** Everything the vendor holds. */
export interface GithubState {
  /** Seed of the key pair that secrets are sealed for, base64; made once a sandbox, so that key ids stay valid. */
  readonly keySeed: string;
  readonly login: string;
  readonly organizations: Set<string>;
  /** By `owner/name` in lower case. */
  readonly repositories: Map<string, Repository>;
  readonly byId: Map<number, Repository>;
  /** Source of ids that have no other origin. */
  nextId: number;
}

/** State as seeded. Ids of repositories are derived from their names, so they are the same on every machine. */
export function seedState(seed: GithubSeed, now: string): GithubState {
  const state: GithubState = {
    keySeed: randomBytes(32).toString("base64"),
    login: seed.login ?? "sitefleet-bot",
    organizations: new Set(),
    repositories: new Map(),
    byId: new Map(),
    nextId: 1000,
  };
  addSeeds(state, seed, now);
  return state;
}

/** Adds seeded organisations and repositories that are missing. */
export function addSeeds(state: GithubState, seed: GithubSeed, now: string): void {
  for (const organization of seed.organizations ?? []) state.organizations.add(organization.toLowerCase());
  for (const entry of seed.repositories ?? []) {
    const { name: full, private: isPrivate = false } = typeof entry === "string" ? { name: entry } : entry;
    if (!state.repositories.has(full.toLowerCase())) addRepository(state, newRepository(full, isPrivate, now));
  }
}

/** What a repository has none of at first. */
const nothing = () => ({
  deployments: [],
  statuses: [],
  refs: [],
  alerts: { dependabot: null, codeScanning: null },
});

function newRepository(full: string, isPrivate: boolean, now: string): Repository {
  const [owner = "", name = ""] = full.split("/");
  const scope = { secrets: new Map(), variables: new Map() };
  const created = { id: stableId(full), owner, name, private: isPrivate, created_at: now };
  return { ...created, ...scope, environments: new Map(), issues: [], runs: [], pulls: [], commits: [], ...nothing() };
}

function addRepository(state: GithubState, repository: Repository): void {
  state.repositories.set(`${repository.owner}/${repository.name}`.toLowerCase(), repository);
  state.byId.set(repository.id, repository);
  if (repository.owner.toLowerCase() !== state.login.toLowerCase())
    state.organizations.add(repository.owner.toLowerCase());
}

/** Nine digits made from a name: stable, and small enough for every client's integers. */
export function stableId(name: string): number {
  const digest = createHash("sha256").update(name.toLowerCase()).digest();
  return 100_000_000 + (digest.readUInt32BE(0) % 900_000_000);
}

/** GitHub's opaque node id: the kind and the number, encoded. */
export function nodeId(kind: string, id: number): string {
  return Buffer.from(`0${kind.length}:${kind}${id}`).toString("base64");
}

const snapshotSchema = z.object({
  keySeed: z.string(),
  login: z.string(),
  organizations: z.array(z.string()),
  repositories: z.array(repository),
  nextId: z.number(),
});

/** The state as JSON. */
export function snapshotOf(state: GithubState): unknown {
  const { keySeed, login, nextId } = state;
  const organizations = [...state.organizations];
  const repositories = [...state.repositories.values()].map((entry) => ({
    ...entry,
    secrets: [...entry.secrets],
    variables: [...entry.variables],
    environments: [...entry.environments].map(([key, value]) => [
      key,
      { ...value, secrets: [...value.secrets], variables: [...value.variables] },
    ]),
  }));
  return { keySeed, login, organizations, repositories, nextId };
}

/** The state a snapshot describes. @throws ZodError when it is not one */
export function stateOf(snapshot: unknown): GithubState {
  const parsed = snapshotSchema.parse(withMaps(snapshot));
  const state: GithubState = {
    keySeed: parsed.keySeed,
    login: parsed.login,
    organizations: new Set(parsed.organizations),
    repositories: new Map(),
    byId: new Map(),
    nextId: parsed.nextId,
  };
  for (const entry of parsed.repositories) addRepository(state, entry);
  return state;
}

const MAPS = new Set(["secrets", "variables", "environments"]);

/** Turns the lists of pairs that JSON holds back into maps. */
function withMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMaps);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      const inner = withMaps(entry);
      return [key, MAPS.has(key) && Array.isArray(inner) ? new Map(inner as [string, unknown][]) : inner];
    }),
  );
}
