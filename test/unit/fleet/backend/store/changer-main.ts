import { directoryStore } from "../../../../../fleet/backend/store/directory-store.ts";
import { changeObject } from "../../../../../fleet/backend/store/store.ts";

// Adds one to a number in a directory, many times; one that is asked for very many also counts by itself.
const [root = "", times = "0"] = process.argv.slice(2);
const store = directoryStore(root);
const add = (key: string) =>
  changeObject(store, key, (text) => ({ text: String(Number(text ?? 0) + 1), result: undefined }));
for (let turn = 0; turn < Number(times); turn++) {
  await add("count");
  if (Number(times) > 1000) await add("by-victim");
}
