import { breakLockScript } from "../commands/lock.ts";
import { SAY } from "../commands/script.ts";
import type { Target } from "../input.ts";
import type { Session } from "../remote/session.ts";
import { type RunOptions, startRun } from "../transaction/context.ts";
import { forService, forServices, type ManyOptions, type Outcome } from "./session.ts";

/** What `unlock` did. */
export interface UnlockResult {
  readonly service: string;
  /** Holders whose locks were removed. */
  readonly removed: readonly string[];
  /** Holders whose locks are still being renewed and were left. */
  readonly left: readonly string[];
}

/**
 * Removes a lock that its holder no longer renews.
 *
 * @param options.force Also one that has not expired: for a person who knows that its holder is dead. @default false
 */
export async function unlock(
  target: Target,
  options: RunOptions & { readonly force?: boolean } = {},
): Promise<UnlockResult> {
  return forService(target, (session) => unlockOn(target, session, options), options);
}

/** {@link unlock} for several services, over one connection a host. */
export function unlockAll(
  targets: readonly Target[],
  options: RunOptions & ManyOptions & { readonly force?: boolean } = {},
): Promise<Outcome<UnlockResult>[]> {
  return forServices(targets, (target, session) => unlockOn(target, session, options), options);
}

async function unlockOn(
  target: Target,
  session: Session,
  options: RunOptions & { readonly force?: boolean },
): Promise<UnlockResult> {
  const run = startRun(target, options);
  const said = await session.run("unlocking", breakLockScript(run.layout, run.now(), options.force ?? false));
  const all = (word: string): string[] =>
    said.filter((line) => line.startsWith(`${SAY}${word} `)).map((line) => line.slice(SAY.length + word.length + 1));
  return { service: target.service.key, removed: all("removed"), left: all("left") };
}
