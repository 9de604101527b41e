import { SitefleetError } from "../../errors/index.ts";
import { readsShared } from "../../stacks/fingerprint.ts";
import { SHARED_STACK } from "../../stacks/names.ts";
import type { Session } from "./session.ts";

/**
 * Refuses an update of stacks that read outputs of the shared stack, while the shared stack is neither up nor part of the run. That
 * happens to a job of a matrix that runs before the shared stack's own job.
 *
 * @throws SitefleetError `shared.missing`
 */
export async function requireShared(session: Session, stacks: readonly string[]): Promise<void> {
  if (stacks.includes(SHARED_STACK) || (session.infos.get(SHARED_STACK)?.resources ?? 0) > 0) return;
  for (const stack of stacks) {
    if (session.choice.retired.has(stack) || !readsShared(await session.inputs.state(stack))) continue;
    throw new SitefleetError({
      code: "shared.missing",
      message: `it uses outputs of stack ${SHARED_STACK}, which is not up`,
      subject: stack,
      hint: `first: sitefleet up --stack ${SHARED_STACK}; in CI a job of its own that the others need`,
    });
  }
}
