import { type Answer, type Ask, fault, type Line, warning } from "./checkup.ts";
import { type Limits, readAnswer } from "./limits.ts";
import { fields, listOf, type Props } from "./live.ts";

/** Entries a page that lists are asked for, and pages at most: more than any account has that is not an error of ours. */
const PER_PAGE = "50";
const PAGES = 40;

/** Who is asked, for the lines about an answer that is none. */
export interface Asked {
  readonly id: string;
  /** Title of the vendor. */
  readonly vendor: string;
  /** Variable with the token. */
  readonly variable: string;
  readonly limits?: Limits;
}

/**
 * What an answer says that is none: the token is refused, calls are limited, the vendor is down, or something else answers in its
 * place. Undefined for an answer that can be read; 404 is one. Pure.
 */
export function unanswered({ id, vendor, variable, limits }: Asked, answer: Answer): Line | undefined {
  const { status, body } = answer;
  const { limited, retryInMs = 0 } = readAnswer(limits?.read, answer, 0);
  if (limited) {
    const when = retryInMs > 0 ? `in ${Math.ceil(retryInMs / 1000)} s` : "in a few minutes";
    return warning(id, `${vendor} limits this token's calls now (status ${status})`, `again ${when}`);
  }
  if (status === 401 || status === 403) {
    const todo = `make a token at ${vendor}, then: read -rs ${variable} && export ${variable}`;
    return fault(id, `${vendor} does not accept ${variable} (status ${status})`, todo);
  }
  if (status >= 500)
    return fault(id, `${vendor} answers status ${status}`, `look at ${vendor}'s status page, then again`);
  if (body === undefined && status !== 204) {
    const todo = "look at HTTPS_PROXY and at the variable of its address: another server answers in its place";
    return fault(id, `what answers for ${vendor} is no API: status ${status}, no JSON`, todo);
  }
  return undefined;
}

/** A line as it was thrown by {@link must}. */
export class Unanswered extends Error {
  readonly line: Line;
  constructor(line: Line) {
    super(line.says);
    this.line = line;
  }
}

/** The fields of an answer with status 200; undefined for 404. @throws Unanswered for what is no answer */
export async function must(asked: Asked, answer: Promise<Answer>): Promise<Props | undefined> {
  const given = await answer;
  const line = unanswered(asked, given);
  if (line !== undefined) throw new Unanswered(line);
  if (given.status === 404) return undefined;
  if (given.status >= 400) {
    const says = `${asked.vendor} refuses the question (status ${given.status})`;
    throw new Unanswered(fault(asked.id, says, `look at the rights of ${asked.variable}`));
  }
  return fields(given.body);
}

/** All entries of a list that is given in numbered pages. @param key field of the list @throws Unanswered */
export async function numbered(asked: Asked, ask: Ask, path: string, key: string): Promise<readonly Props[]> {
  const found: Props[] = [];
  for (let page = 1; page <= PAGES; page += 1) {
    const query = { per_page: PER_PAGE, page: String(page) };
    const items = listOf((await must(asked, ask(path, query)))?.[key]);
    found.push(...items);
    if (items.length < Number(PER_PAGE)) break;
  }
  return found;
}

/** Days until a time; undefined when there is none. Pure. @param at ms since 1970, or a date @param now ms since 1970 */
export function daysUntil(at: unknown, now: number): number | undefined {
  const text = typeof at === "string" ? at.replace(" UTC", "Z").replace(" ", "T") : at;
  const ms = typeof text === "string" ? Date.parse(text) : Number(text ?? Number.NaN);
  return Number.isFinite(ms) && ms > 0 ? (ms - now) / 86_400_000 : undefined;
}

/** A token that ends soon is told so many days before. */
const SOON_DAYS = 14;

/** What there is to say of a token's end; undefined when it is far, or never. Pure. */
export function expiry({ id, vendor, variable }: Asked, days: number | undefined): Line | undefined {
  if (days === undefined || days > SOON_DAYS) return undefined;
  const todo = `make another at ${vendor}, then: read -rs ${variable} && export ${variable}`;
  if (days <= 0) return fault(id, `${variable} has expired`, todo);
  return warning(id, `${variable} expires in ${Math.ceil(days)} days`, todo);
}
