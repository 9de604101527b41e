import pLimit from "p-limit";
import type { Store } from "../../fleet/backend/store/store.ts";

/** Objects read at once. */
const AT_ONCE = 8;
/** A bucket tells the second of a write: what was read within so long after it may have been written again in the same second, ms. */
const UNSURE_MS = 10_000;

/** What objects of a folder came to when they were last read: read again are those that the list says have changed. */
export class Objects<Value> {
  readonly #known = new Map<string, { readonly stamp: string; readonly sure: boolean; readonly value: Value }>();
  readonly #store: Store;
  readonly #folder: string;
  readonly #read: (key: string) => Promise<Value>;

  /** @param folder beginning of the keys @param read what an object comes to */
  constructor(store: Store, folder: string, read: (key: string) => Promise<Value>) {
    this.#store = store;
    this.#folder = folder;
    this.#read = read;
  }

  /**
   * By key, in the order of `choose`.
   *
   * @param choose of all keys, in their order, those that are wanted. @throws SitefleetError `store.unreachable`
   */
  async values(
    choose: (keys: readonly string[]) => readonly string[],
  ): Promise<Map<string, { at: number; value: Value }>> {
    const listed = new Map((await this.#store.list(this.#folder)).map((one) => [one.key, one]));
    const wanted = choose([...listed.keys()]).flatMap((key) => listed.get(key) ?? []);
    const limit = pLimit(AT_ONCE);
    const found = wanted.map(({ key, size, modifiedAt }) =>
      limit(async () => {
        const stamp = `${size} ${modifiedAt}`;
        const before = this.#known.get(key);
        const value = before?.stamp === stamp && before.sure ? before.value : await this.#read(key);
        const sure = this.#store.kind === "directory" || Date.now() - modifiedAt > UNSURE_MS;
        this.#known.set(key, { stamp, sure, value });
        return [key, { at: modifiedAt, value }] as const;
      }),
    );
    const values = new Map(await Promise.all(found));
    for (const key of this.#known.keys()) if (!values.has(key)) this.#known.delete(key);
    return values;
  }
}
