import { SitefleetError } from "../../../errors/index.ts";
import type { Prices } from "../../../model/index.ts";
import type { Store } from "../../backend/store/store.ts";
import { readCharge } from "./focus.ts";
import { linesOf } from "./lines.ts";
import { ChargeTable } from "./table.ts";

/** Folder of the kept charges: a file a day, as the vendor sent its lines. */
const FOLDER = "cost/charges/";
const keyOf = (day: string) => `${FOLDER}${day}.jsonl`;
/** Where lines stand that name no day. */
const NO_DAY = "unread";

/** Days that are read at once. */
const AT_ONCE = 8;

/** What keeping came to. */
export interface Kept {
  readonly lines: number;
  /** Days that are new, and those whose charges are otherwise than before. */
  readonly added: readonly string[];
  readonly corrected: readonly string[];
}

/**
 * Keeps what a vendor sends, a file a day, each line as it came: a rule that changes later can be run over it. A day that is sent
 * again takes the place of what was kept: that is how corrections arrive. What is held is one day at most.
 *
 * @throws SitefleetError `store.unreachable`; `cost.charges` when another fetch writes the same day
 */
export async function keepCharges(chunks: AsyncIterable<Uint8Array | string>, store: Store): Promise<Kept> {
  const added: string[] = [];
  const corrected: string[] = [];
  const written = new Map<string, number>();
  let day = "";
  let held: string[] = [];
  let lines = 0;
  const flush = async () => {
    if (held.length === 0) return;
    const text = `${held.join("\n")}\n`;
    held = [];
    const ours = written.get(day);
    const before = await store.get(keyOf(day));
    if (ours !== undefined) {
      // The day's lines do not stand together: what this fetch has written of it is continued, and nothing else.
      const whole = `${before?.text ?? ""}${text}`;
      const condition = before === undefined ? ({ absent: true } as const) : { version: before.version };
      if (before?.text.length !== ours || !(await store.put(keyOf(day), whole, condition))) throw anotherFetch(day);
      written.set(day, whole.length);
      return;
    }
    written.set(day, text.length);
    if (before === undefined) added.push(day);
    else if (before.text !== text) corrected.push(day);
    await store.put(keyOf(day), text);
  };
  for await (const batch of linesOf(chunks)) {
    for (const line of batch) {
      lines += 1;
      const charge = readCharge(line);
      // What cannot be read stays with the lines around it, for a later rule that can.
      const next = typeof charge === "string" ? day || NO_DAY : charge.day;
      if (next !== day) {
        await flush();
        day = next;
      }
      held.push(line);
    }
  }
  await flush();
  return { lines, added, corrected: corrected.filter((one) => !added.includes(one)) };
}

const anotherFetch = (day: string) =>
  new SitefleetError({
    code: "cost.charges",
    message: "another fetch writes the charges of this day",
    subject: day,
    hint: "run it again when the other one is done",
  });

/** The days that are kept, in order. @throws SitefleetError `store.unreachable` */
export async function keptDays(store: Store): Promise<string[]> {
  const all = await store.list(FOLDER);
  return all.flatMap(({ key }) => /(\d{4}-\d\d-\d\d)\.jsonl$/.exec(key)?.[1] ?? []).sort();
}

/** Reads the kept charges by today's rules, a day at a time. @param from first day, YYYY-MM-DD. @default all */
export async function readKept(store: Store, prices: Prices, from = ""): Promise<ChargeTable> {
  const table = new ChargeTable(prices);
  const days = (await keptDays(store)).filter((day) => day >= from);
  // A few at once, since a bucket answers slowly, and in order.
  for (let at = 0; at < days.length; at += AT_ONCE) {
    const some = days.slice(at, at + AT_ONCE);
    const found = await Promise.all(some.map((day) => store.get(keyOf(day))));
    for (const [index, object] of found.entries()) {
      for (const [number, line] of (object?.text.split("\n") ?? []).entries())
        if (line !== "") table.read(line, some[index], number + 1);
    }
  }
  return table;
}
