/**
 * GitHub's REST API, as far as environments, sealed secrets, variables, issues and workflow runs go; served at `/` and,
 * for clients that take a foreign host for GitHub Enterprise Server, at `/api/v3` and `/api/graphql`. README.md says why
 * this does not stand on npm `emulate`.
 */
import { Hono } from "hono";
import { type Inventory, routesOf, type Vendor, type VendorContext } from "../core/index.ts";
import { answerGraphql, createApp } from "./app.ts";
import { errorBody, notFound, timeOf } from "./reply.ts";
import { createSecretBox } from "./sealed.ts";
import { addSeeds, type Repository, type Scope, seedState, snapshotOf, stateOf } from "./state.ts";

/** The GitHub vendor. */
export interface GithubVendor extends Vendor {
  readonly name: "github";
  /** Whether an environment's secret has this value; the value itself is kept nowhere. */
  holdsSecret(repository: string, environment: string, name: string, value: string): boolean;
}

/** Makes the vendor; seeds come from `context.options.github`. */
export function createGithub(context: VendorContext): GithubVendor {
  const seed = context.options.github ?? {};
  let state = seedState(seed, timeOf(context.now()));
  let box = createSecretBox(state.keySeed);
  const api = createApp(
    () => state,
    () => box,
    context,
  );
  const app = new Hono();
  app.onError((error) => {
    throw error;
  });
  app.notFound((c) => c.json(errorBody(notFound()), 404));
  app.route("/api/v3", api);
  app.route("/", api);
  app.post("/api/graphql", (c) => answerGraphql(c, state));
  return {
    name: "github",
    routes: routesOf(app),
    fetch: async (request) => app.fetch(request),
    snapshot: () => snapshotOf(state),
    restore(snapshot) {
      state = stateOf(snapshot);
      addSeeds(state, seed, timeOf(context.now()));
      box = createSecretBox(state.keySeed);
    },
    inventory: () => inventoryOf([...state.repositories.values()]),
    holdsSecret(repository, environment, name, value) {
      const scope = state.repositories.get(repository.toLowerCase())?.environments.get(environment.toLowerCase());
      const secret = scope?.secrets.get(name.toUpperCase());
      return secret !== undefined && box.matches(secret.digest, value);
    },
  };
}

function inventoryOf(repositories: readonly Repository[]): Inventory {
  const inventory: Inventory = { repositories: [], environments: [], secrets: [], variables: [], issues: [], runs: [] };
  const add = (kind: string, id: string | number, name: string, fields: object): void => {
    inventory[kind]?.push({ id: String(id), name, ...fields });
  };
  const addScope = (scope: Scope, prefix: string, fields: object): void => {
    for (const name of scope.secrets.keys()) add("secrets", `${prefix}:${name}`, name, fields);
    for (const name of scope.variables.keys()) add("variables", `${prefix}:${name}`, name, fields);
  };
  for (const entry of repositories) {
    const repository = `${entry.owner}/${entry.name}`;
    add("repositories", entry.id, repository, { private: entry.private });
    addScope(entry, repository, { repository });
    for (const environment of entry.environments.values()) {
      const { name } = environment;
      add("environments", environment.id, name, { repository, reviewers: environment.reviewers.length });
      addScope(environment, `${repository}:${name}`, { repository, environment: name });
    }
    for (const { id, number, title, state } of entry.issues) add("issues", id, title, { repository, number, state });
    for (const { id, workflow, status } of entry.runs) add("runs", id, workflow, { repository, status });
  }
  return inventory;
}
