import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readNote } from "../../../../../fleet/backend/copy/note.ts";
import { replace, WriteBack } from "../../../../../fleet/backend/copy/write-back.ts";
import { directoryStore } from "../../../../../fleet/backend/store/directory-store.ts";
import { placesOf } from "../../../../../fleet/backend/store/project.ts";
import { type Store, unreachable } from "../../../../../fleet/backend/store/store.ts";
import { tempDir } from "../../../plesk/support/temp.ts";

// What breaks when these fail: a bucket's state is older than it is said to be, or an older state takes the place of a newer one.

const STACK = "prod-cell-07";
const { state: KEY } = placesOf(STACK);
/** A second, and what a busy machine takes for its timers. */
const SECOND_MS = 1_500;
const text = (serial: number) => JSON.stringify({ serial });

/** A store, and a copy in which an engine has the stack. @param faulty wraps the store's writes */
async function begin(faulty: (put: Store["put"]) => Store["put"] = (put) => put) {
  const [remote, dir] = [tempDir("remote-"), tempDir("copy-")];
  const real = directoryStore(remote);
  await real.put(KEY, text(0));
  const found = await real.get(KEY);
  const engine = (serial: number) => {
    mkdirSync(dirname(join(dir, KEY)), { recursive: true });
    writeFileSync(join(dir, KEY), text(serial));
  };
  engine(0);
  const back = new WriteBack(
    STACK,
    { ...real, put: faulty(real.put) },
    dir,
    KEY,
    found as NonNullable<typeof found>,
    "l",
  );
  const there = () => readFileSync(join(remote, KEY), "utf8");
  return { back, dir, engine, there, real };
}

describe("an engine's changes", () => {
  it("are in the store within a second, and its last one at the end", async () => {
    const { back, dir, engine, there, real } = await begin();
    engine(1);
    await expect.poll(there, { timeout: SECOND_MS }).toBe(text(1));
    engine(2);
    expect(await back.end()).toBe(text(2));
    expect(there()).toBe(text(2));
    expect(readNote(dir)).toEqual({ version: (await real.get(KEY))?.version, lock: "l" });
  });

  it("are one write where they end within half a second", async () => {
    let writes = 0;
    const { back, engine, there } = await begin((put) => (...args) => {
      writes++;
      return put(...args);
    });
    engine(1);
    // Long enough to be seen, and no longer.
    await new Promise((resolve) => setTimeout(resolve, 150));
    engine(2);
    expect(await back.end()).toBe(text(2));
    expect([writes, there()]).toEqual([1, text(2)]);
  });

  it("are no writes where nothing has changed", async () => {
    let writes = 0;
    const { back, engine } = await begin((put) => (...args) => {
      writes++;
      return put(...args);
    });
    engine(0);
    expect(await back.end()).toBe(text(0));
    expect(writes).toBe(0);
  });

  it("are written again when the store refuses one", async () => {
    let refuse = true;
    const { back, engine, there } = await begin((put) => async (...args) => {
      if (!refuse) return put(...args);
      refuse = false;
      throw unreachable("bucket", new Error("503 slow down"));
    });
    engine(1);
    expect(await back.end()).toBe(text(1));
    expect(there()).toBe(text(1));
  });

  it("are known again when the answer to a write was lost", async () => {
    let lose = true;
    const { back, engine, there } = await begin((put) => async (...args) => {
      const written = await put(...args);
      if (!lose) return written;
      lose = false;
      throw unreachable("bucket", new Error("time-out"));
    });
    engine(1);
    await expect.poll(there, { timeout: SECOND_MS }).toBe(text(1));
    engine(2);
    expect(await back.end()).toBe(text(2));
    expect(there()).toBe(text(2));
  });

  it("do not take the place of what another has written: the engine is to end, and the other's state stays", async () => {
    const { back, engine, there, real } = await begin();
    await real.put(KEY, text(50));
    engine(1);
    await expect.poll(() => back.behind.aborted, { timeout: 2_000 }).toBe(true);
    await expect(back.end()).rejects.toMatchObject({ code: "copy.overtaken", subject: STACK });
    expect(there()).toBe(text(50));
  });

  it("end with the stack when the engine removes it", async () => {
    const { back, dir } = await begin();
    rmSync(join(dir, KEY));
    expect(await back.end()).toBeUndefined();
  });
});

/** What happens between two writes of one copy. */
type Event = "answered" | "lost on its way" | "answer lost" | "another writes";

it("never replaces a state that it has not seen or written itself, whatever gets lost", async () => {
  const events = fc.array(fc.constantFrom<Event>("answered", "lost on its way", "answer lost", "another writes"), {
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(events, async (sequence) => {
      let [there, version, overtaken] = [text(0), 0, false];
      const store = {
        get: async () => ({ text: there, version: String(version) }),
        put: async (_: string, value: string, condition?: { version: string }) => {
          if (condition?.version !== String(version)) return false;
          [there, version] = [value, version + 1];
          return String(version);
        },
      } as unknown as Store;
      const sha = (await import("node:crypto")).createHash;
      let note: { version: string; sending?: string } = { version: "0" };
      for (const [index, event] of sequence.entries()) {
        const next = text(index + 1);
        if (event === "another writes") {
          [there, version, overtaken] = [text(-1 - index), version + 1, true];
          continue;
        }
        const before = there;
        const sending = sha("sha256").update(next).digest("hex");
        const written = event === "lost on its way" ? "lost" : await replace(store, KEY, next, note);
        if (overtaken) {
          // Only what was lost on its way changes nothing known; everything else must have been refused.
          expect(there).toBe(before);
          if (written === undefined) return;
        }
        if (event === "answered") note = { version: String(written) };
        else note = { version: note.version, sending };
      }
    }),
    { numRuns: 300 },
  );
});
