import { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";
import { holderSchema, isDeadHere, me } from "../backend/locks/holder.ts";
import { changeObject, type Store } from "../backend/store/store.ts";
import type { Sample } from "../metrics/index.ts";
import { CLAIM_MS, type Message, messageSchema } from "../notify/index.ts";
import { activeSchema, type Look, lookAt } from "./engine.ts";
import { messagesOf } from "./message.ts";
import type { Rule } from "./rules.ts";

const KEY = "alerts.json";
/** Messages that no process has told yet, the newest. */
const MOST_UNTOLD = 200;

const untoldSchema = z.object({
  message: messageSchema,
  by: holderSchema,
  until: z.number(),
});
const bookSchema = z.object({
  version: z.literal(1),
  /** Of the last look, ms since 1970. */
  at: z.number(),
  active: z.array(activeSchema),
  untold: z.array(untoldSchema),
});
type Book = z.infer<typeof bookSchema>;

function parse(text: string | undefined): Book | undefined {
  if (text === undefined) return undefined;
  try {
    return bookSchema.parse(JSON.parse(text));
  } catch (error) {
    // What this version does not know must not be overwritten: everything would be told again.
    throw new SitefleetError({
      code: "alerts.unreadable",
      message: "what was told of alerts is damaged, or of a later version",
      subject: KEY,
      hint: "update sitefleet; else move the object away: what fires is told once more",
      cause: error,
    });
  }
}

/** A look, and what this process is to tell. */
export interface Turn extends Look {
  readonly tell: readonly Message[];
}

/**
 * Looks at the samples and keeps what came of it. Of several processes that look one tells; what one that was killed has not told, the
 * next one does.
 *
 * @param now ms since 1970
 * @throws SitefleetError `alerts.unreadable`, `store.unreachable`
 */
export function takeLook(store: Store, rules: readonly Rule[], samples: readonly Sample[], now: number): Promise<Turn> {
  const by = me("", "watch");
  return changeObject(store, KEY, (text) => {
    const before = parse(text);
    const look = lookAt(rules, samples, before?.active ?? [], before?.at, now);
    const fresh = messagesOf(look.transitions, look.active, now);
    const left = before?.untold ?? [];
    const due = left.filter(({ by: holder, until }) => until <= now || isDeadHere(holder));
    const tell = [...due.map(({ message }) => message), ...fresh];
    const claimed = tell.map((message) => ({
      message: { ...message, lines: [...message.lines] },
      by,
      until: now + CLAIM_MS,
    }));
    const untold = [...left.filter((one) => !due.includes(one)), ...claimed].slice(-MOST_UNTOLD);
    const book: Book = { version: 1, at: Math.max(now, before?.at ?? now), active: [...look.active], untold };
    return { text: JSON.stringify(book), result: { ...look, tell } };
  });
}

/** These messages were told, or are kept for their receivers. @throws SitefleetError `alerts.unreadable`, `store.unreachable` */
export async function toldOf(store: Store, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return;
  const idOf = ({ thread, at, title }: Message) => `${thread} ${at} ${title}`;
  const told = new Set(messages.map(idOf));
  await changeObject(store, KEY, (text) => {
    const before = parse(text);
    if (before === undefined) return { result: undefined };
    const untold = before.untold.filter(({ message }) => !told.has(idOf(message)));
    return { text: JSON.stringify({ ...before, untold }), result: undefined };
  });
}
