import { parse, stringify } from "yaml";
import { z } from "zod";
import { type Code, SitefleetError } from "../../errors/index.ts";
import type { Approver, Area } from "../../model/index.ts";
import { barred, type People, refusal, type Unknown, usedHint, whose } from "./people.ts";
import { type ApprovalRequest, parseRequest } from "./request.ts";
import type { Said } from "./reviews.ts";
import { NAMESPACE, type SignatureHead } from "./signature.ts";
import type { Verdict } from "./types.ts";

const approvalShape = z.strictObject({
  approval: z.literal(1),
  request: z.string(),
  signatures: z
    .array(z.strictObject({ signature: z.string() }))
    .min(1)
    .max(20),
});

/** A yes, or several, to one request. */
export interface Approval {
  /** Its file, for messages. */
  readonly file: string;
  /** Exactly the text that was signed. */
  readonly text: string;
  readonly request: ApprovalRequest;
  readonly signatures: readonly string[];
}

/** The file of an approval. Pure. */
export const approvalText = (request: string, signatures: readonly string[]): string =>
  stringify({ approval: 1, request, signatures: signatures.map((signature) => ({ signature })) }, { lineWidth: 0 });

/** Reads an approval. @throws SitefleetError `approval.malformed` */
export function parseApproval(text: string, file: string): Approval {
  let value: unknown;
  try {
    value = parse(text);
  } catch {
    value = undefined;
  }
  const read = approvalShape.safeParse(value);
  if (!read.success)
    throw refusal("approval.malformed", file, "the file is no approval, or it was cut, wrapped or changed on its way");
  const { request, signatures } = read.data;
  return {
    file,
    text: request,
    request: parseRequest(request, file),
    signatures: signatures.map(({ signature }) => signature),
  };
}

/** What is to be carried out. */
export interface Wanted {
  readonly estate: string;
  readonly operation: string;
  readonly digest: string;
  readonly stacks: readonly string[];
  /** The verdicts that ask. */
  readonly asks: readonly Verdict[];
  readonly now: Date;
  /**
   * The text of the request that the estate has made last for this digest; empty: it has made none. Another text with the same digest
   * may say something else of the changes. @default not compared
   */
  readonly asked?: string | undefined;
}

/** How signatures are read and verified. */
export interface Verifier {
  read(signature: string): SignatureHead | undefined;
  verify(text: string, signature: string, key: string): Promise<boolean>;
}

const keyOf = (key: string): string => key.split(" ").slice(0, 2).join(" ");

/**
 * Holds an approval against what is to be carried out. Each way in which it does not count has a code of its own.
 *
 * @param said what reviews say to the same request
 * @returns names of the approvers whose yes counts
 * @throws SitefleetError `approval.*`
 */
async function checkApproval(
  approval: Approval,
  wanted: Wanted,
  people: People,
  { read, verify }: Verifier,
  said: Said | undefined,
): Promise<Omit<Found, "approval">> {
  const { file, text, request, signatures } = approval;
  const no = (code: Code, message: string, hint?: string) => refusal(code, file, message, hint);
  if (request.digest !== wanted.digest)
    throw no("approval.differs", `it is for digest ${request.digest.slice(0, 12)}, not ${wanted.digest.slice(0, 12)}`);
  if (request.estate !== wanted.estate)
    throw no("approval.estate", `it is for the estate ${request.estate}, not ${wanted.estate}`);
  const lacks = wanted.stacks.filter((stack) => !request.stacks.includes(stack));
  if (lacks.length > 0) throw no("approval.scope", `its scope lacks ${lacks.join(", ")}`);
  if (wanted.now < new Date(request.notBefore)) throw no("approval.early", `it holds from ${request.notBefore} on`);
  if (wanted.now >= new Date(request.expires)) throw no("approval.expired", `it held until ${request.expires}`);
  const signers = new Map<string, Approver>();
  const reasons: SitefleetError[] = [];
  for (const signature of signatures) {
    const head = read(signature);
    if (head === undefined)
      throw no("approval.malformed", "a signature cannot be read: it was cut or wrapped on its way");
    if (head.namespace !== NAMESPACE)
      throw no("approval.namespace", `a signature was made for ${head.namespace || "nothing"}, not for ${NAMESPACE}`);
    const found = whose(({ keys }) => keys.some((one) => keyOf(one) === head.key), people);
    if (typeof found === "string") {
      reasons.push(no(found, SAYS[found]));
      continue;
    }
    if (!(await verify(text, signature, head.key)))
      throw no(
        "approval.forged",
        `a signature does not fit the request: it was not made by ${found.name} for this text`,
      );
    const why = barred(found, people.authors, wanted.now);
    if (why) reasons.push(no(why.code, why.message));
    else signers.set(found.name, found);
  }
  // One person's signature and review are one yes.
  const reviews = said?.yes.filter(({ approver }) => !signers.has(approver.name)) ?? [];
  for (const { approver } of reviews) signers.set(approver.name, approver);
  requireEnough(wanted.asks, [...signers.values()], file, [...reasons, ...(said?.no ?? [])]);
  // A yes to one rule is none to another that has begun to ask since, e.g. because its window has closed.
  const silent = wanted.asks.find(({ rule }) => !request.asks.some((one) => one.rule === rule));
  if (silent) throw no("approval.scope", `its request says nothing of rule ${silent.rule}, which asks now`);
  return { approvers: [...signers.keys()], reviews: reviews.map(({ key }) => key) };
}

const SAYS: Readonly<Record<Unknown, string>> = {
  "approval.unknown-key": "a key that signed is no approver's on the base branch",
  "approval.new-key": "a key that signed is an approver's only by the change itself, not on the base branch",
};

/** Every rule that asks has as many yeses as it wants, of people who may say yes to it. @throws SitefleetError `approval.area`, `approval.count`, or the reason why a yes did not count */
function requireEnough(
  asks: readonly Verdict[],
  signers: readonly Approver[],
  file: string,
  reasons: readonly SitefleetError[] = [],
): void {
  for (const { rule, area, approvals } of asks) {
    const may = signers.filter(({ areas }) => (areas as readonly Area[]).includes(area));
    if (may.length >= approvals) continue;
    // Why a yes did not count says more than that one is missing.
    if (reasons[0]) throw reasons[0];
    if (may.length === 0 && signers.length > 0)
      throw refusal(
        "approval.area",
        file,
        `${signers.map(({ name }) => name).join(", ")} may not approve ${area} (rule ${rule})`,
      );
    throw refusal(
      "approval.count",
      file,
      `rule ${rule} needs ${approvals} approvals of area ${area}, and has ${may.length}`,
    );
  }
}

/** What stands before a run whose rules ask. */
export interface Found {
  readonly approval: Approval;
  /** Whose yes counts. */
  readonly approvers: readonly string[];
  /** Keys of the reviews among them. */
  readonly reviews: readonly string[];
}

/**
 * The approval with which a run may go on: it counts, and was not used.
 *
 * @param approvals all that there are; those for other digests are passed over
 * @param used by whom an approval was used, by the id of its request
 * @param said what reviews say to the request that they are asked for: together with its signatures, or alone
 * @returns undefined when there is none for this digest
 * @throws SitefleetError `approval.*`: why the one that there is does not count
 */
export async function findApproval(
  approvals: readonly Approval[],
  wanted: Wanted,
  people: People,
  verifier: Verifier,
  used: (id: string) => Promise<string | undefined>,
  said?: Said,
): Promise<Found | undefined> {
  let first: SitefleetError | undefined;
  for (const approval of withReviews(approvals, said).filter(({ request }) => request.digest === wanted.digest)) {
    try {
      // To the letter: a file could give the same id another scope or end.
      const same = said?.text === approval.text ? said : undefined;
      const counts = await checkApproval(approval, wanted, people, verifier, same);
      const by = await used(approval.request.id);
      if (by !== undefined) throw usedError(approval, by);
      if (wanted.asked !== undefined && wanted.asked !== approval.text)
        throw refusal(
          "approval.unasked",
          approval.file,
          "its request is not the one that this estate has made last for these changes: it may say something else of them",
        );
      return { approval, ...counts };
    } catch (error) {
      if (!(error instanceof SitefleetError)) throw error;
      first ??= error;
    }
  }
  if (first) throw first;
  return undefined;
}

/** What reviews alone say yes to is an approval without signatures. Pure. */
function withReviews(approvals: readonly Approval[], said: Said | undefined): readonly Approval[] {
  if (said === undefined || said.yes.length + said.no.length === 0) return approvals;
  if (approvals.some(({ text }) => text === said.text)) return approvals;
  const { place, text, request } = said;
  return [...approvals, { file: `reviews at ${place}`, text, request, signatures: [] }];
}

/** The refusal of an approval that another run has used. Pure. */
export const usedError = ({ file }: Pick<Approval, "file">, by: string): SitefleetError =>
  refusal("approval.used", file, `it was used by run ${by}; one yes is for one run`, usedHint(by));
