import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { handIn } from "../../../../../fleet/backend/copy/hand-in.ts";
import { writeNote } from "../../../../../fleet/backend/copy/note.ts";
import { copyDir } from "../../../../../fleet/backend/store/copy-place.ts";
import { directoryStore } from "../../../../../fleet/backend/store/directory-store.ts";
import { placesOf } from "../../../../../fleet/backend/store/project.ts";
import { tempDir } from "../../../plesk/support/temp.ts";

// What breaks when these fail: what a killed run had done is forgotten, or comes back over what another has done since.

const STACK = "prod-cell-07";
const keys = placesOf(STACK);
const LOCK = `${keys.locks}/one.json`;

/** A backend with a stack at `there`, and a copy of it that a killed run has left at `here`, begun when the backend had `begun`. */
async function left({ begun, there, here }: { begun: string; there?: string; here?: string | undefined }) {
  const remote = tempDir("remote-");
  const env = { PULUMI_BACKEND_URL: pathToFileURL(remote).href, SITEFLEET_STATE_DIR: tempDir("machine-") };
  const store = directoryStore(remote);
  await store.put(keys.state, begun);
  await store.put(LOCK, "{}");
  const dir = copyDir(STACK, env);
  writeNote(dir, { version: (await store.get(keys.state))?.version ?? "", lock: LOCK });
  const lay = (key: string, text: string) => {
    mkdirSync(dirname(join(dir, key)), { recursive: true });
    writeFileSync(join(dir, key), text);
  };
  if (here !== undefined) lay(keys.state, here);
  lay(`${keys.history}/${STACK}-1.history.json`, '{"kind":"update"}');
  if (there !== undefined) await store.put(keys.state, there);
  const text = async (key: string) => (await store.get(key))?.text;
  return { env, dir, lay, text };
}

describe("a copy that a killed run has left", () => {
  it("is handed in with its history, and its lock given back", async () => {
    const { env, dir, text } = await left({ begun: '{"serial":1}', here: '{"serial":4}' });
    expect(await handIn(STACK, env)).toEqual({ stack: STACK, outcome: "saved" });
    expect(await text(keys.state)).toBe('{"serial":4}');
    expect(await text(`${keys.history}/${STACK}-1.history.json`)).toBe('{"kind":"update"}');
    expect(await text(LOCK)).toBeUndefined();
    expect(existsSync(dir)).toBe(false);
    expect(await handIn(STACK, env)).toBeUndefined();
  });

  it("that was written back before is only cleared away", async () => {
    const { env, dir } = await left({ begun: '{"serial":1}', there: '{"serial":4}', here: '{"serial":4}' });
    expect(await handIn(STACK, env)).toEqual({ stack: STACK, outcome: "same" });
    expect(existsSync(dir)).toBe(false);
  });

  it("is kept aside when another has written since: that one's state stays", async () => {
    const { env, text } = await left({ begun: '{"serial":1}', there: '{"serial":9}', here: '{"serial":4}' });
    const done = await handIn(STACK, env);
    expect(done).toMatchObject({ outcome: "kept" });
    expect(readFileSync(done?.kept ?? "", "utf8")).toBe('{"serial":4}');
    expect(await text(keys.state)).toBe('{"serial":9}');
  });

  it.each([
    ["was cut off by a power failure", '{"ser'],
    ["has no state", undefined],
  ])("is cleared away when its state %s: the backend has the one before", async (_, here) => {
    const { env, dir, text } = await left({ begun: '{"serial":1}', here });
    expect(await handIn(STACK, env)).toBeUndefined();
    expect(await text(keys.state)).toBe('{"serial":1}');
    expect(existsSync(dir)).toBe(false);
  });

  it("is left alone while the killed run's engine ends what it has in flight", async () => {
    const { env, lay, dir } = await left({ begun: '{"serial":1}', here: '{"serial":4}' });
    // The engine is known by its name.
    const link = join(tempDir("engine-"), "pulumi");
    (await import("node:fs")).symlinkSync("/bin/sleep", link);
    const engine = spawn(link, ["60"], { stdio: "ignore" });
    try {
      lay(
        `${keys.locks}/inner.json`,
        JSON.stringify({ pid: engine.pid, username: "u", hostname: "h", timestamp: "t" }),
      );
      await expect(handIn(STACK, env)).rejects.toMatchObject({ code: "stack.locked", subject: STACK });
      expect(existsSync(dir)).toBe(true);
    } finally {
      engine.kill("SIGKILL");
      await new Promise((resolve) => engine.once("exit", resolve));
    }
    expect(await handIn(STACK, env)).toMatchObject({ outcome: "saved" });
  });
});
