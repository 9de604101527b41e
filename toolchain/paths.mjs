import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Where set-up puts the engine, the language host and the launchers; in .gitignore. */
export const binDir = join(root, ".toolchain", "bin");
/** Written last, so that a set-up that was interrupted is done again. */
export const stampFile = join(root, ".toolchain", "stamp.json");
/** The Node that the pinned npm package `node` carries. */
export const nodeBinary = join(root, "node_modules", "node", "bin", "node");
/** Where Node keeps compiled code between runs. */
export const compileCache = join(root, "node_modules", ".cache", "sitefleet", "compile");
export const versions = JSON.parse(readFileSync(join(root, "toolchain", "versions.json"), "utf8"));

/** PATH with our engine and our Node before everything else. */
export function toolPath(path = process.env.PATH ?? "") {
  const first = [binDir, join(root, "node_modules", ".bin")];
  return [...first, ...path.split(delimiter).filter((dir) => dir !== "" && !first.includes(dir))].join(delimiter);
}

/** PATH without our own folders: what the machine itself offers. */
export function outsidePath(path = process.env.PATH ?? "") {
  return path
    .split(delimiter)
    .filter((dir) => dir !== "" && dir !== binDir && !dir.includes("node_modules"))
    .join(delimiter);
}

/** The first executable called `name` in `path`, or undefined. */
export function which(name, path) {
  for (const dir of path.split(delimiter)) {
    const file = join(dir, name);
    if (existsSync(file)) return file;
  }
  return undefined;
}

/** Compares dotted versions numerically; a leading v and anything after a hyphen are ignored. */
export function atLeast(version, minimum) {
  const parts = (text) => text.trim().replace(/^v/, "").split("-")[0].split(".").map(Number);
  const [a, b] = [parts(version), parts(minimum)];
  if (a.some(Number.isNaN)) return false;
  for (let i = 0; i < 3; i++) {
    if ((a[i] ?? 0) !== (b[i] ?? 0)) return (a[i] ?? 0) > (b[i] ?? 0);
  }
  return true;
}
