import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { type ChangeSet, isPartOf } from "../../fleet/change-set/index.ts";
import {
  type Approval,
  type ApprovedRun,
  type Found,
  findApproval,
  type GatePolicy,
  judgeReviews,
  type KeptRequest,
  keptRequest,
  keyOfReview,
  notedRun,
  parseApproval,
  readSignature,
  requestText,
  type Said,
  spend,
  spentBy,
  usedError,
  verifyText,
  type Wanted,
} from "../../fleet/gates/index.ts";
import { accountOf } from "../../model/index.ts";
import { VENDORS } from "../../vendors/index.ts";
import { failureOf } from "../kit/failure.ts";

/** Where this backend's own objects are. */
export type Own = Parameters<typeof keptRequest>[0];

/** The answers to what a run asks. */
interface Answers {
  /** All signed ones that there are. */
  readonly approvals: readonly Approval[];
  /** The one that counts. */
  readonly found?: Found | undefined;
  /** Why the one that there is does not count. */
  readonly refused?: SitefleetError | undefined;
  /** Said to people. */
  readonly notes: readonly string[];
}

/** Where answers are looked for. */
interface Where {
  readonly catalogDir: string;
  /** Files, beside those of `approvals/`. */
  readonly approvals: readonly string[] | undefined;
}

/**
 * Looks for a yes that counts: signatures first, which need no network, then with them what reviews say to the same request.
 *
 * @throws SitefleetError `approval.malformed` for a file that was named
 */
export async function answersTo(own: Own, policy: GatePolicy, wanted: Wanted, where: Where): Promise<Answers> {
  const approvals = readApprovals(where.catalogDir, where.approvals ?? [], wanted.digest);
  const verifier = { read: readSignature, verify: verifyText };
  const used = async (id: string) => (await spentBy(own, id))?.run;
  const kept = await keptRequest(own, wanted.digest);
  const known = { ...wanted, asked: kept ? requestText(kept.request) : "" };
  const find = async (said?: Said): Promise<Pick<Answers, "found" | "refused">> => {
    try {
      return { found: await findApproval(approvals, known, policy.people, verifier, used, said) };
    } catch (error) {
      if (error instanceof SitefleetError) return { refused: error };
      throw error;
    }
  };
  const signed = await find();
  if (signed.found !== undefined || policy.reviewed === undefined || kept === undefined)
    return { approvals, ...signed, notes: [] };
  try {
    const { said, notes } = await reviewsOf(policy, kept, wanted.now, used);
    const both = await find(said);
    const told = said.no.map(({ subject, message }) => `${subject}: ${message}`);
    return { approvals, ...both, notes: [...notes, ...told] };
  } catch (error) {
    const { code, message } = failureOf(error);
    if (code !== "approval.unread") throw error;
    return { approvals, ...signed, notes: [`reviews were not read, only signatures count: ${message}`] };
  }
}

/** What reviews say to a request. @throws SitefleetError `approval.unread` */
async function reviewsOf(
  { reviewed = "", base, people }: GatePolicy,
  { request }: KeptRequest,
  now: Date,
  used: (id: string) => Promise<string | undefined>,
): Promise<{ said: Said; notes: readonly string[] }> {
  const asked = { request, text: requestText(request), place: reviewed };
  const reader = VENDORS.find(({ reviews }) => reviews !== undefined)?.reviews;
  if (reader === undefined || base?.head === undefined)
    return { said: { ...asked, yes: [], no: [] }, notes: ["reviews are of commits: what is in none has no review"] };
  const question = {
    repository: reviewed,
    commit: base.head,
    base: base.from,
    authors: people.authors,
    text: request.digest,
    accounts: people.base.flatMap((one) => accountOf(one) ?? []),
  };
  const read = await reader.read(question, environment());
  const reviews = read.reviews.map((review) => ({ ...review, key: keyOfReview(reviewed, review.key) }));
  const runs = reviews
    .filter(({ by }) => by && question.accounts.includes(by.id))
    .map(async ({ key }) => [key, await used(key)] as const);
  const by = new Map(await Promise.all(runs));
  const said = judgeReviews({ ...read, reviews }, asked, people, now, (key) => by.get(key));
  return { said, notes: read.notes };
}

/**
 * Uses a yes up, with all reviews that it stands on.
 *
 * @param spent by whom
 * @throws SitefleetError `approval.used`
 */
export async function spendAll(
  own: Own,
  { approval, reviews }: Found,
  spent: Parameters<typeof spend>[2],
): Promise<void> {
  for (const key of [approval.request.id, ...reviews]) {
    const first = await spend(own, key, spent);
    if (first && first.run !== spent.run) throw usedError(approval, first.run);
  }
}

/** With whose yes the run began that this one goes on with, when all that is left is part of what it was for. */
export async function restOf(
  own: Own,
  set: ChangeSet,
  run: string,
  now = new Date(),
): Promise<ApprovedRun | undefined> {
  const noted = await notedRun(own, run);
  const kept = noted && (await keptRequest(own, noted.digest));
  // A later request for the same does not make the yes hold longer.
  if (!noted || !kept?.set || new Date(noted.expires ?? kept.request.expires) <= now) return undefined;
  return isPartOf(set, kept.set) ? noted : undefined;
}

/** Folder of approvals beside the catalog. */
const FOLDER = "approvals";
/** Approvals that are read; older ones are history. */
const MOST = 1000;

/** All approvals that there are. One for other changes that cannot be read is passed over. */
function readApprovals(catalogDir: string, named: readonly string[], digest: string): Approval[] {
  const dir = join(resolve(catalogDir), "..", FOLDER);
  const files = existsSync(dir) ? readdirSync(dir).filter((name) => /^[0-9a-f]{64}.*\.yaml$/.test(name)) : [];
  const read = (file: string, must: boolean): Approval[] => {
    try {
      return [parseApproval(readFileSync(file, "utf8"), file)];
    } catch (cause) {
      if (!must) return [];
      if (cause instanceof SitefleetError) throw cause;
      throw new SitefleetError({
        code: "approval.malformed",
        message: "the file cannot be read",
        subject: file,
        cause,
      });
    }
  };
  return [
    ...named.flatMap((file) => read(file, true)),
    ...files.slice(0, MOST).flatMap((name) => read(join(dir, name), name.startsWith(digest))),
  ];
}
