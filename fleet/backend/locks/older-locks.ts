import { type Store, within } from "../store/store.ts";
import { type Holder, holderSchema, isDeadHere, isHere } from "./holder.ts";

/** A holder on another machine that has not shown itself for so long is taken for gone, ms. */
const STALE_MS = 60_000;

/**
 * Who holds one of these stacks by a file of its own, as earlier versions lock them in a directory: `locks/<stack>.json`, touched
 * every 5 seconds. Such files of runs that are gone are removed. Undefined when there is none, and in buckets and tables.
 *
 * @param gone names of machines that are gone for certain
 * @throws SitefleetError `store.unreachable`
 */
export async function olderHolder(
  own: Store,
  stacks: readonly string[],
  gone: readonly string[] = [],
): Promise<{ readonly stack: string; readonly holder: Holder } | undefined> {
  if (own.kind !== "directory") return undefined;
  const folder = within(own, "locks/");
  for (const { key, modifiedAt } of await folder.list("")) {
    const stack = key.replace(/\.json$/, "");
    const holder = stacks.includes(stack) && key.endsWith(".json") ? parse((await folder.get(key))?.text) : undefined;
    if (holder === undefined) continue;
    const stale = isHere(holder) ? isDeadHere(holder) : Date.now() - modifiedAt > STALE_MS;
    if (!stale && !gone.includes(holder.host)) return { stack, holder };
    await folder.remove(key);
  }
  return undefined;
}

/** A file without a readable holder is one that a process was writing when it died: it holds nothing. */
function parse(text: string | undefined): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text ?? ""));
  } catch {
    return undefined;
  }
}
