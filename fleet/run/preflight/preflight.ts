import type { RunResult } from "../run.ts";
import type { Session } from "../session.ts";
import type { FoundStep } from "./facts.ts";
import { refusals } from "./judge.ts";
import { type LookOptions, lookAhead } from "./look.ts";
import type { Finding } from "./types.ts";
import { preflightError } from "./words.ts";

/** What stands before a run once its locks are held. */
export interface Cleared {
  readonly findings: readonly Finding[];
  /** Stacks whose preview failed: what an update would take away is not known, so none is made. */
  readonly failed: RunResult["results"];
}

/**
 * Refuses what can be seen from states and declarations alone, before anything is locked or called.
 *
 * @throws SitefleetError `preflight.refused`, those of {@link lookAhead}
 */
export async function refuseEarly(session: Session, options: LookOptions): Promise<readonly Finding[]> {
  const { findings } = await lookAhead(session, options);
  return cleared(findings);
}

/**
 * The same with the locks held, and with a preview of those stacks in which something could be replaced that only the engine
 * knows of. Nothing is called that changes anything.
 *
 * @param preview Previews these stacks
 * @throws SitefleetError `preflight.refused`, those of {@link lookAhead}
 */
export async function clearRun(
  session: Session,
  options: LookOptions,
  preview: (stacks: readonly string[]) => Promise<RunResult>,
): Promise<Cleared> {
  const first = await lookAhead(session, options);
  // Going back must be quick, and of what it may not do only protection is decided here.
  const back = options.rules.direction === "back";
  if (first.uncertain.length === 0 || back) return { findings: cleared(first.findings), failed: [] };
  // Refused already: the person hears it without waiting for previews.
  cleared(first.findings);
  const run = await preview(first.uncertain);
  const found = run.results.map(({ stack, steps }): [string, readonly FoundStep[]] => [stack, steps]);
  const steps = new Map([...(options.steps ?? []), ...found]);
  const { findings } = await lookAhead(session, { ...options, steps });
  return { findings: cleared(findings), failed: run.results.filter(({ ok }) => !ok) };
}

function cleared(findings: readonly Finding[]): readonly Finding[] {
  const refused = refusals(findings);
  if (refused.length > 0) throw preflightError(refused);
  return findings;
}
