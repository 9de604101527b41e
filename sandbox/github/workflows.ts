import { Hono } from "hono";
import type { VendorContext } from "../core/index.ts";
import { showAccount, showUser } from "./people.ts";
import type { Run } from "./pull-state.ts";
import { bodyOf, GithubError, notFound, paginate, repositoryIn, timeOf } from "./reply.ts";
import { type GithubState, nodeId, type Repository, stableId } from "./state.ts";

/**
 * Routes below `/repos/:owner/:repo` that trigger workflows and show their runs. Nothing runs here: a dispatched run is
 * queued at once and finished successfully on the next look, unless it is set otherwise (PATCH, sandbox only).
 */
export function workflowRoutes(
  get: () => GithubState,
  repositoryOf: (owner: string, name: string) => Repository,
  context: VendorContext,
): Hono {
  const app = new Hono();
  const repository = repositoryIn(repositoryOf);
  const start = (repo: Repository, fields: Pick<Run, "workflow" | "event" | "ref" | "inputs">): Run => {
    const at = timeOf(context.now());
    const run_number = repo.runs.filter((entry) => entry.workflow === fields.workflow).length + 1;
    const id = get().nextId++;
    const fresh = { status: "queued", conclusion: null, run_attempt: 1, head_sha: "" } as const;
    const run: Run = { id, ...fields, ...fresh, approvals: [], run_number, created_at: at, updated_at: at };
    repo.runs.push(run);
    context.changed();
    const data = { repository: `${repo.owner}/${repo.name}`, run: run.id, workflow: run.workflow, event: run.event };
    context.events.publish({ vendor: "github", type: "workflow.dispatched", at: context.now(), data });
    return run;
  };

  app.post("/actions/workflows/:workflow/dispatches", async (c) => {
    const repo = repository(c);
    const body = await bodyOf(c.req.raw);
    if (typeof body.ref !== "string" || body.ref === "") {
      throw new GithubError(422, 'Invalid request.\n\n"ref" wasn\'t supplied.');
    }
    const inputs = (body.inputs ?? {}) as Record<string, unknown>;
    const run = start(repo, { workflow: c.req.param("workflow"), event: "workflow_dispatch", ref: body.ref, inputs });
    if (body.return_run_details !== true) return c.body(null, 204);
    const path = `${repo.owner}/${repo.name}/actions/runs/${run.id}`;
    const html_url = `https://github.com/${path}`;
    return c.json({ workflow_run_id: run.id, run_url: `https://api.github.com/repos/${path}`, html_url });
  });

  app.post("/dispatches", async (c) => {
    const repo = repository(c);
    const body = await bodyOf(c.req.raw);
    if (typeof body.event_type !== "string" || body.event_type === "") {
      throw new GithubError(422, 'Invalid request.\n\n"event_type" wasn\'t supplied.');
    }
    const inputs = (body.client_payload ?? {}) as Record<string, unknown>;
    start(repo, { workflow: body.event_type, event: "repository_dispatch", ref: "main", inputs });
    return c.body(null, 204);
  });

  const list = (repo: Repository, query: (name: string) => string | undefined, workflow?: string): Run[] =>
    repo.runs
      .filter((run) => workflow === undefined || run.workflow === workflow)
      .filter((run) => [run.status, run.conclusion, undefined].includes(query("status")))
      .filter((run) => [run.event, undefined].includes(query("event")))
      .filter((run) => [run.ref, undefined].includes(query("branch")))
      .reverse();

  app.get("/actions/runs", (c) => {
    const repo = repository(c);
    const runs = list(repo, (name) => c.req.query(name));
    const answer = { total_count: runs.length, workflow_runs: paginate(c, runs).map((run) => show(repo, run)) };
    advance(repo, context);
    return c.json(answer);
  });

  app.get("/actions/workflows/:workflow/runs", (c) => {
    const repo = repository(c);
    const runs = list(repo, (name) => c.req.query(name), c.req.param("workflow"));
    const answer = { total_count: runs.length, workflow_runs: paginate(c, runs).map((run) => show(repo, run)) };
    advance(repo, context);
    return c.json(answer);
  });

  app.get("/actions/runs/:run", (c) => {
    const repo = repository(c);
    const run = runOf(repo, c.req.param("run"));
    const answer = show(repo, run);
    advance(repo, context, run);
    return c.json(answer);
  });

  app.get("/actions/runs/:run/approvals", (c) => {
    const repo = repository(c);
    const { approvals } = runOf(repo, c.req.param("run"));
    return c.json(
      approvals.map(({ gates, user, ...said }) => ({
        ...said,
        user: showAccount(user),
        environments: gates.map((name) => {
          const known = repo.environments.get(name.toLowerCase());
          return { id: known?.id ?? 0, node_id: nodeId("Environment", known?.id ?? 0), name };
        }),
      })),
    );
  });

  app.post("/actions/runs/:run/cancel", (c) => {
    const run = runOf(repository(c), c.req.param("run"));
    if (run.status === "completed") throw new GithubError(409, "Cannot cancel a workflow run that is completed.");
    finish(run, "cancelled", context);
    return c.json({}, 202);
  });

  // No such call at GitHub: lets a test decide how a run ends.
  app.patch("/actions/runs/:run", async (c) => {
    const repo = repository(c);
    const run = runOf(repo, c.req.param("run"));
    const { conclusion } = await bodyOf(c.req.raw);
    if (typeof conclusion !== "string") throw new GithubError(422, "conclusion is missing");
    finish(run, conclusion, context);
    return c.json(show(repo, run));
  });

  return app;
}

function advance(repo: Repository, context: VendorContext, only?: Run): void {
  for (const run of only === undefined ? repo.runs : [only])
    if (run.status !== "completed") finish(run, "success", context);
}

function finish(run: Run, conclusion: string, context: VendorContext): void {
  run.status = "completed";
  run.conclusion = conclusion;
  run.updated_at = timeOf(context.now());
  context.changed();
}

function runOf(repo: Repository, id: string): Run {
  const run = repo.runs.find((entry) => String(entry.id) === id);
  if (run === undefined) throw notFound();
  return run;
}

function show(repo: Repository, run: Run): Record<string, unknown> {
  const path = `${repo.owner}/${repo.name}/actions/runs/${run.id}`;
  return {
    id: run.id,
    node_id: nodeId("WorkflowRun", run.id),
    name: run.workflow,
    path: `.github/workflows/${run.workflow}`,
    workflow_id: stableId(`workflow ${run.workflow}`),
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    head_branch: run.ref,
    run_number: run.run_number,
    run_attempt: run.run_attempt,
    head_sha: run.head_sha,
    created_at: run.created_at,
    updated_at: run.updated_at,
    url: `https://api.github.com/repos/${path}`,
    html_url: `https://github.com/${path}`,
    actor: showUser("sitefleet-bot"),
  };
}
