import { hasCode, SitefleetError } from "../../errors/index.ts";
import { withoutTokens } from "../../errors/token-forms.ts";
import { Unanswered } from "../../vendors/answers.ts";
import { type Check, fault, type Line, warning } from "../../vendors/checkup.ts";

/** Id of the check that asks the state backend itself. */
export const REACH = "backend.reach";
/** What a look may take to say why it was ended, ms. */
const GRACE_MS = 50;

/** Options of {@link examine}. */
export interface ExamineOptions {
  /** Longest time of one check, ms. */
  readonly eachMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Looks at everything side by side. Never rejects: a look that fails or hangs is a line of its own, and the others go on.
 *
 * @returns the lines in the order of the checks
 */
export async function examine(checks: readonly Check[], options: ExamineOptions): Promise<Line[]> {
  const lines = (await Promise.all(checks.map((one) => look(one, options)))).flat();
  // Names come from vendors and hosts: a line stays one line, whatever they hold.
  return lines.map((line) => ({
    ...line,
    says: oneLine(line.says),
    todo: line.todo === undefined ? undefined : oneLine(line.todo),
  }));
}

async function look(one: Check, { eachMs, signal }: ExamineOptions): Promise<readonly Line[]> {
  const limit = AbortSignal.timeout(eachMs);
  const ends = AbortSignal.any([limit, ...(signal ? [signal] : [])]);
  // What does not listen to the signal is not waited for either.
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = () => setTimeout(() => reject(ends.reason), GRACE_MS);
  ends.addEventListener("abort", end);
  try {
    return await Promise.race([one.look(ends), ended]);
  } catch (error) {
    return [lineOf(one, error, limit.aborted, eachMs)];
  } finally {
    ends.removeEventListener("abort", end);
  }
}

/** A look that failed, as a line. Pure. */
function lineOf({ id, title }: Pick<Check, "id" | "title">, error: unknown, late: boolean, limitMs: number): Line {
  if (error instanceof Unanswered) return error.line;
  if (late)
    return fault(
      id,
      `${title}: no answer within ${limitMs / 1000} s`,
      "look at the network and at what answers there, then again",
    );
  // One cause, one fault: it is told where the backend is looked at.
  if (hasCode(error, "store.unreachable") && id !== REACH) {
    return warning(id, `${title}: not known while the state backend does not answer`, `first what ${REACH} says`);
  }
  if (error instanceof SitefleetError) {
    const { subject, message, details, hint } = error;
    const [first] = details;
    const says = `${subject === undefined ? "" : `${subject}: `}${message}${first === undefined ? "" : ` (${first.trim()})`}`;
    return fault(id, says, hint ?? `docs/reference/errors.md has the codes: ${error.code}`);
  }
  const said = error instanceof Error ? error.message || error.name : String(error);
  return fault(id, `${title}: ${said}`, "look at the network and at HTTPS_PROXY, then again");
}

/** A text in one line: nothing in it moves a terminal's cursor or hides, and no credential of a known form. Pure. */
export const oneLine = (text: string): string =>
  withoutTokens(text)
    .replace(/[\s\p{Cc}]+/gu, " ")
    .replace(/\p{Cf}/gu, "")
    .trim();
