import type { ServiceStatus } from "../../plesk/index.ts";

/** How a service stands, as far as going back goes by it. */
type Stands = Pick<ServiceStatus, "live" | "pending">;

/** What a wave has brought to a service. */
export interface Brought {
  /** Release of the wave. */
  readonly release: string | undefined;
  /** What was live before the wave; null where nothing was. */
  readonly before: string | null;
}

/** Why a service has not the release from before a wave. */
export interface Stays {
  /** `kept`: it cannot go back, and that is no fault; `left`: going back has failed. */
  readonly how: "kept" | "left";
  readonly why: string;
}

/**
 * Whether a service has to go back: it serves what the wave has brought, or a deployment of it was cut off. One that the wave did not reach
 * is left alone, and so is one to which a person has given another release since. Pure.
 */
export function mustGoBack({ live, pending }: Stands, { release, before }: Brought): boolean {
  return pending || (live === release && live !== before);
}

/**
 * Why a service has not the release from before a wave after it went back; undefined: it has it. By how it stands and not by what the way
 * back said: a deployment that was cut off before its switch leaves nothing to go back from. Pure.
 *
 * @param failure what the way back said, where it failed
 */
export function stays({ live, pending }: Stands, { release, before }: Brought, failure?: string): Stays | undefined {
  if (!pending && live === before) return undefined;
  if (pending || live === release) {
    if (before === null && !pending) return { how: "kept", why: "it is new with this rollout" };
    return { how: "left", why: failure ?? "its deployment that was cut off is pending" };
  }
  // New with the wave, and its original document root is live again.
  if (before === null && failure === undefined) return undefined;
  return { how: "kept", why: "it serves a release that is not this rollout's" };
}
