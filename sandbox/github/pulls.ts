import { Hono } from "hono";
import type { VendorContext } from "../core/index.ts";
import { showAccount, showUser } from "./people.ts";
import { type Pull, type PullReview, told } from "./pull-state.ts";
import { bodyOf, GithubError, invalid, notFound, paginate, repositoryIn, timeOf } from "./reply.ts";
import { type GithubState, nodeId, type Repository } from "./state.ts";

/** What a review's event makes of it; without one it is a draft that its author alone sees. */
const EVENTS: Readonly<Record<string, PullReview["state"]>> = {
  APPROVE: "APPROVED",
  REQUEST_CHANGES: "CHANGES_REQUESTED",
  COMMENT: "COMMENTED",
};

/** Routes below `/repos/:owner/:repo`: pull requests, their reviews and commits, and who wrote what is between two commits. */
export function pullRoutes(
  get: () => GithubState,
  repositoryOf: (owner: string, name: string) => Repository,
  context: VendorContext,
): Hono {
  const app = new Hono();
  const repository = repositoryIn(repositoryOf);

  // No such call at GitHub: makes people, pull requests, commits and runs what a test wants them to be.
  app.put("/sandbox", async (c) => {
    const repo = repository(c);
    const read = told.safeParse(await bodyOf(c.req.raw));
    if (!read.success) throw new GithubError(422, read.error.message);
    Object.assign(repo, read.data);
    context.changed();
    return c.body(null, 204);
  });

  app.get("/commits/:sha/pulls", (c) => {
    const repo = repository(c);
    const sha = c.req.param("sha");
    const held = repo.pulls.filter(
      ({ head, merge_commit_sha, commits }) =>
        head === sha || merge_commit_sha === sha || commits.some((commit) => commit.sha === sha),
    );
    if (held.length === 0 && !repo.commits.some((commit) => commit.sha === sha))
      throw new GithubError(422, `No commit found for SHA: ${sha}`);
    return c.json(paginate(c, held).map((pull) => show(repo, pull)));
  });

  app.get("/compare/:range", (c) => {
    const repo = repository(c);
    const [base, head] = c.req.param("range").split("...");
    const at = (sha: string | undefined) => repo.commits.findIndex((commit) => commit.sha === sha);
    const [from, to] = [at(base), at(head)];
    if (from < 0 || to < 0) throw notFound();
    const commits = repo.commits.slice(from + 1, to + 1);
    return c.json({ status: "ahead", total_commits: commits.length, commits: paginate(c, commits).map(showCommit) });
  });

  app.get("/pulls", (c) => {
    const repo = repository(c);
    const state = c.req.query("state") ?? "open";
    const found = repo.pulls.filter((pull) => state === "all" || pull.state === state).reverse();
    return c.json(paginate(c, found).map((pull) => show(repo, pull)));
  });

  app.get("/pulls/:number", (c) => {
    const repo = repository(c);
    const pull = pullOf(repo, c.req.param("number"));
    return c.json({ ...show(repo, pull), merged: pull.merged_at !== null, commits: pull.commits.length });
  });

  app.get("/pulls/:number/commits", (c) => {
    const { commits } = pullOf(repository(c), c.req.param("number"));
    return c.json(paginate(c, commits).map(showCommit));
  });

  app.get("/pulls/:number/reviews", (c) => {
    const repo = repository(c);
    const pull = pullOf(repo, c.req.param("number"));
    return c.json(paginate(c, pull.reviews).map((review) => showReview(repo, pull, review)));
  });

  app.post("/pulls/:number/reviews", async (c) => {
    const repo = repository(c);
    const pull = pullOf(repo, c.req.param("number"));
    const { event, body = "", commit_id = pull.head } = await bodyOf(c.req.raw);
    const state = EVENTS[String(event)];
    if (state === undefined) throw invalid("PullRequestReview", "event", "invalid");
    const { id, login } = showUser(get().login);
    if (state !== "COMMENTED" && pull.user.id === id)
      throw new GithubError(422, "Review Can not approve your own pull request");
    const review: PullReview = {
      id: get().nextId++,
      user: { id: Number(id), login: String(login), type: "User" },
      state,
      body: String(body),
      commit_id: String(commit_id),
      submitted_at: timeOf(context.now()),
      edited_at: null,
    };
    pull.reviews.push(review);
    context.changed();
    return c.json(showReview(repo, pull, review));
  });

  // Another text: REST tells nothing of it afterwards.
  app.put("/pulls/:number/reviews/:review", async (c) => {
    const repo = repository(c);
    const pull = pullOf(repo, c.req.param("number"));
    const review = reviewOf(pull, c.req.param("review"));
    const { body } = await bodyOf(c.req.raw);
    Object.assign(review, { body: String(body), edited_at: timeOf(context.now()) });
    context.changed();
    return c.json(showReview(repo, pull, review));
  });

  app.put("/pulls/:number/reviews/:review/dismissals", async (c) => {
    const repo = repository(c);
    const pull = pullOf(repo, c.req.param("number"));
    const review = reviewOf(pull, c.req.param("review"));
    const { message } = await bodyOf(c.req.raw);
    if (typeof message !== "string" || message === "") throw invalid("PullRequestReview", "message", "missing_field");
    if (review.state !== "APPROVED" && review.state !== "CHANGES_REQUESTED")
      throw new GithubError(422, "Can not dismiss a commented pull request review");
    review.state = "DISMISSED";
    context.changed();
    return c.json(showReview(repo, pull, review));
  });

  return app;
}

/** What GraphQL tells of a review that REST does not: whether its text was changed. Undefined for another question. */
export function reviewNode({ repositories }: GithubState, query: string, id: string): object | undefined {
  if (!/\bPullRequestReview\b/.test(query) || !/\blastEditedAt\b/.test(query)) return undefined;
  const reviews = [...repositories.values()].flatMap(({ pulls }) => pulls.flatMap((pull) => pull.reviews));
  const review = reviews.find((one) => nodeId("PullRequestReview", one.id) === id);
  if (review === undefined) return { data: { node: null } };
  const { edited_at } = review;
  return {
    data: { node: { databaseId: review.id, lastEditedAt: edited_at, includesCreatedEdit: edited_at !== null } },
  };
}

function pullOf(repo: Repository, number: string): Pull {
  const pull = repo.pulls.find((one) => String(one.number) === number);
  if (pull === undefined) throw notFound();
  return pull;
}

function reviewOf(pull: Pull, id: string): PullReview {
  const review = pull.reviews.find((one) => String(one.id) === id);
  if (review === undefined) throw notFound();
  return review;
}

function show(repo: Repository, pull: Pull): Record<string, unknown> {
  const { reviews, commits, head, base, user, ...fields } = pull;
  const full_name = `${repo.owner}/${repo.name}`;
  return {
    ...fields,
    id: repo.id + pull.number,
    node_id: nodeId("PullRequest", repo.id + pull.number),
    html_url: `https://github.com/${full_name}/pull/${pull.number}`,
    user: showAccount(user),
    head: { sha: head, ref: `change-${pull.number}`, repo: { id: repo.id, full_name } },
    base: { ref: base, repo: { id: repo.id, full_name } },
  };
}

function showReview(repo: Repository, pull: Pull, { edited_at, user, ...review }: PullReview): Record<string, unknown> {
  return {
    ...review,
    node_id: nodeId("PullRequestReview", review.id),
    user: user && showAccount(user),
    author_association: "MEMBER",
    html_url: `https://github.com/${repo.owner}/${repo.name}/pull/${pull.number}#pullrequestreview-${review.id}`,
  };
}

const showCommit = ({ sha, author, committer }: Pull["commits"][number]): Record<string, unknown> => ({
  sha,
  commit: { message: `Commit ${sha.slice(0, 7)}` },
  author: author && showAccount(author),
  committer: committer && showAccount(committer),
});
