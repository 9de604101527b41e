import { SitefleetError } from "../../errors/index.ts";
import { type ChangeSet, sameChanges } from "../../fleet/change-set/index.ts";
import {
  APPROVAL_EXIT,
  type Approval,
  type ApprovalRequest,
  answerLine,
  describeChanges,
  type GatePolicy,
  keepRequest,
  keptRequest,
  newRequest,
  requestText,
  spentBy,
  type Verdict,
  verdictLines,
  type Wanted,
} from "../../fleet/gates/index.ts";
import type { FleetEvent } from "../kit/events.ts";
import type { Own } from "./gate-answers.ts";

/** The request for a change set: the one that was made before while it can still be used, else a new one. */
async function requested(
  own: Own,
  set: ChangeSet,
  wanted: Wanted & { readonly expiryHours: number },
): Promise<ApprovalRequest> {
  const kept = await keptRequest(own, wanted.digest);
  const usable =
    kept !== undefined &&
    kept.request.estate === wanted.estate &&
    new Date(kept.request.expires) > wanted.now &&
    wanted.asks.every(({ rule }) => kept.request.asks.some((one) => one.rule === rule)) &&
    (await spentBy(own, kept.request.id)) === undefined;
  const request = usable ? kept.request : newRequest({ ...wanted, ...describeChanges(set) });
  if (!usable) await keepRequest(own, { request, set });
  return request;
}

/** What differs from what was approved, change by change, where there is an unused yes to something else. */
async function differing(own: Own, set: ChangeSet, approvals: readonly Approval[]): Promise<string[] | undefined> {
  for (const { request } of approvals) {
    if (new Date(request.expires) <= new Date() || (await spentBy(own, request.id))) continue;
    const kept = await keptRequest(own, request.digest);
    if (kept?.set)
      return [`approved ${request.digest}`, `now      ${set.digest}`, ...sameChanges(kept.set, set).reasons];
  }
  return undefined;
}

/** What a run that waits tells. */
interface Waits {
  readonly digest: string;
  readonly text: string;
  readonly asks: readonly Verdict[];
  readonly review: { readonly repository: string; readonly text: string } | undefined;
  /** Why the yes that there is does not count. */
  readonly refused: SitefleetError | undefined;
  readonly differs: readonly string[] | undefined;
}

/** The refusal of a run that waits, with the request and all ways to answer it. Pure. */
function needed({ digest, text, asks, review, refused, differs }: Waits): SitefleetError {
  const answer = review
    ? [
        `or approve it by a review in ${review.repository}, of the commit that is carried out, whose first line is:`,
        review.text,
      ]
    : [];
  const { code, message, subject, hint, details } = refused ?? {
    code: differs ? "approval.differs" : "approval.needed",
    message: differs
      ? "what would be done is not what was approved; nothing was changed"
      : "this waits for an approval; nothing was changed",
    subject: digest.slice(0, 12),
    details: [],
    hint: `an approver saves the lines from "request:" on as FILE and runs: sitefleet approve --request FILE; then the same command again`,
  };
  return new SitefleetError({
    code,
    message,
    subject,
    details: [
      ...(details ?? []),
      ...verdictLines(asks, true),
      ...(differs ?? []),
      ...answer,
      "",
      ...text.trimEnd().split("\n"),
    ],
    hint,
    exitCode: APPROVAL_EXIT,
  });
}

/**
 * Makes the request for what would be done, or finds the one that can still be answered.
 *
 * @param approvals all that there are
 * @param refused why the yes that there is does not count
 * @returns what is told of it, and the refusal that holds it
 */
export async function waiting(
  { own, set, wanted, policy }: { own: Own; set: ChangeSet; wanted: Wanted; policy: GatePolicy },
  approvals: readonly Approval[],
  refused: SitefleetError | undefined,
): Promise<{ error: SitefleetError; event: FleetEvent }> {
  const { operation, digest, estate, asks } = wanted;
  const request = await requested(own, set, { ...wanted, expiryHours: policy.now.expiryHours });
  const text = requestText(request);
  const { reviewed: repository } = policy;
  const review = repository === undefined ? undefined : { repository, text: answerLine(request) };
  const differs = refused ? undefined : await differing(own, set, approvals);
  const sentences = asks.map(({ sentence }) => sentence);
  return {
    error: needed({ digest, text, asks, review, refused, differs }),
    event: { event: "approval-waiting", operation, digest, estate, sentences, request: text, review },
  };
}
