import { type BadRelease, markBad } from "../rollback/bad-releases.ts";

/** Why releases are left, and by whom. */
export interface Leaving {
  readonly reason: string;
  /** Run that leaves them. @default a person, or a rollout */
  readonly run?: string;
}

/**
 * Remembers the releases that going back leaves as bad, before anything goes back. No update deploys them again until a
 * person clears them.
 *
 * @param dir state directory; with a shared store that one is written
 * @returns what was remembered
 * @throws SitefleetError `store.unreachable`, `store.busy`
 */
export async function leaveReleases(
  dir: string,
  releases: readonly Pick<BadRelease, "repository" | "commit">[],
  { reason, run }: Leaving,
  now = new Date(),
): Promise<BadRelease[]> {
  const at = now.toISOString();
  const bad = releases.map(({ repository, commit }) => ({ repository, commit, at, run, reason }));
  if (bad.length > 0) await markBad(dir, bad);
  return bad;
}
