import { Hono } from "hono";
import type { VendorContext } from "../core/index.ts";
import { showUser } from "./people.ts";
import { bodyOf, invalid, notFound, paginate, repositoryIn, timeOf } from "./reply.ts";
import { type Comment, type GithubState, type Issue, nodeId, type Repository, stableId } from "./state.ts";

/** Longest body of an issue or comment, in characters (GitHub answers 422 above it). */
const MAX_BODY = 65_536;

/** Routes below `/repos/:owner/:repo/issues`. */
export function issueRoutes(
  get: () => GithubState,
  repositoryOf: (owner: string, name: string) => Repository,
  context: VendorContext,
): Hono {
  const app = new Hono();
  const repository = repositoryIn(repositoryOf);
  const now = (): string => timeOf(context.now());
  const announce = (type: string, repo: Repository, issue: Issue): void => {
    context.changed();
    const data = { repository: `${repo.owner}/${repo.name}`, number: issue.number, title: issue.title };
    context.events.publish({ vendor: "github", type, at: context.now(), data });
  };

  app.get("/", (c) => {
    const repo = repository(c);
    const state = c.req.query("state") ?? "open";
    const labels = (c.req.query("labels") ?? "").split(",").filter((label) => label !== "");
    const found = repo.issues
      .filter((issue) => state === "all" || issue.state === state)
      .filter((issue) => labels.every((label) => issue.labels.includes(label)))
      .reverse();
    return c.json(paginate(c, found).map((issue) => show(repo, issue)));
  });

  app.post("/", async (c) => {
    const repo = repository(c);
    const body = await bodyOf(c.req.raw);
    if (typeof body.title !== "string" || body.title === "") throw invalid("Issue", "title", "missing_field");
    const at = now();
    const issue: Issue = {
      id: get().nextId++,
      number: repo.issues.length + 1,
      title: body.title,
      body: textOf("Issue", body.body),
      state: "open",
      user: get().login,
      labels: stringsOf(body.labels),
      assignees: stringsOf(body.assignees),
      created_at: at,
      updated_at: at,
      closed_at: null,
      comments: [],
    };
    repo.issues.push(issue);
    announce("issue.opened", repo, issue);
    return c.json(show(repo, issue), 201);
  });

  app.get("/:number", (c) => {
    const repo = repository(c);
    return c.json(show(repo, issueOf(repo, c.req.param("number"))));
  });

  app.patch("/:number", async (c) => {
    const repo = repository(c);
    const issue = issueOf(repo, c.req.param("number"));
    const body = await bodyOf(c.req.raw);
    const { state } = body;
    if (state !== undefined && state !== "open" && state !== "closed") throw invalid("Issue", "state", "invalid");
    const text = body.body === undefined ? issue.body : textOf("Issue", body.body);
    const at = now();
    if (typeof body.title === "string") issue.title = body.title;
    issue.body = text;
    if (body.labels !== undefined) issue.labels = stringsOf(body.labels);
    if (body.assignees !== undefined) issue.assignees = stringsOf(body.assignees);
    if (state !== undefined && state !== issue.state) {
      issue.state = state;
      issue.closed_at = state === "closed" ? at : null;
    }
    issue.updated_at = at;
    announce(issue.state === "closed" ? "issue.closed" : "issue.updated", repo, issue);
    return c.json(show(repo, issue));
  });

  app.get("/:number/comments", (c) => {
    const repo = repository(c);
    const issue = issueOf(repo, c.req.param("number"));
    return c.json(paginate(c, issue.comments).map((comment) => showComment(repo, issue, comment)));
  });

  app.post("/:number/comments", async (c) => {
    const repo = repository(c);
    const issue = issueOf(repo, c.req.param("number"));
    const text = textOf("IssueComment", (await bodyOf(c.req.raw)).body);
    if (text === null || text === "") throw invalid("IssueComment", "body", "missing_field");
    const at = now();
    const comment: Comment = { id: get().nextId++, user: get().login, body: text, created_at: at, updated_at: at };
    issue.comments.push(comment);
    issue.updated_at = at;
    announce("issue.commented", repo, issue);
    return c.json(showComment(repo, issue, comment), 201);
  });

  app.patch("/comments/:comment", async (c) => {
    const repo = repository(c);
    const id = Number(c.req.param("comment"));
    for (const issue of repo.issues) {
      const comment = issue.comments.find((entry) => entry.id === id);
      if (comment === undefined) continue;
      comment.body = textOf("IssueComment", (await bodyOf(c.req.raw)).body) ?? "";
      comment.updated_at = now();
      announce("issue.commented", repo, issue);
      return c.json(showComment(repo, issue, comment));
    }
    throw notFound();
  });

  return app;
}

function issueOf(repo: Repository, number: string): Issue {
  const issue = repo.issues.find((entry) => String(entry.number) === number);
  if (issue === undefined) throw notFound();
  return issue;
}

function textOf(resource: string, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "string") throw invalid(resource, "body", "invalid");
  if (value.length > MAX_BODY) {
    throw invalid(resource, "body", "unprocessable", `body is too long (maximum is ${MAX_BODY} characters)`);
  }
  return value;
}

function stringsOf(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.map((entry) => (typeof entry === "string" ? entry : String((entry as { name?: unknown })?.name)));
}

function show(repo: Repository, issue: Issue): Record<string, unknown> {
  const path = `${repo.owner}/${repo.name}/issues/${issue.number}`;
  const { comments, user, labels, assignees, ...fields } = issue;
  return {
    ...fields,
    node_id: nodeId("Issue", issue.id),
    url: `https://api.github.com/repos/${path}`,
    html_url: `https://github.com/${path}`,
    comments_url: `https://api.github.com/repos/${path}/comments`,
    user: showUser(user),
    labels: labels.map((name) => ({ id: stableId(`label ${name}`), name, color: "ededed", default: false })),
    assignees: assignees.map((login) => showUser(login)),
    assignee: assignees[0] === undefined ? null : showUser(assignees[0]),
    comments: comments.length,
    locked: false,
  };
}

function showComment(repo: Repository, issue: Issue, comment: Comment): Record<string, unknown> {
  const path = `${repo.owner}/${repo.name}/issues/${issue.number}`;
  return {
    ...comment,
    node_id: nodeId("IssueComment", comment.id),
    user: showUser(comment.user),
    html_url: `https://github.com/${path}#issuecomment-${comment.id}`,
    issue_url: `https://api.github.com/repos/${path}`,
  };
}
