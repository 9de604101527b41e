import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { KEPT, outputPaths } from "./layout.ts";
import { readIfThere } from "./publish.ts";

const Finished = z.object({
  predicate: z.object({ runDetails: z.object({ metadata: z.object({ finishedOn: z.iso.datetime() }) }) }),
});
const Release = z.object({ release: z.string() });
const DAY_MS = 86_400_000;

/** What may go. */
export interface PruneRequest {
  /** Absolute directories of artifacts; what lies in `<artifact>.builds` is looked at. */
  readonly artifacts: readonly string[];
  /** Release ids that stay whatever their age, beside those that the artifacts in place have. */
  readonly keep?: ReadonlySet<string>;
  /** Days that a build is kept; 0 keeps only what is declared. */
  readonly days: number;
  readonly now: Date;
}

/**
 * Removes kept builds that ended more than some days ago, by their provenance, else by the time of their directory. What
 * the artifact in place was made of stays.
 *
 * @returns the directories that were removed
 */
export async function prune(request: PruneRequest): Promise<string[]> {
  const removed: string[] = [];
  for (const artifact of request.artifacts) {
    const paths = outputPaths(artifact);
    const live = await liveRelease(paths.manifest);
    const names = await readdir(paths.kept).catch(() => []);
    for (const name of names.sort()) {
      const dir = join(paths.kept, name);
      if (!/^[0-9a-f]{64}$/.test(name) || name === live || request.keep?.has(name)) continue;
      if (request.now.getTime() - (await endedAt(dir)) <= request.days * DAY_MS) continue;
      await rm(dir, { recursive: true, force: true });
      removed.push(dir);
    }
  }
  return removed;
}

async function liveRelease(manifest: string): Promise<string | undefined> {
  try {
    return Release.parse(JSON.parse((await readIfThere(manifest)) ?? "")).release;
  } catch {
    return undefined;
  }
}

async function endedAt(dir: string): Promise<number> {
  try {
    const statement = Finished.parse(JSON.parse((await readIfThere(join(dir, KEPT.provenance))) ?? ""));
    return Date.parse(statement.predicate.runDetails.metadata.finishedOn);
  } catch {
    return (await stat(dir)).mtimeMs;
  }
}
