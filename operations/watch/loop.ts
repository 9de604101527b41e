import { type Rule, takeLook, toldOf } from "../../fleet/alerts/index.ts";
import type { Store } from "../../fleet/backend/store/store.ts";
import { evenGrace, type Message, type NotifyReport } from "../../fleet/notify/index.ts";
import type { Round } from "../metrics/rounds.ts";
import { samplesOf } from "../metrics/samples.ts";

/** How long receivers are waited for, ms: the next look is a minute away. */
const WAIT_MS = 20_000;

/** Who tells. */
export interface Teller {
  post(message: Message): void;
  close(grace: ReturnType<typeof evenGrace>): Promise<NotifyReport>;
}

/** What one look came to. */
export interface Watched {
  /** ISO 8601. */
  readonly at: string;
  readonly firing: readonly {
    readonly alert: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly since: string;
  }[];
  /** They will fire when they last. */
  readonly pending: number;
  /** Titles of what was told. */
  readonly told: readonly string[];
  /** Rules and sources that gave no answer. */
  readonly failed: readonly { readonly source: string; readonly reason: string }[];
}

/**
 * Judges one round and tells what has begun or ended. A look that cannot be kept tells nothing: it would be told again and again.
 *
 * @param open Begins to tell; what earlier commands could not deliver is delivered too.
 * @throws SitefleetError `alerts.unreadable`, `store.unreachable`
 */
export async function watchOnce(
  { now, sources }: Round,
  rules: readonly Rule[],
  store: Store,
  open: () => Teller,
): Promise<Watched> {
  const turn = await takeLook(store, rules, samplesOf(sources, now), now);
  if (turn.tell.length > 0 || (sources.notifications.value ?? 0) > 0) {
    const teller = open();
    for (const message of turn.tell) teller.post(message);
    // What is not delivered by then is kept for its receiver.
    await teller.close(evenGrace(WAIT_MS));
    await toldOf(store, turn.tell);
  }
  const unread = Object.entries(sources).flatMap(([source, { failed: reason }]) =>
    reason === undefined ? [] : [{ source, reason }],
  );
  return {
    at: new Date(now).toISOString(),
    firing: turn.active.flatMap(({ alert, labels, firingSince }) =>
      firingSince === undefined ? [] : [{ alert, labels, since: new Date(firingSince).toISOString() }],
    ),
    pending: turn.active.filter(({ firingSince }) => firingSince === undefined).length,
    told: turn.tell.map(({ title }) => title),
    failed: [...unread, ...turn.failed.map(({ alert, reason }) => ({ source: alert, reason }))],
  };
}
