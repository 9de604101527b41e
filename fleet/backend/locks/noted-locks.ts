import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeAtomically } from "../store/state-dir.ts";
import type { Store, StoredObject } from "../store/store.ts";

const notedSchema = z.object({ text: z.string(), version: z.string() });

const fileOf = (dir: string) => join(dir, "locks-seen.json");

/**
 * The locks of a bucket or table as a run of this machine has left them: the next one begins with a write under their version and not with a
 * question. When another machine has written since, that write is refused, and the locks are read.
 *
 * @param dir state directory
 * @returns undefined where nothing is noted, and in a directory
 */
export function notedLocks(dir: string, { kind }: Pick<Store, "kind">): StoredObject | undefined {
  if (kind === "directory") return undefined;
  try {
    return notedSchema.parse(JSON.parse(readFileSync(fileOf(dir), "utf8")));
  } catch {
    return undefined;
  }
}

/** Notes them; without the note the next run asks. */
export function noteLocks(dir: string, { kind }: Pick<Store, "kind">, left: StoredObject | undefined): void {
  if (kind === "directory" || left === undefined) return;
  try {
    writeAtomically(fileOf(dir), JSON.stringify(left));
  } catch {}
}
