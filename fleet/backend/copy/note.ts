import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeAtomically } from "../store/state-dir.ts";

/** What is known of a working copy beside its files; enough to bring it to an end when its process is gone. */
const noteSchema = z.object({
  /** Version of the state in the bucket or table that the copy has last read or written there. */
  version: z.string(),
  /** SHA-256 of the state that was being written when this was noted: the answer may have been lost. */
  sending: z.string().optional(),
  /** Key of the engine's lock that the copy holds. */
  lock: z.string(),
});

/** See {@link readNote}. */
export type Note = z.infer<typeof noteSchema>;

/** What is noted of a working copy; undefined when there is none, or none that was begun whole. */
export function readNote(dir: string): Note | undefined {
  try {
    return noteSchema.parse(JSON.parse(readFileSync(join(dir, "copy.json"), "utf8")));
  } catch {
    return undefined;
  }
}

/** Notes it: on disk when this returns. */
export const writeNote = (dir: string, note: Note) => writeAtomically(join(dir, "copy.json"), JSON.stringify(note));

/** Removes a working copy. */
export const removeCopy = (dir: string) => rmSync(dir, { recursive: true, force: true });
