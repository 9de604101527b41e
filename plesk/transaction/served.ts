import type { Entry } from "../artifact/manifest.ts";
import { compileSelection } from "../artifact/selection.ts";
import { type Layout, markerPath } from "../commands/layout.ts";
import { isResetPath } from "../commands/reset.ts";
import { SAY } from "../commands/script.ts";
import { LINE_FEED, SERVED } from "../commands/served.ts";
import { KIND_DEFAULTS, type Kind } from "../kinds/index.ts";
import type { Said } from "../remote/session.ts";
import { above } from "../transport/transport.ts";

/** Paths of what lies in the live release, directories apart. */
export interface Served {
  readonly links: ReadonlySet<string>;
  /** All that is neither link nor directory. */
  readonly files: ReadonlySet<string>;
  /** Those of `files` that were written after the release was published. */
  readonly newer: ReadonlySet<string>;
}

/** Reads what `servedBody` reported; undefined when there is nothing whole. */
export function parseServed(said: Said): Served | undefined {
  const sets = { links: new Set<string>(), files: new Set<string>(), newer: new Set<string>() };
  let into: Set<string> | undefined;
  for (const line of said) {
    if (line === `${SAY}served end`) {
      for (const path of sets.newer) sets.files.add(path);
      return sets;
    }
    const section = SERVED.find((name) => line === `${SAY}served ${name}`);
    if (section !== undefined) into = sets[section];
    else if (into !== undefined && line.startsWith("./")) into.add(line.slice(2).replaceAll(LINE_FEED, "\n"));
  }
  return undefined;
}

/** How what is served differs from what was deployed: all by path. */
export interface Written {
  /** Put there since, by the application, the panel or a person. */
  readonly added: readonly string[];
  /** Of the release, and written to since; whether the content differs only reading tells. */
  readonly touched: readonly string[];
  /** Of the release, and no longer there. */
  readonly missing: readonly string[];
}

/**
 * Compares what lies in the live release with its manifest. What the driver makes itself, what is shared, the panel's places and what the
 * kind's steps make there do not count as written. Pure.
 *
 * @returns undefined when the look was not whole: a release always has its marker.
 */
export function writtenSince(
  layout: Layout,
  kind: Kind,
  served: Served,
  manifest: readonly Entry[],
): Written | undefined {
  const marker = markerPath(layout.webRoot);
  const { links, files, newer } = served;
  if (!files.has(marker)) return undefined;
  // A place of the panel that the release brings itself is the release's.
  const brought = new Set(manifest.flatMap(({ path }) => [path, ...above(path)]));
  const panel = layout.panel.filter(({ path }) => !brought.has(path));
  const apart = new Set([...layout.shared, ...panel].map(({ path }) => path));
  const generated = compileSelection({ exclude: KIND_DEFAULTS[kind].generated });
  const own = (path: string): boolean => {
    if (path === marker || apart.has(path) || isResetPath(layout.webRoot, path) || generated(path, false)) return true;
    return above(path).some((parent) => apart.has(parent) || generated(parent, true));
  };
  const deployed = new Set(manifest.filter(({ kind }) => kind !== "dir").map(({ path }) => path));
  const added = [...files, ...links].filter((path) => !deployed.has(path) && !own(path)).sort();
  const touched = manifest.flatMap(({ kind, path }) => (kind === "file" && newer.has(path) ? [path] : []));
  // A shell that goes through the directories itself passes over names of two lines.
  const seen = (path: string): boolean => files.has(path) || links.has(path) || path.includes("\n");
  const missing = [...deployed].filter((path) => !seen(path) && !own(path)).sort();
  return { added, touched, missing };
}

/**
 * What to declare as `shared` so that written files stay: whole directories that the release does not have, else the files. Pure.
 *
 * @param known Paths of directories that releases have.
 */
export function offersFor(added: readonly string[], known: ReadonlySet<string>): string[] {
  const offers = added.map((path) => {
    const directory = above(path).find((parent) => !known.has(parent));
    return directory === undefined ? path : `${directory}/`;
  });
  return [...new Set(offers)].sort();
}
