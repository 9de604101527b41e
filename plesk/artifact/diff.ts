import type { Entry } from "./manifest.ts";

/** What happens to one path when a release replaces another. */
export interface Change {
  readonly action: "create" | "change" | "delete";
  readonly path: string;
  /** Bytes of the new content; of the old one for deletions. 0 for directories and links. */
  readonly bytes: number;
}

const sizeOf = (entry: Entry): number => (entry.kind === "file" ? entry.size : 0);

function same(a: Entry, b: Entry): boolean {
  if (a.kind === "file" && b.kind === "file") return a.sha256 === b.sha256 && a.mode === b.mode;
  if (a.kind === "link" && b.kind === "link") return a.target === b.target;
  return a.kind === b.kind;
}

/** Itemises the way from one manifest to another, sorted by path. Directories count only as what they hold. */
export function diffManifests(before: readonly Entry[], after: readonly Entry[]): Change[] {
  const old = new Map(before.filter((entry) => entry.kind !== "dir").map((entry) => [entry.path, entry]));
  const changes: Change[] = [];
  for (const entry of after) {
    if (entry.kind === "dir") continue;
    const previous = old.get(entry.path);
    old.delete(entry.path);
    if (previous === undefined) changes.push({ action: "create", path: entry.path, bytes: sizeOf(entry) });
    else if (!same(previous, entry)) changes.push({ action: "change", path: entry.path, bytes: sizeOf(entry) });
  }
  for (const entry of old.values()) changes.push({ action: "delete", path: entry.path, bytes: sizeOf(entry) });
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}
