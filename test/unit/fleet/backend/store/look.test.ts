import { createHash } from "node:crypto";
import { afterEach, expect, it, vi } from "vitest";
import { Look } from "../../../../../fleet/backend/store/look.ts";
import { placesOf } from "../../../../../fleet/backend/store/project.ts";
import type { ListedObject, Store } from "../../../../../fleet/backend/store/store.ts";

// What an operation remembers of a bucket. What breaks when these fail: a run decides by a state that another run has replaced, or asks a
// bucket far away for the same thing again and again.

const md5 = (text: string) => `"${createHash("md5").update(text).digest("hex")}"`;

/** Objects that can be counted. */
function bucket(objects: Record<string, string>, kind: Store["kind"] = "s3") {
  const asked: string[] = [];
  const listed = ([key, text]: [string, string]): ListedObject => ({
    key,
    size: text.length,
    modifiedAt: 0,
    version: md5(text),
  });
  const part = (key: string, bytes?: number) => {
    const text = objects[key];
    return text === undefined ? undefined : { content: text.slice(0, bytes), version: md5(text) };
  };
  const store = {
    kind,
    async list(prefix: string) {
      asked.push(`list ${prefix}`);
      return Object.entries(objects)
        .filter(([key]) => key.startsWith(prefix))
        .map(listed);
    },
    async bytes(key: string) {
      asked.push(`bytes ${key}`);
      const found = part(key);
      return found && { ...found, content: Buffer.from(found.content) };
    },
    async head(key: string, bytes: number) {
      asked.push(`head ${key}`);
      return part(key, bytes);
    },
  } as Store;
  return { store, objects, taken: () => asked.splice(0) };
}

const textOf = (found: { readonly content: Uint8Array } | undefined) =>
  found && Buffer.from(found.content).toString("utf8");

afterEach(() => vi.useRealTimers());

it("asks for a list once, also when two ask at once, and knows from it what is not there", async () => {
  const { store, taken } = bucket({ "states/a": "one", "states/ab": "two" });
  const look = new Look();
  const seen = look.of(store);
  const [first, second] = await Promise.all([seen.list("states/"), look.of(store).list("states/")]);
  expect(first).toEqual(second);
  expect((await seen.list("states/ab")).map(({ key }) => key)).toEqual(["states/ab"]);
  expect([await seen.bytes("states/none"), await seen.head("states/none", 2)]).toEqual([undefined, undefined]);
  expect(taken()).toEqual(["list states/"]);
  // No list says anything of these.
  expect(await seen.bytes("other/a")).toBeUndefined();
  expect(taken()).toEqual(["bytes other/a"]);
});

it("fetches an object again only when a newer list names another version", async () => {
  const { store, objects, taken } = bucket({ "states/a": "one", "states/b": "same" });
  const look = new Look();
  const seen = look.of(store);
  await seen.list("states/");
  for (let time = 0; time < 2; time++) {
    expect(textOf(await seen.bytes("states/a"))).toBe("one");
    expect((await seen.head("states/a", 2))?.content).toBe("on");
    expect((await seen.head("states/b", 2))?.content).toBe("sa");
  }
  expect(taken()).toEqual(["list states/", "bytes states/a", "bytes states/b"]);
  objects["states/a"] = "another run's";
  look.outdate();
  await seen.list("states/");
  expect(textOf(await seen.bytes("states/a"))).toBe("another run's");
  expect((await seen.head("states/b", 2))?.content).toBe("sa");
  expect(taken()).toEqual(["list states/", "bytes states/a"]);
});

it("fetches the first few objects whole of which the beginning is asked for, and of more the beginning", async () => {
  const names = ["a", "b", "c", "d", "e"].map((name) => `states/${name}`);
  const { store, taken } = bucket(Object.fromEntries(names.map((name) => [name, name])));
  const seen = new Look().of(store);
  await seen.list("states/");
  for (const name of names) expect((await seen.head(name, 7))?.content).toBe("states/");
  const [first = "", , , , fifth = ""] = names;
  expect([textOf(await seen.bytes(first)), textOf(await seen.bytes(fifth))]).toEqual([first, fifth]);
  const whole = names.slice(0, 4).map((name) => `bytes ${name}`);
  expect(taken()).toEqual(["list states/", ...whole, `head ${fifth}`, `bytes ${fifth}`]);
});

it("fetches once what two ask for at once", async () => {
  const { store, taken } = bucket({ "states/a": "one" });
  const seen = new Look().of(store);
  await seen.list("states/");
  const [whole, head, again] = await Promise.all([
    seen.bytes("states/a"),
    seen.head("states/a", 2),
    seen.bytes("states/a"),
  ]);
  expect([textOf(whole), head?.content, textOf(again)]).toEqual(["one", "on", "one"]);
  expect(taken()).toEqual(["list states/", "bytes states/a"]);
});

it("lists a history again unless the stack's state is still the newest one in it", async () => {
  const { state, history } = placesOf("prod-cell-07");
  const { store, objects, taken } = bucket({ [state]: "1", [`${history}/x-1.checkpoint.json`]: "1" });
  const look = new Look();
  const listed = async () => {
    look.outdate();
    const seen = look.of(store);
    await seen.list(state);
    await seen.bytes(state);
    taken();
    const found = await seen.list(`${history}/`);
    return [found.length, taken().length];
  };
  expect(await listed()).toEqual([1, 1]);
  expect(await listed()).toEqual([1, 0]);
  // Another machine's update writes the state first, then its copy.
  objects[state] = "2";
  expect(await listed()).toEqual([1, 1]);
  objects[`${history}/x-2.checkpoint.json`] = "2";
  expect(await listed()).toEqual([2, 1]);
  expect(await listed()).toEqual([2, 0]);
});

it("without a list of this look takes nothing that it has read before", async () => {
  const { store, objects } = bucket({ "states/a": "one" });
  const look = new Look();
  await look.of(store).list("states/");
  await look.of(store).bytes("states/a");
  look.outdate();
  objects["states/a"] = "two";
  expect(textOf(await look.of(store).bytes("states/a"))).toBe("two");
});

it("takes an object for the copy of another by the digest of its content alone", async () => {
  const { store, taken } = bucket({ "states/a": "state", "history/a": "state", "history/b": "other" });
  const seen = new Look().of(store);
  await Promise.all([seen.list("states/"), seen.list("history/")]);
  await seen.bytes("states/a");
  taken();
  expect(textOf(await seen.bytes("history/a"))).toBe("state");
  expect(textOf(await seen.bytes("history/b"))).toBe("other");
  expect(taken()).toEqual(["bytes history/b"]);
  // A server may tell versions that are no digests.
  const counting = bucket({ "states/a": "one", "history/a": "two" });
  const list: Store["list"] = async (prefix) =>
    (await counting.store.list(prefix)).map((one) => ({ ...one, version: '"1"' }));
  const bytes: Store["bytes"] = async (key) => {
    const found = await counting.store.bytes(key);
    return found && { ...found, version: '"1"' };
  };
  const strange = new Look().of({ ...counting.store, list, bytes });
  await Promise.all([strange.list("states/"), strange.list("history/")]);
  expect([textOf(await strange.bytes("states/a")), textOf(await strange.bytes("history/a"))]).toEqual(["one", "two"]);
});

it("keeps a bounded part of what it has read, the latest", async () => {
  const { store, taken } = bucket({ "states/a": "aaa", "states/b": "bbb", "states/c": "ccc" });
  const seen = new Look(7).of(store);
  await seen.list("states/");
  for (const key of ["states/a", "states/b", "states/c", "states/c", "states/b"]) await seen.bytes(key);
  expect(taken()).toEqual(["list states/", "bytes states/a", "bytes states/b", "bytes states/c"]);
  await seen.bytes("states/a");
  expect(taken()).toEqual(["bytes states/a"]);
});

it("takes a list for true for seconds only, and one that failed not at all", async () => {
  const { store, taken } = bucket({ "states/a": "one" });
  const look = new Look();
  vi.useFakeTimers({ toFake: ["performance"] });
  await look.of(store).list("states/");
  vi.advanceTimersByTime(21_000);
  await look.of(store).list("states/");
  expect(taken()).toHaveLength(2);
  let down = true;
  const shaky = { ...store, list: (prefix: string) => (down ? Promise.reject(new Error("down")) : store.list(prefix)) };
  const seen = new Look().of(shaky);
  await expect(seen.list("states/")).rejects.toThrow("down");
  down = false;
  expect(await seen.list("states/")).toHaveLength(1);
});
