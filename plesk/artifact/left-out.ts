import { readdir } from "node:fs/promises";
import { excludingPattern, type Selection } from "./selection.ts";

/** What one pattern of `exclude` leaves out of an artifact. */
export interface LeftOut {
  readonly pattern: string;
  /** Regular files and links, those inside of directories included. Each counts for one pattern, the last that matches. */
  readonly files: number;
}

/**
 * Counts what each pattern of `exclude` leaves out, in their order; a pattern that matches nothing has 0. Reads names only. Shared paths are
 * none of a pattern's. An artifact that cannot be read counts as empty: who reads its files says so.
 */
export async function countLeftOut(dir: string, selection: Selection): Promise<LeftOut[]> {
  const exclude = selection.exclude ?? [];
  const shared = new Set((selection.shared ?? []).map((path) => path.replace(/\/+$/, "")));
  const patternOf = excludingPattern(exclude);
  const counts = exclude.map(() => 0);
  const walk = async (relative: string, above: number | undefined): Promise<void> => {
    const entries = await readdir(`${dir}/${relative}`, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (shared.has(path)) continue;
      const by = above ?? patternOf(path, entry.isDirectory());
      if (entry.isDirectory()) await walk(path, by);
      else if (by !== undefined) counts[by] = (counts[by] ?? 0) + 1;
    }
  };
  if (exclude.length > 0) await walk("", undefined);
  return exclude.map((pattern, index) => ({ pattern, files: counts[index] ?? 0 }));
}
