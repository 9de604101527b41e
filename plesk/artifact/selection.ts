import ignore from "ignore";

/** Which files of an artifact's directory belong to it. */
export interface Selection {
  /** Patterns in .gitignore's language, relative to the artifact, of what is never uploaded. @default [] */
  readonly exclude?: readonly string[];
  /** Paths relative to the release that live in `shared/` and are linked into every release; `dir/` for directories. @default [] */
  readonly shared?: readonly string[];
}

/** Answers whether a path relative to the artifact (no leading slash, `/` between names) is left out. */
export type IsExcluded = (path: string, directory: boolean) => boolean;

/**
 * Compiles a selection. Shared paths are left out too: in the release they are links, and an artifact that brought
 * files of its own there would hide the data of the service.
 *
 * .gitignore's language rather than rsync's, because the list of files is made here (it must be the same for the
 * digest, for rsync and for tar) and rsync's filters match a path such as `sites/default/files` at any depth.
 */
export function compileSelection(selection: Selection): IsExcluded {
  const matcher = ignore().add([...(selection.exclude ?? [])]);
  const shared = new Set((selection.shared ?? []).map((path) => path.replace(/\/+$/, "")));
  return (path, directory) => shared.has(path) || matcher.ignores(directory ? `${path}/` : path);
}
