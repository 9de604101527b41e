import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { environment } from "../../../environment/index.ts";
import { writeAtomically } from "../store/state-dir.ts";
import type { Store, StoredObject } from "../store/store.ts";

const notedSchema = z.object({
  /** Digest of the address that they were at: a folder may be that of several backends, one after the other. */
  place: z.string(),
  object: z.object({ text: z.string(), version: z.string() }).optional(),
  /** When the store last refused a write whose condition did not hold, ms since 1970. */
  provenAt: z.number(),
});

/** What a run of this machine has left noted of the locks of a bucket or table. */
interface NotedLocks {
  /** The locks as it has left them. */
  readonly object?: StoredObject | undefined;
  /** The store keeps to conditions: that is its software's nature, and is asked once a day. */
  readonly proven: boolean;
}

/** How long a proof counts, ms. */
const PROVEN_MS = 86_400_000;

const fileOf = (dir: string) => join(dir, "locks-seen.json");

function placeOf({ SITEFLEET_STATE_URL, PULUMI_BACKEND_URL }: NodeJS.ProcessEnv = environment()): string {
  return createHash("sha256")
    .update(SITEFLEET_STATE_URL || PULUMI_BACKEND_URL || "")
    .digest("hex");
}

function read(dir: string): z.infer<typeof notedSchema> | undefined {
  try {
    const noted = notedSchema.parse(JSON.parse(readFileSync(fileOf(dir), "utf8")));
    return noted.place === placeOf() ? noted : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What is noted: the next run begins with a write under the locks' version and not with a question. When another machine has written since,
 * that write is refused, and the locks are read. Nothing in a directory.
 *
 * @param dir state directory
 */
export function notedLocks(dir: string, { kind }: Pick<Store, "kind">, now = Date.now()): NotedLocks {
  const noted = kind === "directory" ? undefined : read(dir);
  return { object: noted?.object, proven: noted !== undefined && Math.abs(now - noted.provenAt) < PROVEN_MS };
}

/** Notes them; without the note the next run asks. @param proven the store has just been asked whether it keeps to conditions */
export function noteLocks(
  dir: string,
  { kind }: Pick<Store, "kind">,
  object: StoredObject | undefined,
  proven = false,
): void {
  const provenAt = proven ? Date.now() : read(dir)?.provenAt;
  if (kind === "directory" || provenAt === undefined) return;
  try {
    writeAtomically(fileOf(dir), JSON.stringify({ place: placeOf(), object, provenAt }));
  } catch {}
}
