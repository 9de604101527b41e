import { posix } from "node:path";
import { RELEASE_MARKER } from "../../catalog/shape/shared-paths.ts";
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
}

/** A path that outlives releases. */
export interface SharedPath {
  /** Relative to the release and to `shared/`, without a closing slash. */
  readonly path: string;
  readonly directory: boolean;
  /** What the link in the release says; relative. */
  readonly target: string;
}

/** Computes the layout of a service. */
export function layoutOf(service: Pick<Service, "path" | "kind" | "webRoot" | "shared">): Layout {
  const rules = {
    kind: service.kind,
    shared: service.shared,
    ...(service.webRoot === undefined ? {} : { webRoot: service.webRoot }),
  };
  const webRoot = webRootOf(rules);
  const base = `${service.path}.sitefleet`;
  return {
    path: service.path,
    base,
    docrootTarget: posix.join(posix.basename(base), "current", webRoot),
    webRoot,
    shared: sharedPathsOf(rules).map((raw) => {
      const path = raw.replace(/\/$/, "");
      return {
        path,
        directory: raw.endsWith("/"),
        target: `${"../".repeat(path.split("/").length + 1)}shared/${path}`,
      };
    }),
  };
}

/** Path of the file, relative to the release, that names the release to whoever asks over HTTP. */
export function markerPath(webRoot: string): string {
  return posix.join(webRoot, RELEASE_MARKER);
}
