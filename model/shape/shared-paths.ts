import type { ServiceKind } from "../service-types.ts";

/** What is wrong with a shared path, and what would be right. */
export interface SharedPathProblem {
  readonly wrong: string;
  readonly allowed: string;
}

/** File below the web root by which a release is told over HTTP; the driver writes it into every release. */
export const RELEASE_MARKER = ".well-known/sitefleet-release";

/**
 * Paths relative to the web root that outlive a release of a kind: what the applications write beside their code. A trailing slash marks a
 * directory. Sources: Drupal's and CiviCRM's layout (`sites/default/files`, `sites/default/civicrm/upload`), Matomo's own manual.
 */
const SHARED_OF_KIND: Readonly<Partial<Record<ServiceKind, readonly string[]>>> = {
  "drupal-civicrm": ["sites/default/files/", "sites/default/civicrm/upload/"],
  matomo: ["tmp/"],
};

/** All shared paths of a service, relative to the release: its kind's, then its own, without duplicates. Pure. */
export function allSharedPaths(kind: ServiceKind, webRoot: string, own: readonly string[]): string[] {
  const prefix = webRoot === "" ? "" : `${webRoot}/`;
  return [...new Set([...(SHARED_OF_KIND[kind] ?? []).map((path) => prefix + path), ...own])];
}

/** Characters of a path at most: of a service on its host, and of everything inside a release. */
export const PATH_MAX = 512;
/** Patterns of `exclude` at most. */
export const EXCLUDES_MAX = 200;

/** Files that the driver itself keeps in `shared/` beside `.env`: while it is being written, and the one before. */
const BESIDE_ENV = new Set([".env.before", ".env.kept", ".env.next"]);
/** Scripts that the driver puts into web roots for the time of a deployment. */
const RESET = /^sitefleet-reset-[0-9a-f]{32}\.php$/;

const bare = (path: string): string => path.replace(/\/+$/, "");
const below = (path: string, directory: string): boolean => path.startsWith(`${directory}/`);

/**
 * What keeps a shared path from being one: a shared path is a link in every release, so nothing may lie in it that the driver itself needs
 * in each release, and none may lie in another. Pure; the one place where this is known.
 *
 * @param webRoot Served directory inside the release, "" for the release itself.
 * @param all All shared paths of the service; a trailing slash marks a directory.
 */
export function sharedPathProblem(
  path: string,
  webRoot: string,
  all: readonly string[],
): SharedPathProblem | undefined {
  const name = bare(path);
  const inRoot = webRoot === "" ? name : below(name, webRoot) ? name.slice(webRoot.length + 1) : undefined;
  const marker = webRoot === "" ? RELEASE_MARKER : `${webRoot}/${RELEASE_MARKER}`;
  if (webRoot !== "" && (name === webRoot || below(webRoot, name))) {
    return { wrong: `contains the web root ${webRoot}, which each release has of its own`, allowed: "paths inside it" };
  }
  if (name === marker || below(marker, name) || below(name, marker)) {
    const allowed = `what outlives releases inside it, such as ${marker.slice(0, marker.lastIndexOf("/"))}/acme-challenge/`;
    return { wrong: `holds ${marker}, which names the release and is each release's own`, allowed };
  }
  if (inRoot !== undefined && RESET.test(inRoot)) {
    return { wrong: "is a name of the driver's own scripts", allowed: "another name" };
  }
  if (name === ".env" && path !== name) {
    return { wrong: "is the driver's own file in shared/, not a directory", allowed: '".env"' };
  }
  if (name === ".env" && webRoot === "") {
    return { wrong: ".env would lie in the document root", allowed: "webRoot set to the public directory" };
  }
  // The file itself, and everything below it.
  const [first = ""] = name.split("/");
  if (first !== name && (first === ".env" || BESIDE_ENV.has(first))) {
    return { wrong: `lies below ${first}, which is the driver's own file in shared/`, allowed: "another name" };
  }
  if (BESIDE_ENV.has(name)) return { wrong: "is a name of the driver's own files in shared/", allowed: "another name" };
  const around = all.find((other) => below(name, bare(other)));
  if (around !== undefined) {
    return { wrong: `lies in ${around}, which is shared as a whole`, allowed: "one of the two" };
  }
  const twin = all.slice(0, Math.max(0, all.indexOf(path))).find((other) => bare(other) === name);
  if (twin !== undefined) return { wrong: `stands beside ${twin}`, allowed: "one of the two" };
  return undefined;
}
