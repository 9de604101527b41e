import { readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { root } from "./paths.mjs";

/** Where set-up puts the programs, each with all that it loads in few files; in .gitignore. */
export const programsDir = join(root, ".toolchain", "programs");
/** Says which build of the programs is the current one, and which sources it was made of. */
export const currentFile = join(programsDir, "current.json");

/** What the process has found out, for the copy of this module in a bundle as well: asking takes 40 ms. */
const KNOWN = Symbol.for("sitefleet.programs");

/**
 * The file to start a program by: the one that set-up made where no source has changed since, else the source itself. Node
 * takes half a second of CPU time to find and read the thousand modules of a command one by one, each time.
 *
 * @param entry the source's path from the project's root, e.g. `cli/main.ts`
 * @param env of the program. Vendors of one's own (SITEFLEET_VENDORS) load the SDKs from their packages; those must be the program's too
 */
export function programFile(entry, env = process.env) {
  if (env.SITEFLEET_VENDORS) return join(root, entry);
  globalThis[KNOWN] ??= currentBuild();
  const current = globalThis[KNOWN];
  return current.entries.includes(entry) ? join(programsDir, current.build, `${entry}.js`) : join(root, entry);
}

/**
 * Where a program keeps what it has found out for its next start, and by what it is known; undefined for one that is run from its sources.
 *
 * @param file what was started
 */
export function keepingOf(file = "") {
  const [build, ...inside] = relative(programsDir, file).split(sep);
  if (build === ".." || inside.length === 0) return undefined;
  return { dir: join(root, "node_modules", ".cache", "sitefleet", "kept"), program: `${build} ${process.version}` };
}

/** The current build when it is of the sources as they are now; else one without programs. */
export function currentBuild(file = currentFile) {
  try {
    const found = JSON.parse(readFileSync(file, "utf8"));
    if (found.root === root && found.sources.every(unchanged)) return found;
  } catch {
    // None was made, or a source is gone.
  }
  return { entries: [] };
}

/** @param source path, size and time of change as {@link stampOf} gives them */
function unchanged([path, size, changed]) {
  // Asked for more than a thousand files by each command: putting the path together by `join` takes a third of the time.
  const now = statSync(`${root}/${path}`);
  return now.size === size && now.mtimeMs === changed;
}

/** What tells whether a source has changed. */
export function stampOf(path) {
  const { size, mtimeMs } = statSync(join(root, path));
  return [path, size, mtimeMs];
}
