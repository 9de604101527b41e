import { z } from "zod";
import { TOPICS } from "../../model/index.ts";
import { holderSchema, isDeadHere, me } from "../backend/locks/holder.ts";
import { changeObject, type Store } from "../backend/store/store.ts";
import type { LaneReport, Waiting } from "./lane.ts";

/** The object with what was not told yet, in the store of our own objects. */
const KEY = "notify/outbox.json";
/** Messages, threads and refusals that are kept. */
const MOST_WAITING = 500;
const MOST_HANDLES = 500;
const MOST_REFUSED = 50;
/** Another process may be telling it: so long it is left to it, ms. Longer than a delivery's time-out. */
export const CLAIM_MS = 120_000;
/** What is older is told to no one any more, ms: a week. */
const OLDEST_MS = 7 * 86_400_000;

/** A message as it is kept until it is told. */
export const messageSchema = z.object({
  thread: z.string(),
  topic: z.enum(TOPICS),
  at: z.string(),
  title: z.string(),
  lines: z.array(z.string()),
  over: z.boolean(),
});
const waitingSchema = z.object({
  receiver: z.string(),
  key: z.string(),
  message: messageSchema,
  notBefore: z.number(),
  reason: z.string(),
  claimedUntil: z.number().default(0),
  /** Who has claimed it: a process that is gone from this machine claims nothing. */
  claimedBy: holderSchema.optional(),
});
const keptSchema = z.object({
  waiting: z.array(waitingSchema).default([]),
  handles: z.array(z.object({ receiver: z.string(), thread: z.string(), handle: z.string() })).default([]),
  refused: z
    .array(z.object({ receiver: z.string(), title: z.string(), reason: z.string(), at: z.string() }))
    .default([]),
  /** Receivers by what became of the last delivery of a process. */
  alive: z.array(z.string()).default([]),
  failing: z.array(z.string()).default([]),
});
/** What is kept between processes. */
export type Kept = z.infer<typeof keptSchema>;

/** What is kept; of a damaged object nothing. Pure. */
function parse(text: string | undefined): Kept {
  try {
    return keptSchema.parse(JSON.parse(text ?? "{}"));
  } catch {
    return keptSchema.parse({});
  }
}

/** Reads what is kept. @throws SitefleetError `store.unreachable` */
export const readKept = async (store: Store): Promise<Kept> => parse((await store.get(KEY))?.text);

const claimOf = (now: number) => ({ claimedUntil: now + CLAIM_MS, claimedBy: me("", "notify") });

/** Takes what is due for some receivers, so that no other process tells it at the same time. @throws SitefleetError `store.unreachable` */
export function claimKept(store: Store, receivers: readonly string[], now: number): Promise<Kept> {
  return changeObject(store, KEY, (text) => {
    const kept = parse(text);
    const due = kept.waiting.filter(
      ({ receiver, notBefore, claimedUntil, claimedBy }) =>
        receivers.includes(receiver) &&
        notBefore <= now &&
        (claimedUntil <= now || (claimedBy !== undefined && isDeadHere(claimedBy))),
    );
    const claim = claimOf(now);
    const claimed = kept.waiting.map((one) => (due.includes(one) ? { ...one, ...claim } : one));
    const next = { ...kept, waiting: claimed };
    return {
      ...(due.length === 0 ? {} : { text: JSON.stringify(next) }),
      result: { ...kept, waiting: due.filter(({ message }) => now - Date.parse(message.at) < OLDEST_MS) },
    };
  });
}

/**
 * Puts down what is not told yet, claimed: a process that is killed loses nothing, and as long as it lives no other one tells it.
 *
 * @throws SitefleetError `store.unreachable`
 */
export function keepWaiting(store: Store, waiting: readonly Waiting[], now: number): Promise<void> {
  const claim = claimOf(now);
  const left = waiting.map((one) => ({ ...one, ...claim }));
  const report = { name: "", delivered: [], left, refused: [], handles: new Map(), failing: false };
  return changeObject(store, KEY, (text) => ({
    text: JSON.stringify(merge(parse(text), [report], now)),
    result: undefined,
  }));
}

/** Puts down what was told and what was not. @throws SitefleetError `store.unreachable` */
export function saveKept(
  store: Store,
  reports: readonly (LaneReport & { readonly name: string })[],
  now: number,
): Promise<void> {
  const nothing = reports.every(
    ({ delivered, left, refused }) => delivered.length + left.length + refused.length === 0,
  );
  if (nothing) return Promise.resolve();
  return changeObject(store, KEY, (text) => ({
    text: JSON.stringify(merge(parse(text), reports.map(unclaimed), now)),
    result: undefined,
  }));
}

/** What is left is any process's to tell. Pure. */
const unclaimed = <Report extends LaneReport>(report: Report): Report => ({
  ...report,
  left: report.left.map(({ receiver, key, message, notBefore, reason }) => ({
    receiver,
    key,
    message,
    notBefore,
    reason,
  })),
});

/** What is kept after these reports. Pure. */
function merge(kept: Kept, reports: readonly (LaneReport & { readonly name: string })[], now: number): Kept {
  const told = new Set(reports.flatMap(({ name, delivered }) => delivered.map((key) => `${name} ${key}`)));
  const waiting = new Map<string, Kept["waiting"][number]>();
  const idOf = ({ receiver, key }: Pick<Waiting, "receiver" | "key">) => `${receiver} ${key}`;
  for (const one of kept.waiting)
    if (!told.has(idOf(one)) && now - Date.parse(one.message.at) < OLDEST_MS) waiting.set(idOf(one), one);
  for (const one of reports.flatMap(({ left }) => left)) {
    const before = waiting.get(idOf(one));
    if (before === undefined || before.message.at <= one.message.at)
      waiting.set(idOf(one), { claimedUntil: 0, ...one, message: { ...one.message, lines: [...one.message.lines] } });
  }
  const at = new Date(now).toISOString();
  const refused = [...kept.refused, ...reports.flatMap(({ refused }) => refused.map((one) => ({ ...one, at })))];
  for (const { receiver, title } of reports.flatMap(({ refused }) => refused))
    for (const [id, one] of waiting) if (one.receiver === receiver && one.message.title === title) waiting.delete(id);
  const fresh = reports.flatMap(({ name, handles }) =>
    [...handles].map(([thread, handle]) => ({ receiver: name, thread, handle })),
  );
  const isFresh = (one: Kept["handles"][number]) =>
    fresh.some(({ receiver, thread }) => receiver === one.receiver && thread === one.thread);
  const standing = reports.filter(({ delivered, failing }) => failing || delivered.length > 0);
  const others = (names: readonly string[]) => names.filter((name) => standing.every((one) => one.name !== name));
  const named = (failing: boolean) => standing.filter((one) => one.failing === failing).map(({ name }) => name);
  return {
    alive: [...others(kept.alive), ...named(false)],
    failing: [...others(kept.failing), ...named(true)],
    waiting: [...waiting.values()].slice(-MOST_WAITING),
    handles: [...kept.handles.filter((one) => !isFresh(one)), ...fresh].slice(-MOST_HANDLES),
    refused: refused.slice(-MOST_REFUSED),
  };
}
