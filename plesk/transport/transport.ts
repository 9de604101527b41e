import type { Entry } from "../artifact/manifest.ts";

/** Something that lies in a directory on the host. */
export interface Found {
  readonly kind: "file" | "dir" | "link" | "special";
  /** 0 for all but files. */
  readonly bytes: number;
}

/** An entry that is not on the host as it is here. */
export interface Different {
  /** Nothing is there. */
  readonly created: boolean;
  /** Content or target differ, or nothing is there; otherwise only the mode does. */
  readonly content: boolean;
  /** Size here. */
  readonly bytes: number;
}

/** What a look at a directory on the host found, by path relative to it. */
interface Observation {
  readonly there: ReadonlyMap<string, Found>;
  readonly different: ReadonlyMap<string, Different>;
}

/** A way to bring files to the host and to look at what is there. */
export interface Transport {
  readonly name: "rsync" | "tar";
  /**
   * Brings entries of a local directory into an empty one on the host, with modes 644 and 755.
   *
   * @param alike Directories on the host with files that may be the same.
   * @returns what went over the wire.
   */
  upload(
    from: string,
    entries: readonly Entry[],
    to: string,
    alike: readonly string[],
  ): Promise<{ files: number; bytes: number }>;
  /** Looks at everything in a directory on the host, and compares entries of a local directory with it by content. */
  observe(from: string, entries: readonly Entry[], dir: string): Promise<Observation>;
}

/** Directories above a path, e.g. `a` and `a/b` of `a/b/c`. */
export function above(path: string): string[] {
  const names = path.split("/");
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
}
