import type { Service } from "../../model/index.ts";
import { resolveOnHost } from "./host-path.ts";

/** What is live at a path: the part after `releases/`, wherever the document root lies inside the release. */
export function releaseOf(path: string): string | undefined {
  return /\/releases\/([^/]+)(?:\/|$)/.exec(path)?.[1];
}

/** The release that a service's document root leads to; undefined while it leads to none. */
export function liveRelease(tree: string, service: Pick<Service, "path">): string | undefined {
  const path = resolveOnHost(tree, service.path);
  return path === undefined ? undefined : releaseOf(path);
}
