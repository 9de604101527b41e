import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Holder, heldBy, holderSchema, isDeadHere, isHere, me } from "./holder.ts";
import type { Held, LockOptions } from "./types.ts";

export { describeHolder, type Holder } from "./holder.ts";
export type { Held, LockOptions } from "./types.ts";

/** Between two looks at a lock that somebody else holds, ms. */
const POLL_MS = 500;
/** How often a holder shows that it is alive, ms. */
const BEAT_MS = 5_000;
/** A holder on another machine that has not shown itself for so long is taken for gone, ms. */
const STALE_MS = 60_000;

/**
 * Takes the locks of all stacks, or none: what is held is given back before waiting, so that two runs cannot wait for each
 * other. Locks of dead processes of this machine, and of other machines' holders that stopped showing themselves, are taken over.
 *
 * @throws SitefleetError `lock.held` after the wait, with the holder
 */
export async function lockStacks(options: LockOptions): Promise<Held> {
  if (options.store) {
    const { lockShared } = await import("./shared-locks.ts");
    return lockShared(options.store, options, options.times);
  }
  mkdirSync(options.dir, { recursive: true });
  const self = me(options.run, options.operation);
  const deadline = Date.now() + options.waitMs;
  const told = new Set<string>();
  for (;;) {
    const held: string[] = [];
    let blocked: { stack: string; holder: Holder } | undefined;
    for (const stack of [...options.stacks].sort()) {
      const holder = take(fileOf(options.dir, stack), self, options.gone);
      if (holder !== undefined) {
        blocked = { stack, holder };
        break;
      }
      held.push(stack);
    }
    if (blocked === undefined) return keep(options.dir, held, self);
    for (const stack of held) giveBack(fileOf(options.dir, stack), self);
    const { stack, holder } = blocked;
    if (!told.has(holder.run)) options.onWait?.(stack, holder);
    told.add(holder.run);
    if (Date.now() >= deadline || options.signal?.aborted) throw heldBy(stack, holder);
    await sleep(
      Math.min(POLL_MS, Math.max(1, deadline - Date.now())),
      undefined,
      options.signal ? { signal: options.signal } : {},
    ).catch(() => {});
  }
}

const fileOf = (dir: string, stack: string) => join(dir, `${stack}.json`);

/** Takes one lock; returns its holder when that is somebody else. */
function take(file: string, self: Holder, gone: readonly string[] = []): Holder | undefined {
  for (;;) {
    try {
      const descriptor = openSync(file, "wx", 0o600);
      writeSync(descriptor, JSON.stringify(self));
      fsyncSync(descriptor);
      closeSync(descriptor);
      return undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const found = read(file);
    if (found === undefined) continue; // given back in between
    if (!isStale(found, file) && !gone.includes(found.host)) return found;
    rmSync(file, { force: true });
  }
}

/** A lock's holder; undefined when there is none. A file without a readable holder is one that is just being written. */
function read(file: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    const since = new Date().toISOString();
    return { run: "unknown", user: "unknown", host: "unknown", pid: 0, startTicks: "", operation: "unknown", since };
  }
}

function isStale(holder: Holder, file: string): boolean {
  if (isHere(holder)) return isDeadHere(holder);
  try {
    return Date.now() - statSync(file).mtimeMs > STALE_MS;
  } catch {
    return true;
  }
}

function giveBack(file: string, self: Holder): void {
  if (read(file)?.run === self.run) rmSync(file, { force: true });
}

function keep(dir: string, stacks: readonly string[], self: Holder): Held {
  const files = stacks.map((stack) => fileOf(dir, stack));
  const beat = setInterval(() => {
    const now = new Date();
    for (const file of files) {
      try {
        utimesSync(file, now, now);
      } catch {}
    }
  }, BEAT_MS);
  beat.unref();
  let released = false;
  return {
    release() {
      if (released) return;
      released = true;
      clearInterval(beat);
      for (const file of files) giveBack(file, self);
    },
  };
}

/** All locks in a folder with their holders, stale ones left out. */
export function listLocks(dir: string): { stack: string; holder: Holder }[] {
  let names: string[] = [];
  try {
    names = readdirSync(dir).filter((name) => name.endsWith(".json"));
  } catch {}
  return names.flatMap((name) => {
    const holder = read(join(dir, name));
    return holder && !isStale(holder, join(dir, name)) ? [{ stack: name.slice(0, -5), holder }] : [];
  });
}
