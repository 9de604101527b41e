import { type Code, SitefleetError } from "../../errors/index.ts";
import { type Approver, accountOf } from "../../model/index.ts";

/** Who may approve, and who may not. */
export interface People {
  /** As they are on the base branch. */
  readonly base: readonly Approver[];
  /** As the change and the newest base branch have them: whom one of them takes away approves no more. @default none */
  readonly later?: readonly (readonly Approver[])[];
  /** Mail addresses of the change's authors and committers, lower case. */
  readonly authors: readonly string[];
}

/** Why one that says yes is no approver. */
export type Unknown = "approval.unknown-key" | "approval.new-key";

/**
 * The approver with a key or account, as far as all descriptions agree: one that was taken away since does not count, and of several
 * descriptions the narrowest holds. Pure.
 *
 * @param holds has this approver the key or account?
 */
export function whose(holds: (approver: Approver) => boolean, { base, later = [] }: People): Approver | Unknown {
  const before = base.find(holds);
  const since = later.map((people) => people.find(holds));
  if (before === undefined) return since.some((one) => one) ? "approval.new-key" : "approval.unknown-key";
  const all: Approver[] = [before];
  for (const one of since) {
    if (one === undefined) return "approval.unknown-key";
    all.push(one);
  }
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

/**
 * Why an approver's own yes does not count, whatever it is to; undefined: it does. Pure.
 *
 * @param accounts ids of the accounts that wrote the change. @default none is known
 */
export function barred(
  approver: Approver,
  authors: readonly string[],
  now: Date,
  accounts: readonly number[] = [],
): { readonly code: Code; readonly message: string } | undefined {
  const { name, emails, until } = approver;
  if (until !== undefined && now.toISOString().slice(0, 10) > until)
    return { code: "approval.unknown-key", message: `${name} may approve until ${until}` };
  if (emails.some((email) => authors.includes(email.toLowerCase())) || accounts.includes(accountOf(approver) ?? 0))
    return { code: "approval.author", message: `${name} is an author of the change; the own yes does not count` };
  return undefined;
}

/** Exit code of a run that waits for an approval, see docs/reference/cli.md. */
export const APPROVAL_EXIT = 6;
const HINT = "ask again: sitefleet up makes the request, sitefleet approve signs it (docs/guides/approvals.md)";

/** An approval that does not count. @param subject its file or place */
export function refusal(code: Code, subject: string, message: string, hint: string = HINT): SitefleetError {
  return new SitefleetError({ code, message, subject, hint, exitCode: APPROVAL_EXIT });
}

/** What can be done about a yes that was used up. Pure. */
export const usedHint = (by: string): string =>
  `where that run has left something: sitefleet up --resume ${by}; for anything else answer the new request`;
