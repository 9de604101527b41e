import { lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * Follows a path of the host the way its own kernel would: links, absolute ones included, are resolved inside the
 * host's tree and cannot lead out of it.
 *
 * @param tree the host's tree on this machine
 * @param path absolute path on the host
 * @returns the absolute path on the host without links, or undefined when it does not exist
 */
export function resolveOnHost(tree: string, path: string): string | undefined {
  const open = path.split("/").reverse();
  const done: string[] = [];
  let links = 0;
  while (open.length > 0) {
    const segment = open.pop();
    if (segment === undefined || segment === "" || segment === ".") continue;
    if (segment === "..") {
      done.pop();
      continue;
    }
    const here = `/${[...done, segment].join("/")}`;
    let target: string | undefined;
    try {
      if (lstatSync(join(tree, here)).isSymbolicLink()) target = readlinkSync(join(tree, here));
    } catch {
      return undefined;
    }
    if (target === undefined) {
      done.push(segment);
      continue;
    }
    // Linux gives up after 40 links (ELOOP).
    if (++links > 40) return undefined;
    if (target.startsWith("/")) done.length = 0;
    open.push(...target.split("/").reverse());
  }
  return `/${done.join("/")}`;
}
