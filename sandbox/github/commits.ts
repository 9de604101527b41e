import { type Context, Hono } from "hono";
import type { VendorContext } from "../core/index.ts";
import { showUser } from "./people.ts";
import { bodyOf, describedIn, GithubError, invalid, isSha, notFound, paginate, repositoryIn, timeOf } from "./reply.ts";
import { type GithubState, nodeId, type Repository } from "./state.ts";

/** States of a commit (docs.github.com/rest/commits/statuses). */
const STATES = ["error", "failure", "pending", "success"];
/** Statuses of one commit and context; GitHub answers 422 above it. */
const MAX_STATUSES = 1000;

/** Statuses of commits, and git references: docs.github.com/rest/commits/statuses, /rest/git/refs. */
export function commitRoutes(
  get: () => GithubState,
  repositoryOf: (owner: string, name: string) => Repository,
  context: VendorContext,
): Hono {
  const app = new Hono();
  const repository = repositoryIn(repositoryOf);

  app.post("/statuses/:sha", async (c) => {
    const repo = repository(c);
    const sha = c.req.param("sha");
    if (!isSha(sha)) throw new GithubError(422, `No commit found for SHA: ${sha}`);
    const body = await bodyOf(c.req.raw);
    const { state, context: name = "default", target_url = null } = body;
    if (typeof state !== "string" || !STATES.includes(state)) throw invalid("Status", "state", "invalid");
    const own = repo.statuses.filter((one) => one.sha === sha && one.context === name);
    if (own.length >= MAX_STATUSES)
      throw new GithubError(422, "Validation Failed", [
        {
          resource: "Status",
          code: "custom",
          message: "This SHA and context has reached the maximum number of statuses.",
        },
      ]);
    const made = {
      id: get().nextId++,
      sha,
      state,
      context: String(name),
      description: describedIn("Status", body.description),
      target_url: target_url === null ? null : String(target_url),
      creator: get().login,
      created_at: timeOf(context.now()),
    };
    repo.statuses.push(made);
    context.changed();
    return c.json(show(made), 201);
  });

  app.get("/commits/:sha/statuses", (c) => {
    const of = repository(c).statuses.filter(({ sha }) => sha === c.req.param("sha"));
    return c.json(paginate(c, of.toReversed()).map(show));
  });

  app.post("/git/refs", async (c) => {
    const repo = repository(c);
    const { ref, sha } = await bodyOf(c.req.raw);
    if (typeof ref !== "string" || !/^refs\/[^/]+\/./.test(ref))
      throw new GithubError(422, "Reference name must start with 'refs' and have at least two slashes");
    if (!isSha(sha)) throw new GithubError(422, "Object does not exist");
    if (repo.refs.some((one) => one.ref === ref)) throw new GithubError(422, "Reference already exists");
    repo.refs.push({ ref, sha });
    context.changed();
    return c.json(showRef(repo, { ref, sha }), 201);
  });

  app.get("/git/ref/:kind/:name{.+}", (c: Context) => {
    const repo = repository(c);
    const ref = `refs/${c.req.param("kind")}/${c.req.param("name")}`;
    const found = repo.refs.find((one) => one.ref === ref);
    if (found === undefined) throw notFound();
    return c.json(showRef(repo, found));
  });

  return app;
}

function show({ creator, sha: _, ...fields }: Repository["statuses"][number]): Record<string, unknown> {
  return {
    ...fields,
    node_id: nodeId("StatusContext", fields.id),
    updated_at: fields.created_at,
    creator: showUser(creator),
  };
}

function showRef(repo: Repository, { ref, sha }: Repository["refs"][number]): Record<string, unknown> {
  const base = `https://api.github.com/repos/${repo.owner}/${repo.name}/git`;
  return { ref, url: `${base}/${ref}`, object: { type: "commit", sha, url: `${base}/commits/${sha}` } };
}
