import type { Catalog, Site } from "../../../catalog/index.ts";
import { desiredState } from "../../../stacks/desired.ts";
import { digestOf } from "../../../stacks/digest.ts";
import { stackNames } from "../../../stacks/names.ts";

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

/** What differs between two states of the catalog. */
export interface CatalogChange {
  /** Sites that are new, gone or declared differently. */
  readonly hosts: readonly string[];
  /** Stacks other than cells whose desired state differs. */
  readonly stacks: readonly string[];
}

/** Sites and stacks whose desired state differs: a changed row, release or shared project, not a changed line. Pure. */
export function affectedByCatalog(before: Catalog, after: Catalog): CatalogChange {
  const [old, now] = [sitesOf(before), sitesOf(after)];
  const hosts = [...new Set([...old.keys(), ...now.keys()])].filter((host) => old.get(host) !== now.get(host));
  const names = new Set([...stackNames(before), ...stackNames(after)]);
  const others = [...names].filter((name) => !name.startsWith("prod-cell-"));
  const digest = (catalog: Catalog, name: string) => digestOf(desiredState(catalog, name) ?? null);
  return { hosts: hosts.sort(), stacks: others.filter((name) => digest(before, name) !== digest(after, name)).sort() };
}

function sitesOf(catalog: Catalog): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of stackNames(catalog)) {
    const state = desiredState(catalog, name);
    if (state?.kind === "cell") for (const site of state.sites) found.set(site.host, digestOf(site));
  }
  return found;
}
