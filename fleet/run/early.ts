import { readdirSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { environment } from "../../environment/index.ts";
import { indexFile } from "../backend/index/stack-index.ts";
import { fileBackend } from "../backend/store/file-backend.ts";
import { stateDir } from "../backend/store/state-dir.ts";
import { deriveEarly } from "./needs/index.ts";
import { WarmStart } from "./runner/warm.ts";

/** What a run over stacks is about, before its session is opened. */
export interface EarlyOptions {
  /** Absolute directory of the catalog. */
  readonly catalogDir: string;
  readonly configFile: string;
  /** All stacks are opened. @default those that differ */
  readonly all: boolean;
  /** So many stacks are worked on at once, at most. */
  readonly stacks: number;
}

/**
 * Starts what a run needs while its session is opened, which keeps one processor busy: runners, the provider of our own, and the key of
 * the stacks' secrets. Undefined where it is likely that no stack is opened.
 *
 * @returns to be closed by the caller
 */
export function startEarly({ catalogDir, configFile, all, stacks }: EarlyOptions): WarmStart | undefined {
  if (!all && !likelyDiffers(catalogDir, stateDir())) return undefined;
  // A bucket or table is asked for the salt once the session has read there what it needs.
  if (fileBackend(environment()) !== undefined) deriveEarly({ configFile }, []);
  // Of how many stacks there are it is only known that a processor each is busy with them.
  return new WarmStart(Math.min(stacks, availableParallelism()));
}

/** Whether a file of the catalog is younger than what was last remembered of the stacks, or nothing was. Reads times alone. @param state folder of the index */
export function likelyDiffers(catalogDir: string, state: string): boolean {
  const written = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  const remembered = written(indexFile(state));
  if (remembered === undefined) return true;
  try {
    return readdirSync(catalogDir).some((name) => (written(join(catalogDir, name)) ?? 0) > remembered);
  } catch {
    // The catalog's reader says what is wrong with it.
    return false;
  }
}
