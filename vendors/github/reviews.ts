import { fields, listOf, type Props, part, textOf } from "../live.ts";
import type { Review, Reviewed, ReviewQuestion, Reviews, ReviewTimes } from "../reviews.ts";
import { type Asker, asker, TIMES, unread } from "./rest.ts";

/** A review's states: docs.github.com/rest/pulls/reviews. A pending one is seen by its author alone. */
const STATES: Readonly<Record<string, Review["state"]>> = {
  APPROVED: "approved",
  CHANGES_REQUESTED: "refused",
  DISMISSED: "dismissed",
};
/** REST tells nothing of edits, and others than the author may edit a text. */
const EDITED =
  "query($id: ID!) { node(id: $id) { ... on PullRequestReview { databaseId lastEditedAt includesCreatedEdit } } }";
/** GitHub's own address of an account, by which commits from its pages are written. */
const NOREPLY = /^(\d+)\+[^@]*@users\.noreply\./;

const numberOf = (props: Props, key: string): number | undefined =>
  typeof props[key] === "number" ? (props[key] as number) : undefined;

function personOf(user: unknown): Review["by"] {
  const props = fields(user);
  const id = numberOf(props, "id");
  if (id === undefined) return undefined;
  const login = textOf(props, "login") ?? "";
  // An app's account has type `Bot`; organisations and mannequins are no persons either.
  return { id, login, person: props.type === "User" && !login.endsWith("[bot]") };
}

const timeOf = (props: Props, key: string): Date | undefined => {
  const at = new Date(textOf(props, key) ?? "");
  return Number.isNaN(at.getTime()) ? undefined : at;
};

const idsOf = (commits: readonly Props[]): number[] =>
  commits.flatMap(({ author, committer }) => [personOf(author)?.id ?? [], personOf(committer)?.id ?? []].flat());

/** Pull requests whose head is carried out, or was merged as what is carried out. */
async function pullsOf(ask: Asker, { repository, commit }: ReviewQuestion): Promise<readonly Props[] | undefined> {
  const found = await ask.pages(`/repos/${repository}/commits/${commit}/pulls`);
  return found?.filter((pull) => {
    const into = textOf(fields(fields(pull.base).repo), "full_name") ?? "";
    const merged = pull.merged_at != null && pull.merge_commit_sha === commit;
    return into.toLowerCase() === repository.toLowerCase() && (merged || fields(pull.head).sha === commit);
  });
}

async function ofPull(ask: Asker, pull: Props, question: ReviewQuestion): Promise<Review[]> {
  const { number } = pull;
  const wanted = textOf(fields(pull.head), "sha") ?? "";
  const said = (await ask.pages(`/repos/${question.repository}/pulls/${number}/reviews`)) ?? [];
  return Promise.all(
    said.map(async (review): Promise<Review> => {
      const state = STATES[textOf(review, "state") ?? ""] ?? "remark";
      const text = textOf(review, "body") ?? "";
      const by = personOf(review.user);
      const asked = state === "approved" && text.includes(question.text) && question.accounts.includes(by?.id ?? 0);
      return {
        form: "change",
        place: `pull request ${number}`,
        key: `pull-${number}-review-${review.id}`,
        by,
        state,
        text,
        commit: textOf(review, "commit_id") ?? "",
        wanted,
        at: timeOf(review, "submitted_at"),
        edited: asked ? await isEdited(ask, review) : undefined,
      };
    }),
  );
}

/** What cannot be told counts as edited. */
async function isEdited(ask: Asker, review: Props): Promise<boolean> {
  const node = fields((await ask.graphql(EDITED, { id: review.node_id })).node);
  return node.databaseId !== review.id || node.lastEditedAt !== null || node.includesCreatedEdit !== false;
}

/** Reviews of the run that this process is part of. They tell no time, and hold for each attempt of the run alike. */
async function ofRun(ask: Asker, env: Readonly<Record<string, string | undefined>>, question: ReviewQuestion) {
  const { GITHUB_RUN_ID: id, GITHUB_RUN_ATTEMPT: attempt = "1", GITHUB_REPOSITORY: own } = env;
  const { repository, commit: wanted } = question;
  if (!id || !/^\d+$/.test(id) || (own && own.toLowerCase() !== repository.toLowerCase())) return [];
  const run = await ask.get(`/repos/${repository}/actions/runs/${id}`);
  const said = listOf(run && (await ask.get(`/repos/${repository}/actions/runs/${id}/approvals`)));
  const names = said.flatMap(({ environments }) => listOf(environments).map((one) => textOf(one, "name") ?? ""));
  const gates = new Map(
    await Promise.all(
      [...new Set(names)].map(
        async (name) => [name, await gateId(ask, `/repos/${repository}/environments/${part(name)}`)] as const,
      ),
    ),
  );
  const attempts = Math.max(Number(attempt) || 2, numberOf(fields(run), "run_attempt") ?? 2);
  return said.flatMap((one) =>
    listOf(one.environments).map((environment): Review => {
      const by = personOf(one.user);
      const name = textOf(environment, "name") ?? "";
      const { state } = one;
      return {
        form: "run",
        place: `environment ${name} of run ${id}`,
        key: `run-${id}-environment-${environment.id}-user-${by?.id ?? 0}`,
        by,
        state: state === "approved" ? "approved" : state === "rejected" ? "refused" : "remark",
        text: textOf(one, "comment") ?? "",
        commit: textOf(fields(run), "head_sha") ?? "",
        wanted,
        attempt: attempts,
        guarded: environment.id !== undefined && gates.get(name) === environment.id,
      };
    }),
  );
}

/** Id of an environment that requires reviewers; undefined for one that does not: GitHub makes an unknown one without rules. */
async function gateId(ask: Asker, path: string): Promise<unknown> {
  const environment = fields(await ask.get(path));
  const guarded = listOf(environment.protection_rules).some(
    ({ type, reviewers }) => type === "required_reviewers" && listOf(reviewers).length > 0,
  );
  return guarded ? environment.id : undefined;
}

async function authorsOf(ask: Asker, pulls: readonly Props[], question: ReviewQuestion): Promise<number[]> {
  const { repository, base, commit, authors } = question;
  const since =
    base === commit
      ? []
      : await ask.pages(`/repos/${repository}/compare/${base}...${commit}`, (answer) => fields(answer).commits);
  if (since === undefined)
    throw unread(`does not know ${base.slice(0, 12)}, so not who has written the change`, "push that commit");
  const own = await Promise.all(
    pulls.map(async ({ number, user }) => {
      const commits = await ask.pages(`/repos/${repository}/pulls/${number}/commits`);
      return [personOf(user)?.id ?? [], idsOf(commits ?? [])].flat();
    }),
  );
  const mailed = authors.flatMap((address) => NOREPLY.exec(address)?.[1] ?? []).map(Number);
  return [...new Set([...idsOf(since), ...own.flat(), ...mailed])];
}

/** Reviews of pull requests and of environments: docs.github.com/rest/pulls/reviews, docs.github.com/rest/actions/workflow-runs. */
export const reviews: Reviews = {
  async read(question, env, times: ReviewTimes = TIMES): Promise<Reviewed> {
    const ask = asker(env, times);
    const pulls = await pullsOf(ask, question);
    if (pulls === undefined) {
      const { repository, commit } = question;
      const note = `GitHub shows no commit ${commit.slice(0, 12)} of ${repository} to this token: no review counts`;
      return { reviews: [], authors: [], notes: [note] };
    }
    const [changes, run] = await Promise.all([
      Promise.all(pulls.map((pull) => ofPull(ask, pull, question))),
      ofRun(ask, env, question),
    ]);
    const said = [...changes.flat(), ...run];
    const { repository, commit } = question;
    const none = `no pull request of ${repository} has ${commit.slice(0, 12)} as its head, or was merged as that`;
    // Who wrote it is asked only where a text may concern the asker.
    const concerns = said.some(({ text }) => text.includes(question.text));
    const notes = pulls.length === 0 && run.length === 0 ? [none] : [];
    return { reviews: said, authors: concerns ? await authorsOf(ask, pulls, question) : [], notes };
  },
};
