import pLimit from "p-limit";
import { MAX_PARALLEL } from "../host/hosts.ts";
import type { Host, Target } from "../input.ts";
import { Session } from "../remote/session.ts";
import type { RunOptions } from "../transaction/context.ts";

/** What became of one service: the value, or why there is none. Neither stops the others. */
export type Outcome<Value> =
  | { readonly service: string; readonly ok: true; readonly value: Value }
  | { readonly service: string; readonly ok: false; readonly error: unknown };

const sameHost = (host: Host): string =>
  JSON.stringify([host.address, host.port, host.user, host.hostKey, host.privateKey]);

/**
 * Does something for several services, over one connection a host and at most eight at a time.
 *
 * @returns one outcome a target, in their order. A host that cannot be reached is the outcome of each of its services.
 */
export async function forServices<Value>(
  targets: readonly Target[],
  work: (target: Target, session: Session) => Promise<Value>,
  options: Pick<RunOptions, "signal"> = {},
): Promise<Outcome<Value>[]> {
  const limit = pLimit(MAX_PARALLEL);
  const sessions = new Map<string, Promise<Session>>();
  const sessionOf = (target: Target): Promise<Session> => {
    const key = sameHost(target.host);
    const { connect, command } = target.timeouts;
    const open =
      sessions.get(key) ??
      Session.open(target.host, { connectMs: connect * 1000, commandMs: command * 1000 }, options.signal);
    sessions.set(key, open);
    return open;
  };
  try {
    return await Promise.all(
      targets.map((target) =>
        limit(async (): Promise<Outcome<Value>> => {
          const service = target.service.key;
          try {
            return { service, ok: true, value: await work(target, await sessionOf(target)) };
          } catch (error) {
            return { service, ok: false, error };
          }
        }),
      ),
    );
  } finally {
    await Promise.all([...sessions.values()].map((open) => open.then((session) => session.close()).catch(() => {})));
  }
}

/** Does something for one service over a connection of its own. */
export async function forService<Value>(
  target: Target,
  work: (session: Session) => Promise<Value>,
  options: Pick<RunOptions, "signal"> = {},
): Promise<Value> {
  const [outcome] = await forServices([target], (_, session) => work(session), options);
  if (outcome?.ok) return outcome.value;
  throw outcome?.error;
}
