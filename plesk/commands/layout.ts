import { posix } from "node:path";
import { RELEASE_MARKER } from "../../model/shape/shared-paths.ts";
import { PROFILE, type ProfileName } from "../host/profile.ts";
import type { Service } from "../input.ts";
import { sharedPathsOf, webRootOf } from "../kinds/index.ts";

/** Where the parts of a service lie on the host. */
export interface Layout {
  /** Document root as the web server knows it; becomes a link to {@link docrootTarget}. */
  readonly path: string;
  /** Everything else: `releases/`, `shared/`, `state/`, `incoming/`, `lock/`, `current`, `previous`. Beside the document root, so never served. */
  readonly base: string;
  /** What the document root's link says; relative, because a chroot sees other absolute paths than the web server. */
  readonly docrootTarget: string;
  /** Served directory inside a release, "" for the release itself. */
  readonly webRoot: string;
  /** Shared paths relative to the release. */
  readonly shared: readonly SharedPath[];
  /** Places where the host's panel writes, relative to the release: shared once something lies there, unless the artifact brings them. */
  readonly panel: readonly SharedPath[];
}

/** A path that outlives releases. */
export interface SharedPath {
  /** Relative to the release and to `shared/`, without a closing slash. */
  readonly path: string;
  readonly directory: boolean;
  /** What the link in the release says; relative. */
  readonly target: string;
}

function sharedPath(raw: string): SharedPath {
  const path = raw.replace(/\/$/, "");
  return {
    path,
    directory: raw.endsWith("/"),
    target: `${"../".repeat(path.split("/").length + 1)}shared/${path}`,
  };
}

/** Computes the layout of a service. @param profile Says where the panel of its host writes. @default "generic" */
export function layoutOf(
  service: Pick<Service, "path" | "kind" | "webRoot" | "shared">,
  profile: ProfileName = "generic",
): Layout {
  const rules = {
    kind: service.kind,
    shared: service.shared,
    webRoot: service.webRoot,
  };
  const webRoot = webRootOf(rules);
  const base = `${service.path}.sitefleet`;
  const shared = sharedPathsOf(rules).map(sharedPath);
  const declared = (path: string) => shared.some((one) => one.path === path || path.startsWith(`${one.path}/`));
  return {
    path: service.path,
    base,
    docrootTarget: posix.join(posix.basename(base), "current", webRoot),
    webRoot,
    shared,
    panel: PROFILE[profile].panel
      .map((path) => sharedPath(posix.join(webRoot, path)))
      .filter(({ path }) => !declared(path)),
  };
}

/** Path of the file, relative to the release, that names the release to clients over HTTP. */
export function markerPath(webRoot: string): string {
  return posix.join(webRoot, RELEASE_MARKER);
}

/** Name of the release that a real document root becomes at the first conversion. */
export const ORIGINAL = "original";
