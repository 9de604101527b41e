import { join } from "node:path";
import { SitefleetError } from "../errors/index.ts";
import { type ChangeSet, sameChanges } from "../fleet/change-set/index.ts";
import type { Session } from "../fleet/session.ts";
import { readsShared } from "../stacks/fingerprint.ts";
import { SHARED_STACK } from "../stacks/names.ts";
import type { FleetRun } from "./fleet-run.ts";
import { changeSetOf } from "./output/change-set.ts";
import { say } from "./output/style.ts";

/**
 * Previews once more, now that nobody else can change the stacks, and refuses when that is not what was reviewed.
 *
 * @throws SitefleetError `change-set.differs`, with what differs
 */
export async function confirmReviewed(
  preview: (plans: ReadonlyMap<string, string>) => Promise<FleetRun>,
  session: Session,
  reviewed: ChangeSet,
  dir: string,
): Promise<ReadonlyMap<string, string>> {
  const plans = new Map(session.open.map((stack) => [stack, join(dir, `${stack}.json`)]));
  say("previewing once more, to hold it against the reviewed change set");
  const now = changeSetOf(await preview(plans));
  if (now.digest === reviewed.digest) return holdingPlans(session, plans, now);
  throw new SitefleetError({
    code: "change-set.differs",
    message: "what would be done is not what was reviewed; nothing was changed",
    hint: "preview again, review that, and apply it",
    details: [`reviewed ${reviewed.digest}`, `now      ${now.digest}`, ...sameChanges(reviewed, now).reasons],
  });
}

/**
 * The plans that can hold. A stack that reads something of the shared stack which only this run makes was planned with an
 * unknown value in its place, and the engine refuses the known one later.
 */
async function holdingPlans(
  session: Session,
  plans: ReadonlyMap<string, string>,
  set: ChangeSet,
): Promise<Map<string, string>> {
  const sharedChanges = set.changes.some(({ stack }) => stack === SHARED_STACK);
  const held = new Map<string, string>();
  for (const [stack, file] of plans) {
    const reads = !session.choice.retired.has(stack) && readsShared(await session.inputs.state(stack));
    if (!sharedChanges || !reads) held.set(stack, file);
  }
  return held;
}
