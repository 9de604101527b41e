import { Hono } from "hono";
import { showOwner } from "./people.ts";
import { commitOf, GithubError, repositoryIn } from "./reply.ts";
import { type GithubState, nodeId, type Repository } from "./state.ts";

/** Routes at `/repos/:owner/:repo` itself. */
export function repositoryRoutes(
  get: () => GithubState,
  repositoryOf: (owner: string, name: string) => Repository,
): Hono {
  const app = new Hono();
  const named = repositoryIn(repositoryOf);

  app.get("/", (c) => {
    const repository = named(c);
    return c.json(showRepository(get(), repository));
  });

  app.get("/commits/:ref", (c) => {
    const repository = named(c);
    const ref = c.req.param("ref");
    if (!/^[\w./-]+$/.test(ref)) throw new GithubError(422, `No commit found for SHA: ${ref}`);
    const full = `${repository.owner}/${repository.name}`;
    const sha = commitOf(repository, ref);
    return c.json({
      sha,
      html_url: `https://github.com/${full}/commit/${sha}`,
      commit: { message: `Commit of ${ref}` },
    });
  });

  return app;
}

/** A repository as the API shows it. */
export function showRepository(state: GithubState, repository: Repository): Record<string, unknown> {
  const { id, owner, name, created_at } = repository;
  const full_name = `${owner}/${name}`;
  return {
    id,
    node_id: nodeId("Repository", id),
    name,
    full_name,
    private: repository.private,
    owner: showOwner(state, owner),
    html_url: `https://github.com/${full_name}`,
    url: `https://api.github.com/repos/${full_name}`,
    clone_url: `https://github.com/${full_name}.git`,
    description: null,
    fork: false,
    archived: false,
    disabled: false,
    default_branch: "main",
    visibility: repository.private ? "private" : "public",
    permissions: { admin: true, maintain: true, push: true, triage: true, pull: true },
    created_at,
    updated_at: created_at,
    pushed_at: created_at,
  };
}
