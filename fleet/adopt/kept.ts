import { z } from "zod";
import { ownStore } from "../backend/store/state-store.ts";
import { changeObject } from "../backend/store/store.ts";
import type { Session } from "../run/session.ts";

const KEY = "adopt/adopted.json";

const schema = z.object({
  version: z.literal(1),
  /** URNs by stack: what adoptions have taken, or were about to take when they were cut off. */
  stacks: z.record(z.string(), z.record(z.string(), z.object({ run: z.string(), at: z.string() }))),
});
type Kept = z.output<typeof schema>;

const parseKept = (text: string | undefined): Kept =>
  text === undefined ? { version: 1, stacks: {} } : schema.parse(JSON.parse(text));

type Place = Pick<Session, "folders" | "store">;

const change = ({ folders, store }: Place, edit: (stacks: Kept["stacks"]) => void): Promise<void> =>
  changeObject(ownStore(folders.state, store), KEY, (text) => {
    const kept = parseKept(text);
    edit(kept.stacks);
    return { text: JSON.stringify(kept), result: undefined };
  });

/** Writes down what is going to be taken, before it is: an adoption that is killed can be undone as well. */
export async function noteAdoption(
  place: Place,
  run: string,
  urns: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const at = new Date().toISOString();
  await change(place, (stacks) => {
    for (const [stack, list] of urns) for (const urn of list) stacks[stack] = { ...stacks[stack], [urn]: { run, at } };
  });
}

/** Forgets what is in no state any more, or never came to be in one. */
export async function forgetAdopted(place: Place, urns: ReadonlyMap<string, readonly string[]>): Promise<void> {
  await change(place, (stacks) => {
    for (const [stack, list] of urns) {
      for (const urn of list) delete stacks[stack]?.[urn];
      if (Object.keys(stacks[stack] ?? {}).length === 0) delete stacks[stack];
    }
  });
}

/** What adoptions have taken, by stack. */
export async function adoptedUrns({ folders, store }: Place): Promise<Map<string, string[]>> {
  const { stacks } = parseKept((await ownStore(folders.state, store).get(KEY))?.text);
  return new Map(Object.entries(stacks).map(([stack, urns]) => [stack, Object.keys(urns)]));
}
