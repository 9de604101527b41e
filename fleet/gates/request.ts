import { randomBytes } from "node:crypto";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";
import { holdsUnseen, plainLine } from "../../errors/plain.ts";
import { AREAS } from "../../model/index.ts";
import type { ChangeSet } from "../change-set/index.ts";
import type { Verdict } from "./types.ts";

/** Lines of the worst changes that a request shows. */
const WORST = 15;
/** A request is read by a person: longer texts are none. */
export const MAX_REQUEST = 64 * 1024;
const HOUR_MS = 3_600_000;

/** Characters of a line. */
const LONGEST = 2000;
const line = z.string().max(LONGEST);
const time = z.iso.datetime();

/** What a person says yes to, and what is signed. Everything that is checked stands in it. */
const requestShape = z.strictObject({
  request: z.literal("sitefleet approval 1"),
  id: z.string().regex(/^[0-9a-f]{32}$/),
  estate: z.string().min(1).max(200),
  operation: z.string().max(40),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  notBefore: time,
  expires: time,
  stacks: z.array(z.string().max(100)).min(1).max(200),
  does: line,
  worst: z.array(line).max(WORST + 1),
  asks: z.array(z.strictObject({ rule: z.string(), says: line, area: z.enum(AREAS), approvals: z.int().min(1) })),
});

/** See {@link requestShape}. */
export type ApprovalRequest = z.infer<typeof requestShape>;

/** What a request is made for. */
export interface RequestFor {
  readonly estate: string;
  readonly operation: string;
  readonly digest: string;
  /** All stacks that are changed. */
  readonly stacks: readonly string[];
  readonly does: string;
  readonly worst: readonly string[];
  /** The verdicts that ask. */
  readonly asks: readonly Verdict[];
  readonly now: Date;
  readonly expiryHours: number;
}

/** A request, with an id of its own: the same changes need another yes the next time. */
export function newRequest(options: RequestFor): ApprovalRequest {
  const { estate, operation, digest, stacks, does, worst, asks, now, expiryHours } = options;
  const second = Math.floor(now.getTime() / 1000) * 1000;
  const more = worst.length - WORST;
  return {
    request: "sitefleet approval 1",
    id: randomBytes(16).toString("hex"),
    estate,
    operation,
    digest,
    notBefore: new Date(second).toISOString(),
    expires: new Date(second + expiryHours * HOUR_MS).toISOString(),
    stacks: [...stacks].sort(),
    does,
    worst: [...worst.slice(0, WORST), ...(more > 0 ? [`and ${more} more`] : [])].map((one) => plainLine(one, LONGEST)),
    asks: asks.map(({ rule, sentence, area, approvals }) => {
      return { rule, says: plainLine(sentence, LONGEST), area, approvals };
    }),
  };
}

/** The request as the text that is signed. Pure. */
export const requestText = (request: ApprovalRequest): string => stringify(request, { lineWidth: 0 });

/** Reads a request. @throws SitefleetError `approval.malformed` */
export function parseRequest(text: string, subject: string): ApprovalRequest {
  const malformed = (details: string[]) =>
    new SitefleetError({
      code: "approval.malformed",
      message: "this is no request for an approval, or it was cut, wrapped or changed on its way",
      subject,
      details,
      hint: "take the text as sitefleet up printed it, or its file",
    });
  if (text.length > MAX_REQUEST) throw malformed([`${text.length} characters, at most ${MAX_REQUEST}`]);
  let value: unknown;
  try {
    value = parse(text);
  } catch {
    throw malformed(["no YAML"]);
  }
  const read = requestShape.safeParse(value);
  if (!read.success)
    throw malformed(
      read.error.issues.slice(0, 10).map(({ path, message }) => `${path.join(".") || "text"}: ${message}`),
    );
  // What people read must be all that is signed: no comments, no second spelling, nothing that cannot be seen.
  if (holdsUnseen(text)) throw malformed(["it holds characters that are not shown, or that change what is shown"]);
  if (requestText(read.data) !== text) throw malformed(["it is not in the form in which requests are written"]);
  return read.data;
}

/** What a change set does, in a line, and its worst changes, for a request. Pure. */
export function describeChanges({
  total,
  changes,
}: Pick<ChangeSet, "total" | "changes">): Pick<RequestFor, "does" | "worst"> {
  const { created, changed, replaced, deleted } = total;
  return {
    does: `${deleted} deleted, ${replaced} replaced, ${changed} changed, ${created} created`,
    worst: changes
      .filter(({ component }) => !component)
      .map(({ op, type, name, stack }) => `${op} ${type.slice(type.lastIndexOf(":") + 1)} ${name} (${stack})`),
  };
}
