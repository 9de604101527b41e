import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { directoryStore } from "../../../../../fleet/backend/store/directory-store.ts";
import { stateStore } from "../../../../../fleet/backend/store/state-store.ts";
import { changeObject, type Store, within } from "../../../../../fleet/backend/store/store.ts";
import { BACKENDS, BUILD_MS, type TestBackend } from "../../../../support/backends.ts";
import { tempDir } from "../../../plesk/support/temp.ts";

// What a store promises, against a directory, a real S3-compatible server and a real PostgreSQL. What breaks when these fail:
// two machines or processes overwrite each other's locks, or a run's journal cannot be read back.

const STORES = [{ name: "a directory", available: true, start: undefined }, ...BACKENDS];

describe.each(STORES)("objects in $name", ({ available, start }) => {
  let backend: TestBackend | undefined;
  let store: Store;
  beforeAll(async () => {
    if (!available) return;
    backend = await start?.();
    if (backend === undefined) {
      // Not there yet: nothing is made before something is written.
      store = directoryStore(join(mkdtempSync(join(tempDir("store-"), "s-")), "state"));
      return;
    }
    Object.assign(process.env, backend.env);
    store = (await stateStore({ ...process.env, PULUMI_BACKEND_URL: backend.url })) as Store;
  }, BUILD_MS);
  afterAll(() => backend?.stop());
  const test = it.skipIf(!available);

  // A preview asks first of all, and must not make the table or the directory.
  test("are asked for without making anything", async () => {
    expect([await store.get("x"), await store.bytes("x"), await store.head("x", 5), await store.list("")]).toEqual([
      undefined,
      undefined,
      undefined,
      [],
    ]);
    await written("a/bytes", "\u00e4");
    expect(Buffer.from((await store.bytes("a/bytes"))?.content ?? []).toString("utf8")).toBe("\u00e4");
    await store.remove("a/bytes");
  });

  test("are read as they were written, whole, with any character", async () => {
    const text = `{"name":"Zürich 'x' \\\\ \n","big":"${"a".repeat(300_000)}"}`;
    expect(await store.get("a/one.json")).toBeUndefined();
    await written("a/one.json", text);
    expect((await store.get("a/one.json"))?.text).toBe(text);
    await written("a/one.json", "{}");
    expect((await store.get("a/one.json"))?.text).toBe("{}");
    await store.remove("a/one.json");
    await store.remove("a/one.json");
    expect(await store.get("a/one.json")).toBeUndefined();
  });

  /** A write must take place, and tell the version that a reader sees: what a later write names as its condition. */
  const written = async (...[key, text, condition]: Parameters<Store["put"]>) => {
    const version = await store.put(key, text, condition);
    expect(version).toBe((await store.get(key))?.version);
  };

  test("are written only when the condition is met", async () => {
    const key = "b/two.json";
    expect(await store.put(key, "1", { version: '"0"' })).toBe(false);
    await written(key, "1", { absent: true });
    expect(await store.put(key, "2", { absent: true })).toBe(false);
    const version = (await store.get(key))?.version ?? "";
    await written(key, "3", { version });
    expect(await store.put(key, "4", { version })).toBe(false);
    expect((await store.get(key))?.text).toBe("3");
    const last = (await store.get(key))?.version ?? "";
    await store.remove(key);
    expect(await store.put(key, "5", { version: last })).toBe(false);
    expect(await store.get(key)).toBeUndefined();
  });

  test("can be read in part: only the beginning is fetched", async () => {
    expect(await store.head("h/none.json", 10)).toBeUndefined();
    for (const [key, text] of [
      ["h/short", "1234"],
      ["h/empty", ""],
      ["h/long", "abc".repeat(5000)],
    ] as const) {
      await store.put(key, text);
      expect((await store.head(key, 10))?.content).toBe(text.slice(0, 10));
    }
  });

  // What was read under a version is not fetched again while a list names the same one.
  test("tell one version wherever it is asked for, a directory only where it reads all", async () => {
    const version = await store.put("v/one.json", "whole");
    const told = [await store.bytes("v/one.json"), await store.head("v/one.json", 2), ...(await store.list("v/"))];
    expect(told.map((one) => one?.version)).toEqual(told.map(() => (store.kind === "directory" ? undefined : version)));
  });

  test("are listed by prefix with their size, and `_` stands for itself", async () => {
    for (const key of ["c/x_1", "c/xy1", "c/x_2/deep", "d/x"]) await store.put(key, "äb");
    const listed = await store.list("c/x_");
    expect(listed.map(({ key, size }) => [key, size])).toEqual([
      ["c/x_1", 3],
      ["c/x_2/deep", 3],
    ]);
    expect(Math.abs(Date.now() - (listed[0]?.modifiedAt ?? 0))).toBeLessThan(60_000);
    expect(await store.list("c/none/")).toEqual([]);
    expect((await store.list("c/")).map(({ key }) => key)).toEqual(["c/x_1", "c/x_2/deep", "c/xy1"]);
  });

  test("lose no change when many change one at the same time", async () => {
    const key = "e/count.json";
    const add = () => changeObject(store, key, (text) => ({ text: String(Number(text ?? 0) + 1), result: undefined }));
    await Promise.all(Array.from({ length: 24 }, add));
    expect((await store.get(key))?.text).toBe("24");
  });

  // One request less of each lock that is given back; a decision that is made on it must never be an old one.
  test("are changed from what was last seen, and lose nothing when another has written since", async () => {
    const key = "e/last.json";
    let asked = 0;
    const counted: Store = { ...store, get: (some) => store.get(some).finally(() => asked++) };
    const last = {};
    const add = () =>
      changeObject(counted, key, (text) => ({ text: `${Number(text ?? 0) + 1}`, result: undefined }), last);
    await add();
    await add();
    expect([(await store.get(key))?.text, asked]).toEqual(["2", 1]);
    await store.put(key, "7");
    await add();
    expect([(await store.get(key))?.text, asked]).toEqual(["8", 2]);
    await store.put(key, "9");
    expect(await changeObject(counted, key, (text) => ({ result: text }), last)).toBe("9");
    await store.remove(key);
    await add();
    expect((await store.get(key))?.text).toBe("1");
    // Nor is what was not there asked for again, and what has come since is not lost.
    asked = 0;
    const more = () =>
      changeObject(counted, "e/none.json", (text) => ({ text: `${text ?? ""}+`, result: undefined }), { absent: true });
    await more();
    expect(asked).toBe(0);
    await more();
    expect((await store.get("e/none.json"))?.text).toBe("++");
  });

  test("grow at their end, and lose nothing that others add", async () => {
    const lines = Array.from({ length: 24 }, (_, index) => `line ${index}\n`);
    await Promise.all(lines.map((line) => store.append("f/events.jsonl", line)));
    const { text = "" } = (await store.get("f/events.jsonl")) ?? {};
    expect(text.match(/line \d+\n/g)?.toSorted()).toEqual(lines.toSorted());
    expect(text).toHaveLength(lines.join("").length);
  });

  test("can be looked at from a folder as if there were nothing else", async () => {
    const folder = within(store, "g/inner/");
    await store.put("g/outer", "o");
    await folder.put("one", "1", { absent: true });
    await folder.append("one", "2");
    expect((await store.get("g/inner/one"))?.text).toBe("12");
    expect((await folder.list("")).map(({ key }) => key)).toEqual(["one"]);
    expect((await folder.head("one", 1))?.content).toBe("1");
    expect(Buffer.from((await folder.bytes("one"))?.content ?? []).toString()).toBe("12");
    expect((await folder.get("one"))?.text).toBe("12");
    await folder.remove("one");
    expect(await folder.list("")).toEqual([]);
    expect(folder.kind).toBe(store.kind);
  });

  // Whatever is done to a store, it answers like a map that knows how often each object was written.
  test("behave like a map", async () => {
    const key = fc.constantFrom("m/a", "m/b", "m/c/d");
    const steps = fc.array(
      fc.oneof(
        fc.record({ do: fc.constant("put" as const), key, text: fc.string() }),
        fc.record({ do: fc.constant("make" as const), key, text: fc.string() }),
        fc.record({ do: fc.constant("append" as const), key, text: fc.string() }),
        fc.record({ do: fc.constant("remove" as const), key, text: fc.constant("") }),
      ),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        for (const name of ["m/a", "m/b", "m/c/d"]) await store.remove(name);
        const model = new Map<string, string>();
        for (const { do: what, key: name, text } of list) {
          const before = model.get(name);
          if (what === "remove") model.delete(name);
          else if (what === "append") model.set(name, (before ?? "") + text);
          else if (what === "put" || before === undefined) model.set(name, text);
          if (what === "remove") await store.remove(name);
          else if (what === "append") await store.append(name, text);
          else
            expect((await store.put(name, text, what === "make" ? { absent: true } : undefined)) !== false).toBe(
              what === "put" || before === undefined,
            );
        }
        const listed = (await store.list("m/")).filter(({ key: name }) => !name.endsWith("/"));
        expect(listed.map(({ key: name }) => name)).toEqual([...model.keys()].sort());
        for (const [name, text] of model) expect((await store.get(name))?.text).toBe(text);
      }),
      { numRuns: 8 },
    );
  });

  it.skipIf(!available || start === undefined)(
    "say what is wrong without a password when the server is gone",
    async () => {
      const url = (backend?.url ?? "").replace(/127\.0\.0\.1:\d+/, "127.0.0.1:1");
      const gone = (await stateStore({ ...process.env, PULUMI_BACKEND_URL: url })) as Store;
      const error = await gone.get("x").catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "store.unreachable" });
      expect(JSON.stringify(error)).not.toContain(backend?.secret);
    },
  );
});

describe("a directory", () => {
  const dir = mkdtempSync(join(tempDir("store-"), "s-"));

  // A process of its own, that may be killed in the middle of a change.
  const changer = (root: string, times: number) =>
    spawn(process.execPath, [join(import.meta.dirname, "changer-main.ts"), root, String(times)], { stdio: "ignore" });

  it("loses no change of several processes, and a killed one holds nobody up", async () => {
    const root = join(dir, "many");
    const victim = changer(root, 1_000_000);
    const others = [changer(root, 60), changer(root, 60)];
    setTimeout(() => victim.kill("SIGKILL"), 400);
    const codes = await Promise.all(others.map(async (one) => (await once(one, "exit"))[0]));
    expect(codes).toEqual([0, 0]);
    await (victim.signalCode ?? once(victim, "exit"));
    const { text = "" } = (await directoryStore(root).get("count")) ?? {};
    const { text: own = "" } = (await directoryStore(root).get("by-victim")) ?? {};
    // The victim writes its own count after the common one: it may have been killed in between.
    const seen = Number(text) - 120 - Number(own || 0);
    expect([0, 1]).toContain(seen);
  }, 60_000);

  it("shows no file that is being written, nor its own lock; a folder in place of a file is one with a `/`", async () => {
    const root = join(dir, "odd");
    const store = directoryStore(root);
    await store.put("a", "1");
    await store.put("a", "2");
    mkdirSync(join(root, "b.json"));
    writeFileSync(join(root, "c.json.1234.tmp"), "half");
    expect((await store.list("")).map(({ key }) => key)).toEqual(["a", "b.json/"]);
    expect(await store.get("b.json")).toBeUndefined();
    expect(await store.bytes("a/below")).toBeUndefined();
    expect(readdirSync(root).sort()).toEqual([".store.lock", "a", "b.json", "c.json.1234.tmp"]);
  });

  it("that cannot be read or written says so, and leaves nothing half written", async () => {
    const root = join(dir, "closed");
    const store = directoryStore(root);
    await store.put("a", "1");
    mkdirSync(join(root, "b"));
    for (const wrong of [store.put("b", "x"), store.put("a/b", "x"), store.append("b", "x"), store.remove("b")])
      await expect(wrong).rejects.toMatchObject({ code: "store.unreachable", subject: expect.stringContaining(root) });
    await expect(store.put("b", "x", { absent: true })).resolves.toBe(false);
    expect(readdirSync(root).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    if (process.getuid?.() === 0) return; // root reads everything
    chmodSync(join(root, "a"), 0);
    await expect(store.get("a")).rejects.toMatchObject({ code: "store.unreachable" });
  });
});
