import type { Site } from "../../../model/index.ts";

/** A git push, as far as it matters. */
export interface Push {
  /** `owner/name` */
  readonly repository: string;
  /** Paths relative to the repository's root, with `/`. */
  readonly files: readonly string[];
}

/** Sites that something touches, and why. */
export interface Affected {
  readonly hosts: readonly string[];
  /** Files that lie in no site's directory: shared code, which may touch every site of the repository. */
  readonly shared: readonly string[];
}

/**
 * Sites whose source a push touches: those of the repository whose root directory holds a changed file. Files outside
 * all root directories are shared code; `wholeRepository` takes every site of the repository for them. Pure.
 */
export function affectedByPush(sites: readonly Site[], push: Push, wholeRepository = true): Affected {
  const own = sites.filter(({ repository }) => repository.toLowerCase() === push.repository.toLowerCase());
  const within = (file: string, { rootDirectory }: Site) =>
    rootDirectory === "" || file === rootDirectory || file.startsWith(`${rootDirectory}/`);
  // A monorepo's root is no site's directory as long as another site has one below it.
  const rooted = own.some(({ rootDirectory }) => rootDirectory !== "");
  const candidates = rooted ? own.filter(({ rootDirectory }) => rootDirectory !== "") : own;
  const touched = new Set<string>();
  const shared: string[] = [];
  for (const file of push.files) {
    const hit = candidates.filter((site) => within(file, site));
    if (hit.length === 0) shared.push(file);
    for (const { host } of hit) touched.add(host);
  }
  if (shared.length > 0 && wholeRepository) for (const { host } of own) touched.add(host);
  if (rooted && push.files.length > 0) {
    for (const { host, rootDirectory } of own) if (rootDirectory === "") touched.add(host);
  }
  return { hosts: [...touched].sort(), shared: own.length === 0 ? [] : shared };
}
