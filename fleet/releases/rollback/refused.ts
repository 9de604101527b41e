import { newestWhole } from "../../backend/states/versions.ts";
import type { Session } from "../../run/session.ts";
import { type BadRelease, badReleases, refusedReleases } from "./bad-releases.ts";

/** What the catalog asks for in these stacks that was rolled back and is not live. @throws SitefleetError `rollback.history` */
export async function refusedIn(
  session: Pick<Session, "folders" | "choice" | "inputs" | "infos">,
  stacks: readonly string[],
): Promise<{ readonly name: string; readonly release: BadRelease }[]> {
  const bad = await badReleases(session.folders.state);
  if (bad.length === 0) return [];
  const refused = await Promise.all(
    stacks
      .filter((stack) => !session.choice.retired.has(stack))
      .map(async (stack) => {
        const desired = await session.inputs.state(stack);
        if (refusedReleases(desired, undefined, bad).length === 0) return [];
        const live = session.infos.has(stack) ? await newestWhole(stack) : undefined;
        return refusedReleases(desired, live?.desired, bad);
      }),
  );
  return refused.flat();
}
