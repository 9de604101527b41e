import { parse, stringify } from "yaml";
import { z } from "zod";
import { type Code, SitefleetError } from "../../errors/index.ts";
import type { Approver, Area } from "../../model/index.ts";
import { type ApprovalRequest, parseRequest } from "./request.ts";
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

/** Who may approve, and who may not. */
export interface People {
  /** As they are on the base branch. */
  readonly base: readonly Approver[];
  /** As the change and the newest base branch have them: whom one of them takes away approves no more. @default none */
  readonly later?: readonly (readonly Approver[])[];
  /** Mail addresses of the change's authors and committers, lower case. */
  readonly authors: readonly string[];
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
 * @returns names of the approvers whose yes counts
 * @throws SitefleetError `approval.*`
 */
async function checkApproval(
  approval: Approval,
  wanted: Wanted,
  people: People,
  { read, verify }: Verifier,
): Promise<string[]> {
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
    const found = whose(head.key, people);
    if (typeof found === "string") {
      reasons.push(no(found, SAYS[found]));
      continue;
    }
    if (!(await verify(text, signature, head.key)))
      throw no(
        "approval.forged",
        `a signature does not fit the request: it was not made by ${found.name} for this text`,
      );
    if (found.until !== undefined && wanted.now.toISOString().slice(0, 10) > found.until)
      reasons.push(no("approval.unknown-key", `${found.name} may approve until ${found.until}`));
    else if (isAuthor(found, people.authors))
      reasons.push(no("approval.author", `${found.name} is an author of the change; the own yes does not count`));
    else signers.set(found.name, found);
  }
  requireEnough(wanted.asks, [...signers.values()], file, reasons);
  return [...signers.keys()];
}

type Unknown = "approval.unknown-key" | "approval.new-key";
const SAYS: Readonly<Record<Unknown, string>> = {
  "approval.unknown-key": "a key that signed is no approver's on the base branch",
  "approval.new-key": "a key that signed is an approver's only by the change itself, not on the base branch",
};

/** Whose key this is. A key that was taken away since does not count either. */
function whose(key: string, { base, later = [] }: People): Approver | Unknown {
  const holds = (approver: Approver) => approver.keys.some((one) => keyOf(one) === key);
  const before = base.find(holds);
  const since = later.map((people) => people.find(holds));
  if (before === undefined) return since.some((one) => one) ? "approval.new-key" : "approval.unknown-key";
  const all: Approver[] = [before];
  for (const one of since) {
    if (one === undefined) return "approval.unknown-key";
    all.push(one);
  }
  // Of several descriptions of a person the narrowest holds.
  const areas = before.areas.filter((area) => all.every((one) => one.areas.includes(area)));
  return {
    ...before,
    emails: all.flatMap(({ emails }) => emails),
    areas,
    until: all.map(({ until }) => until).reduce(earlier),
  };
}

const earlier = (a: string | undefined, b: string | undefined) =>
  a === undefined ? b : b === undefined || a < b ? a : b;

const isAuthor = ({ emails }: Approver, authors: readonly string[]): boolean =>
  emails.some((email) => authors.includes(email.toLowerCase()));

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

function refusal(code: Code, file: string, message: string, hint?: string): SitefleetError {
  return new SitefleetError({ code, message, subject: file, hint: hint ?? HINT, exitCode: APPROVAL_EXIT });
}

const HINT = "ask again: sitefleet up makes the request, sitefleet approve signs it (docs/guides/approvals.md)";
/** Exit code of a run that waits for an approval, see docs/reference/cli.md. */
export const APPROVAL_EXIT = 6;

/** What stands before a run whose rules ask. */
export interface Found {
  readonly approval: Approval;
  /** Whose yes counts. */
  readonly approvers: readonly string[];
}

/**
 * The approval with which a run may go on: it counts, and was not used.
 *
 * @param approvals all that there are; those for other digests are passed over
 * @param used by whom an approval was used, by the id of its request
 * @returns undefined when there is none for this digest
 * @throws SitefleetError `approval.*`: why the one that there is does not count
 */
export async function findApproval(
  approvals: readonly Approval[],
  wanted: Wanted,
  people: People,
  verifier: Verifier,
  used: (id: string) => Promise<string | undefined>,
): Promise<Found | undefined> {
  let first: SitefleetError | undefined;
  for (const approval of approvals.filter(({ request }) => request.digest === wanted.digest)) {
    try {
      const approvers = await checkApproval(approval, wanted, people, verifier);
      const by = await used(approval.request.id);
      if (by !== undefined) throw usedError(approval, by);
      return { approval, approvers };
    } catch (error) {
      if (!(error instanceof SitefleetError)) throw error;
      first ??= error;
    }
  }
  if (first) throw first;
  return undefined;
}

/** The refusal of an approval that another run has used. Pure. */
export const usedError = ({ file }: Pick<Approval, "file">, by: string): SitefleetError =>
  refusal("approval.used", file, `it was used by run ${by}; one yes is for one run`);
