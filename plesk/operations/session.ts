import pLimit from "p-limit";
import type { Host, Target } from "../input.ts";
import { Session } from "../remote/session.ts";
import type { RunOptions } from "../transaction/context.ts";

/** What became of one service: the value, or why there is none. Neither stops the others. */
export type Outcome<Value> =
  | { readonly service: string; readonly ok: true; readonly value: Value }
  | { readonly service: string; readonly ok: false; readonly error: unknown };

const sameHost = (host: Host): string =>
  JSON.stringify([host.address, host.port, host.user, host.hostKey, host.privateKey]);

/** How {@link forServices} may be watched and stopped. */
export interface ManyOptions extends Pick<RunOptions, "signal"> {
  /** Called when a service begins. */
  readonly onStart?: (service: string) => void;
  /** Called when a service has ended, well or not. */
  readonly onEnd?: (service: string, error: unknown) => void;
}

/**
 * Does something for several services, over one connection a host and at most as many at a time as the host takes.
 *
 * @returns one outcome a target, in their order. A host that cannot be reached is the outcome of each of its services.
 */
export async function forServices<Value, One extends Target = Target>(
  targets: readonly One[],
  work: (target: One, session: Session) => Promise<Value>,
  options: ManyOptions = {},
): Promise<Outcome<Value>[]> {
  const sessions = new Map<string, Promise<Session>>();
  const limits = new Map<string, ReturnType<typeof pLimit>>();
  const sessionOf = (target: Target): Promise<Session> => {
    const key = sameHost(target.host);
    const { connect, command } = target.timeouts;
    const open =
      sessions.get(key) ??
      Session.open(target.host, { connectMs: connect * 1000, commandMs: command * 1000 }, options.signal);
    sessions.set(key, open);
    return open;
  };
  const limitOf = ({ host }: Target): ReturnType<typeof pLimit> => {
    const key = sameHost(host);
    const limit = limits.get(key) ?? pLimit(host.parallel);
    limits.set(key, limit);
    return limit;
  };
  try {
    return await Promise.all(
      targets.map((target) =>
        limitOf(target)(async (): Promise<Outcome<Value>> => {
          const service = target.service.key;
          try {
            options.onStart?.(service);
            const value = await work(target, await sessionOf(target));
            options.onEnd?.(service, undefined);
            return { service, ok: true, value };
          } catch (error) {
            options.onEnd?.(service, error);
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
  options: ManyOptions = {},
): Promise<Value> {
  const [outcome] = await forServices([target], (_, session) => work(session), options);
  if (outcome?.ok) return outcome.value;
  throw outcome?.error;
}
