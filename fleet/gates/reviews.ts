import type { Code, SitefleetError } from "../../errors/index.ts";
import { plainLine } from "../../errors/plain.ts";
import { type Approver, accountOf } from "../../model/index.ts";
import type { Review, Reviewed } from "../../vendors/reviews.ts";
import { barred, type People, refusal, type Unknown, usedHint, whose } from "./people.ts";
import type { ApprovalRequest } from "./request.ts";

/** What reviews say to a request. */
export interface Said {
  /** The text of the request that they answer. */
  readonly text: string;
  readonly request: ApprovalRequest;
  /** Where they were read, for messages. */
  readonly place: string;
  readonly yes: readonly { readonly approver: Approver; readonly key: string }[];
  /** Why others do not count. */
  readonly no: readonly SitefleetError[];
}

/**
 * The first line of a review that says yes to a request. It holds the request's id, which no one can know before the request is made.
 * Pure.
 */
export const answerLine = ({ digest, id }: Pick<ApprovalRequest, "digest" | "id">): string => `approve ${digest} ${id}`;

/**
 * Whether a text says yes to a request: its first line, and that alone on it. What stands first is in no quote, no comment and no code,
 * and is seen. Phones write the first letter large. Pure.
 */
export function answers(text: string, request: Pick<ApprovalRequest, "digest" | "id">): boolean {
  const [first = ""] = text.split(/\r?\n/);
  return first.trimEnd().replace(/^A/, "a") === answerLine(request);
}

/**
 * Holds reviews against a request. Only those that concern it are told of: they are an approver's, or their text names the digest. Of
 * each person's reviews in one place the newest counts. Pure.
 *
 * @param used run by which a review was used, by its key
 */
export function judgeReviews(
  { reviews, authors }: Reviewed,
  asked: Pick<Said, "request" | "text" | "place">,
  people: People,
  now: Date,
  used: (key: string) => string | undefined = () => undefined,
): Said {
  const { request, place } = asked;
  const [yes, no]: [Said["yes"][number][], SitefleetError[]] = [[], []];
  for (const review of newest(reviews)) {
    const { by, text, key } = review;
    const owner = by === undefined ? "approval.unknown-key" : whose((one) => accountOf(one) === by.id, people);
    const known = typeof owner !== "string";
    if (!known && !text.includes(request.digest)) continue;
    const found = !known
      ? { code: owner, message: SAYS[owner] }
      : (barred(owner, people.authors, now, authors) ?? unfit(review, request, used(key)));
    // A bot stays one with whatever number.
    const why: Why | undefined = by?.person === false ? BOT : found;
    const whom = by?.login ?? "a deleted account";
    if (why)
      no.push(
        refusal(
          why.code,
          plainLine(`${place}: ${review.place}`),
          plainLine(`the review of ${whom}: ${why.message}`),
          why.hint,
        ),
      );
    else if (known) yes.push({ approver: owner, key });
  }
  return { ...asked, yes, no };
}

/** Why a review does not count. */
interface Why {
  readonly code: Code;
  readonly message: string;
  readonly hint?: string;
}

const SAYS: Readonly<Record<Unknown, string>> = {
  "approval.unknown-key": "the account is no approver's on the base branch",
  "approval.new-key": "the account is an approver's only by the change itself, not on the base branch",
};
const BOT = { code: "approval.review-bot", message: "a bot or an app said it, not a person" } as const;

/** Of each person's reviews in one place that say yes or no the newest; in a run, which tells no order, a no. Pure. */
function newest(reviews: readonly Review[]): Review[] {
  const stands = new Map<string, Review>();
  for (const review of reviews) {
    if (review.state === "remark") continue;
    const whom = `${review.place} ${review.by?.id ?? review.key}`;
    const before = stands.get(whom);
    if (before?.form === "run" && before.state === "refused") continue;
    // An earlier one may be listed later.
    if (before?.at && review.at && before.at > review.at) continue;
    stands.set(whom, review);
  }
  return [...stands.values()];
}

/** What is wrong with a review itself. Pure. */
function unfit(
  { form, state, text, commit, wanted, at, edited, attempt = 1, guarded = true }: Review,
  request: ApprovalRequest,
  used: string | undefined,
): Why | undefined {
  if (state === "dismissed") return { code: "approval.review-dismissed", message: "it was dismissed" };
  if (state !== "approved") return { code: "approval.review-refused", message: "it says no, and the newest counts" };
  if (attempt !== 1)
    return {
      code: "approval.review-attempt",
      message: `it is of attempt ${attempt} of the run, and only the first counts`,
    };
  if (!guarded)
    return { code: "approval.review-unguarded", message: "the environment requires no reviewers, so it is no gate" };
  if (commit !== wanted || commit === "")
    return {
      code: "approval.review-commit",
      message: `it is of commit ${commit.slice(0, 12) || "none"}, not of ${wanted.slice(0, 12)}`,
    };
  if (!answers(text, request))
    return { code: "approval.review-text", message: `its first line is not "approve DIGEST ID" of this request` };
  // A run's tells no time, and its text stays. What is not told of a change's is no yes.
  if (form === "change" && !(at && at >= new Date(request.notBefore)))
    return { code: "approval.review-older", message: `it is older than the request of ${request.notBefore}` };
  if (form === "change" && edited !== false)
    return { code: "approval.review-edited", message: "its text was changed afterwards; review once more" };
  if (used !== undefined)
    return {
      code: "approval.used",
      message: `it was used by run ${used}; one yes is for one run`,
      hint: usedHint(used),
    };
  return undefined;
}
