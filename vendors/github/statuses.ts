import { SitefleetError } from "../../errors/index.ts";
import { fields, type Props } from "../live.ts";
import type { Shown, Standing, StatusBoard, Statuses, TrackedIssue } from "../statuses.ts";
import { type Board, openBoard } from "./board.ts";

/** docs.github.com/rest/commits/statuses and /rest/deployments/statuses. */
const COMMIT_STATE: Readonly<Record<Standing, string>> = {
  running: "pending",
  waiting: "pending",
  done: "success",
  failed: "failure",
};
const DEPLOYMENT_STATE: Readonly<Record<Standing, string>> = { ...COMMIT_STATE, running: "in_progress" };

const urlOf = ({ html_url, url }: Props): string | undefined => {
  const found = html_url ?? url;
  return typeof found === "string" ? found : undefined;
};
const shown = (did: Shown["did"], entry: Props, handle: unknown = entry.id): Shown => ({
  did,
  handle: String(handle),
  url: urlOf(entry),
});

/** What was looked for, and whether it had to be made. */
interface Found {
  readonly entry: Props;
  readonly did: "made" | "unchanged";
}

/** Deployments, statuses, tags and issues of a repository. */
export const statuses: Statuses = {
  longest: 140,
  open(repository, token, env): StatusBoard {
    const board = openBoard(repository, token, env);
    return {
      status: (commit, context, standing, description) =>
        board.ensure(
          async () => {
            const last = await board.find(`/commits/${commit}/statuses`, (one) => one.context === context);
            const same = last?.state === COMMIT_STATE[standing] && last.description === description;
            return same ? shown("unchanged", last) : undefined;
          },
          async () =>
            shown(
              "made",
              await board.write("POST", `/statuses/${commit}`, { state: COMMIT_STATE[standing], description, context }),
            ),
        ),
      deployment: (...of) => showDeployment(board, ...of),
      tag: (commit, name) => showTag(board, repository, commit, name),
      issue: (issue, known) => showIssue(board, issue, known),
    };
  },
};

const showDeployment: (board: Board, ...of: Parameters<StatusBoard["deployment"]>) => Promise<Shown> = async (
  board,
  commit,
  run,
  { environment, standing, text },
  known,
) => {
  const query = `sha=${commit}&environment=${encodeURIComponent(environment)}`;
  const deployment = await board.ensure(
    async () => {
      const found =
        (known === undefined ? undefined : await board.get(`/deployments/${known}`)) ??
        (await board.find(`/deployments?${query}`, ({ payload }) => runIn(payload) === run));
      return found && shown("unchanged", found);
    },
    async () =>
      shown(
        "made",
        await board.write("POST", "/deployments", {
          ref: commit,
          environment,
          description: text,
          payload: { sitefleet: run },
          // It is done already: nothing is merged, and no check is waited for.
          auto_merge: false,
          required_contexts: [],
        }),
      ),
  );
  const path = `/deployments/${deployment.handle}/statuses`;
  const state = DEPLOYMENT_STATE[standing];
  const said = await board.ensure(
    async () => {
      // The newest stands first.
      const last = await board.find(path, () => true);
      return last?.state === state && last.description === text ? shown("unchanged", last) : undefined;
    },
    async () => shown("changed", await board.write("POST", path, { state, description: text })),
  );
  return deployment.did === "made" ? deployment : { ...deployment, did: said.did };
};

/** The payload as it was given, or as text. */
function runIn(payload: unknown): unknown {
  try {
    return fields(typeof payload === "string" ? JSON.parse(payload) : payload).sitefleet;
  } catch {
    return undefined;
  }
}

async function showTag(board: Board, repository: string, commit: string, name: string): Promise<Shown> {
  const at = (ref: Props) => fields(ref.object).sha;
  const tag = await board.ensure<Found>(
    async () => {
      const found = await board.get(`/git/ref/tags/${encodeURIComponent(name)}`);
      return found && { entry: found, did: "unchanged" };
    },
    async () => ({
      entry: await board.write("POST", "/git/refs", { ref: `refs/tags/${name}`, sha: commit }),
      did: "made",
    }),
  );
  if (at(tag.entry) === commit) return { did: tag.did, handle: name, url: undefined };
  throw new SitefleetError({
    code: "report.unpublished",
    message: `the tag ${name} is at ${String(at(tag.entry)).slice(0, 12)}, not at ${commit.slice(0, 12)}; it is left alone`,
    subject: repository,
  });
}

async function showIssue(
  board: Board,
  { mark, title, body, label, over }: TrackedIssue,
  known: string | undefined,
): Promise<Shown> {
  const hidden = `<!-- sitefleet: ${mark.replace(/[^\w. -]/g, "")} -->`;
  const text = `${body.trimEnd()}\n\n${hidden}`;
  const has = (entry: Props) =>
    typeof entry.body === "string" && entry.body.includes(hidden) && entry.pull_request === undefined;
  const made = await board.ensure<Found>(
    async () => {
      const before = known === undefined ? undefined : await board.get(`/issues/${known}`);
      const found =
        before !== undefined && has(before)
          ? before
          : await board.find(`/issues?state=all&labels=${encodeURIComponent(label)}`, has);
      return found && { entry: found, did: "unchanged" };
    },
    async () => ({
      entry: await board.write("POST", "/issues", { title, body: text, labels: [label] }),
      did: "made",
    }),
  );
  const { entry, did } = made;
  const close = over && entry.state !== "closed" ? { state: "closed", state_reason: "completed" } : {};
  const same = entry.title === title && String(entry.body).trimEnd() === text && Object.keys(close).length === 0;
  if (same) return shown(did, entry, entry.number);
  const path = `/issues/${String(entry.number)}`;
  const changed = await board.ensure(
    async () => undefined,
    () => board.write("PATCH", path, { title, body: text, ...close }),
  );
  return shown(did === "made" ? "made" : "changed", changed, entry.number);
}
