import ignore, { type Ignore } from "ignore";

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
 * A pattern as the library reads it in git's sense. Two stars mean "any directories" to git only as a whole name between slashes
 * (gitignore(5)); elsewhere they are as one, which the library takes for any directories as well.
 */
function asGitReads(pattern: string): string {
  return pattern
    .split("/")
    .map((name) => (/^\*{2,}$/.test(name) ? "**" : name.replace(/\*{2,}/g, "*")))
    .join("/");
}

/** Upper and lower case differ, as they do for git and rsync on Linux and in what the host serves. */
const matcherOf = (patterns: readonly string[]): Ignore =>
  ignore({ ignoreCase: false }).add(patterns.map((pattern) => asGitReads(pattern)));

/**
 * Compiles a selection. Shared paths are left out too: in the release they are links, and an artifact that brought
 * files of its own there would hide the data of the service.
 *
 * Patterns are in .gitignore's language, not in rsync's. The list of files is made here, since it must be the same for the digest,
 * for rsync and for tar. And rsync's filters match a path such as `sites/default/files` at any depth.
 */
export function compileSelection(selection: Selection): IsExcluded {
  const matcher = matcherOf(selection.exclude ?? []);
  const shared = new Set((selection.shared ?? []).map((path) => path.replace(/\/+$/, "")));
  return (path, directory) => shared.has(path) || matcher.ignores(directory ? `${path}/` : path);
}

/**
 * Answers which pattern of `exclude` leaves a path out, by its place in the list; undefined when none does. Of several the last one counts.
 */
export function excludingPattern(exclude: readonly string[]): (path: string, directory: boolean) => number | undefined {
  const all = matcherOf(exclude);
  const each = exclude.map((pattern) => matcherOf([pattern]));
  return (path, directory) => {
    const asked = directory ? `${path}/` : path;
    if (!all.ignores(asked)) return undefined;
    return each.findLastIndex((matcher) => matcher.ignores(asked));
  };
}
