import { setTimeout as sleep } from "node:timers/promises";
import { SitefleetError } from "../../errors/index.ts";
import { plainLine } from "../../errors/plain.ts";
import { Unanswered } from "../../vendors/answers.ts";
import { type Check, fault, type Line } from "../../vendors/checkup.ts";

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
  return (await Promise.all(checks.map((one) => look(one, options)))).flat();
}

async function look(one: Check, { eachMs, signal }: ExamineOptions): Promise<readonly Line[]> {
  const over = new AbortController();
  const limit = AbortSignal.timeout(eachMs);
  const ends = AbortSignal.any([limit, ...(signal ? [signal] : [])]);
  const late = sleep(eachMs + 50, undefined, { signal: over.signal, ref: false }).then(
    () => {
      throw new DOMException("late", "TimeoutError");
    },
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([one.look(ends), late]);
  } catch (error) {
    return [lineOf(one, error, limit.aborted, eachMs)];
  } finally {
    over.abort();
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
  if (error instanceof SitefleetError) {
    const { subject, message, details, hint } = error;
    const [first] = details;
    const says = `${subject === undefined ? "" : `${subject}: `}${message}${first === undefined ? "" : ` (${first.trim()})`}`;
    return fault(id, plainLine(says), plainLine(hint ?? `docs/reference/errors.md has the codes: ${error.code}`));
  }
  const said = error instanceof Error ? error.message || error.name : String(error);
  return fault(id, plainLine(`${title}: ${said}`), "look at the network and at HTTPS_PROXY, then again");
}
