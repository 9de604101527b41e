import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changeObject, type ObjectStore } from "../../../../../fleet/backend/store/object-store.ts";
import { stateStore } from "../../../../../fleet/backend/store/state-store.ts";
import { BACKENDS, BUILD_MS, type TestBackend } from "../../../../support/backends.ts";

// Against a real S3-compatible server and a real PostgreSQL. What breaks when these fail: two machines overwrite each
// other's locks, or a run's journal cannot be read back.

describe.each(BACKENDS)("objects in $name", ({ available, start }) => {
  let backend: TestBackend;
  let store: ObjectStore;
  beforeAll(async () => {
    if (!available) return;
    backend = await start();
    Object.assign(process.env, backend.env);
    store = (await stateStore({ PULUMI_BACKEND_URL: backend.url })) as ObjectStore;
  }, BUILD_MS);
  afterAll(() => backend?.stop());

  // A preview asks first of all, and must not make the table.
  it.skipIf(!available)("are asked for without making anything", async () => {
    expect([await store.get("x"), await store.bytes("x"), await store.head("x", 5), await store.list("")]).toEqual([
      undefined,
      undefined,
      undefined,
      [],
    ]);
    expect(await store.put("a/bytes", "\u00e4")).toBe(true);
    expect(Buffer.from((await store.bytes("a/bytes")) ?? []).toString("utf8")).toBe("\u00e4");
    await store.remove("a/bytes");
  });

  it.skipIf(!available)("are read as they were written, whole, with any character", async () => {
    const text = `{"name":"Zürich 'x' \\\\ \n","big":"${"a".repeat(300_000)}"}`;
    expect(await store.get("a/one.json")).toBeUndefined();
    expect(await store.put("a/one.json", text)).toBe(true);
    expect((await store.get("a/one.json"))?.text).toBe(text);
    await store.remove("a/one.json");
    await store.remove("a/one.json");
    expect(await store.get("a/one.json")).toBeUndefined();
  });

  it.skipIf(!available)("are written only when the condition is met", async () => {
    const key = "b/two.json";
    expect(await store.put(key, "1", { version: '"0"' })).toBe(false);
    expect(await store.put(key, "1", { absent: true })).toBe(true);
    expect(await store.put(key, "2", { absent: true })).toBe(false);
    const version = (await store.get(key))?.version ?? "";
    expect(await store.put(key, "3", { version })).toBe(true);
    expect(await store.put(key, "4", { version })).toBe(false);
    expect((await store.get(key))?.text).toBe("3");
  });

  it.skipIf(!available)("can be read in part: only the beginning is fetched", async () => {
    expect(await store.head("h/none.json", 10)).toBeUndefined();
    for (const [key, text] of [
      ["h/short", "1234"],
      ["h/empty", ""],
      ["h/long", "abc".repeat(5000)],
    ] as const) {
      await store.put(key, text);
      expect(await store.head(key, 10)).toBe(text.slice(0, 10));
    }
  });

  it.skipIf(!available)("are listed by prefix with their size, and `_` stands for itself", async () => {
    for (const key of ["c/x_1", "c/xy1", "c/x_2/deep", "d/x"]) await store.put(key, "äb");
    const listed = await store.list("c/x_");
    expect(listed.map(({ key, size }) => [key, size])).toEqual([
      ["c/x_1", 3],
      ["c/x_2/deep", 3],
    ]);
    expect(Math.abs(Date.now() - (listed[0]?.modifiedAt ?? 0))).toBeLessThan(60_000);
  });

  it.skipIf(!available)("lose no change when many change one at the same time", async () => {
    const key = "e/count.json";
    const add = () => changeObject(store, key, (text) => ({ text: String(Number(text ?? 0) + 1), result: undefined }));
    await Promise.all(Array.from({ length: 24 }, add));
    expect((await store.get(key))?.text).toBe("24");
  });

  it.skipIf(!available)("say what is wrong without a password when the server is gone", async () => {
    const url = backend.url.replace(/127\.0\.0\.1:\d+/, "127.0.0.1:1");
    const gone = (await stateStore({ PULUMI_BACKEND_URL: url })) as ObjectStore;
    const error = await gone.get("x").catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "store.unreachable" });
    expect(JSON.stringify(error)).not.toContain(backend.secret);
  });
});
