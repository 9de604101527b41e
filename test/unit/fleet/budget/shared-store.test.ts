import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stateStore } from "../../../../fleet/backend/store/state-store.ts";
import type { Condition, Store } from "../../../../fleet/backend/store/store.ts";
import { EMPTY_LEDGER, type LedgerState } from "../../../../fleet/budget/ledger-state.ts";
import { sharedStore } from "../../../../fleet/budget/shared-store.ts";
import { BACKENDS, BUILD_MS, type TestBackend } from "../../../support/backends.ts";

// What breaks when these fail: jobs on several machines together call a vendor more often than it allows.

/** Counts a call in the ledger's own shape. */
const add = (state: LedgerState) => {
  const count = (state.drawn.test?.calls ?? 0) + 1;
  return { state: { ...state, drawn: { ...state.drawn, test: { calls: count } } }, result: count };
};

/** An object in memory whose version is checked as a bucket does. */
function memory(): Store & { requests: number; text: () => string | undefined } {
  let [text, version]: [string | undefined, number] = [undefined, 0];
  const met = (condition?: Condition) =>
    condition === undefined || ("absent" in condition ? text === undefined : condition.version === String(version));
  return {
    kind: "s3",
    append: async () => {},
    requests: 0,
    text: () => text,
    async get() {
      this.requests++;
      await new Promise((resolve) => setImmediate(resolve));
      return text === undefined ? undefined : { text, version: String(version) };
    },
    async put(_, value, condition) {
      this.requests++;
      await new Promise((resolve) => setImmediate(resolve));
      if (!met(condition)) return false;
      [text, version] = [value, version + 1];
      return String(version);
    },
    bytes: async () => undefined,
    head: async () => undefined,
    remove: async () => {},
    list: async () => [],
  };
}

describe("a ledger that machines share", () => {
  it("counts every call once when several machines count at the same time", async () => {
    const object = memory();
    const machines = [1, 2, 3].map(() => sharedStore(object, "ledger"));
    const counted = await Promise.all(
      machines.flatMap((machine) => Array.from({ length: 20 }, () => machine.transact(add))),
    );
    expect(counted.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  });

  it("makes changes together that are asked for meanwhile", async () => {
    const object = memory();
    const one = sharedStore(object, "ledger");
    await Promise.all(Array.from({ length: 50 }, () => one.transact(add)));
    // The first alone, the other 49 in one go: a read and a write each.
    expect(object.requests).toBe(4);
  });

  it("tells whose change failed, and makes the others", async () => {
    const object = memory();
    const one = sharedStore(object, "ledger");
    const broken = () => {
      throw new Error("broken");
    };
    const results = await Promise.allSettled([one.transact(add), one.transact(broken), one.transact(add)]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(JSON.parse(object.text() ?? "").drawn.test.calls).toBe(2);
  });

  it("does not write what has not changed", async () => {
    const object = memory();
    const one = sharedStore(object, "ledger");
    await one.transact(add);
    const before = object.requests;
    await one.transact((state) => ({ state: { ...EMPTY_LEDGER, ...state }, result: undefined }));
    expect(object.requests - before).toBe(1);
  });
});

describe.each(BACKENDS)("a ledger in $name", ({ available, start }) => {
  let backend: TestBackend;
  beforeAll(async () => {
    if (!available) return;
    backend = await start();
    Object.assign(process.env, backend.env);
  }, BUILD_MS);
  afterAll(() => backend?.stop());

  it.skipIf(!available)("loses no call", async () => {
    const object = (await stateStore({ ...process.env, PULUMI_BACKEND_URL: backend.url })) as Store;
    const machines = [1, 2, 3].map(() => sharedStore(object, "ledger.json"));
    await Promise.all(machines.flatMap((machine) => Array.from({ length: 10 }, () => machine.transact(add))));
    expect(await machines[0]?.transact((state) => ({ state, result: state.drawn.test }))).toEqual({ calls: 30 });
  });
});
