import { UNKNOWN_COMMIT } from "./shape/releases.ts";
import type { Releases } from "./types.ts";

/**
 * The commit that a repository is deployed at in a channel: its own pin, else the channel's.
 * @returns undefined when the commit is not known, or the channel is not declared: a checked catalog has no such site
 */
export function releaseRef(releases: Releases, channel: string, repository: string): string | undefined {
  const release = Object.hasOwn(releases, channel) ? releases[channel] : undefined;
  const ref = release?.repositories[repository.toLowerCase()]?.ref ?? release?.ref;
  return ref === UNKNOWN_COMMIT ? undefined : ref;
}
