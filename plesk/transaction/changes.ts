import { type Change, diffManifests } from "../artifact/diff.ts";
import type { Artifact } from "../artifact/index.ts";
import { compileSelection } from "../artifact/selection.ts";
import { markerPath } from "../commands/layout.ts";
import { isResetPath } from "../commands/reset.ts";
import type { Session } from "../remote/session.ts";
import { chooseTransport } from "../transport/index.ts";
import { above } from "../transport/transport.ts";
import type { Run } from "./context.ts";
import type { Inspection } from "./inspection.ts";

/** What a deployment would change for whoever visits the service. */
export interface Changes {
  readonly changes: readonly Change[];
  /** Number of files before. */
  readonly before: number;
  /** What is declared to stay (`exclude`) and would no longer be served: the topmost paths. */
  readonly lost: readonly string[];
}

/** What nobody serves on purpose, though it is declared to be left alone. */
const NEVER_SERVED = /(^|\/)\.git$|\.log$/;

/**
 * Itemises the way from what is served now to the artifact. Against a release of ours by the two manifests, which needs no
 * file to be read on the host; against a document root that we did not make by looking at all of it.
 *
 * @throws SitefleetError `plesk.unfit` when there is such a document root and no way to look at it.
 */
export async function changesOnHost(
  run: Run,
  session: Session,
  inspection: Inspection,
  artifact: Artifact,
): Promise<Changes> {
  if (inspection.live === artifact.digest) return { changes: [], before: artifact.files, lost: [] };
  if (inspection.liveEntries !== undefined) {
    return {
      changes: diffManifests(inspection.liveEntries, artifact.entries),
      before: inspection.liveEntries.filter((entry) => entry.kind !== "dir").length,
      lost: [],
    };
  }
  if (inspection.docroot === "absent" || (inspection.docroot === "ours" && inspection.live === undefined)) {
    return { changes: diffManifests([], artifact.entries), before: 0, lost: [] };
  }
  return compareWithDocroot(run, session, inspection, artifact);
}

async function compareWithDocroot(
  run: Run,
  session: Session,
  inspection: Inspection,
  artifact: Artifact,
): Promise<Changes> {
  const { layout, document } = run;
  const prefix = layout.webRoot === "" ? "" : `${layout.webRoot}/`;
  const served = artifact.entries
    .filter((entry) => entry.path.startsWith(prefix))
    .map((entry) => ({ ...entry, path: entry.path.slice(prefix.length) }));
  const from = layout.webRoot === "" ? artifact.dir : `${artifact.dir}/${layout.webRoot}`;
  const transport = chooseTransport(inspection.probe, session, document.timeouts.upload * 1000);
  const { there, different } = await transport.observe(from, served, layout.path);
  const marker = markerPath(layout.webRoot);
  const excluded = compileSelection({
    exclude: document.service.exclude,
    shared: [...layout.shared.map(({ path }) => path), marker],
  });
  const mine = new Map(served.map((entry) => [entry.path, entry]));
  const changes: Change[] = [];
  let before = 0;
  const shared = new Set(layout.shared.map(({ path }) => path));
  const lost: string[] = [];
  for (const [path, { created, content, bytes }] of different) {
    if (mine.get(path)?.kind === "dir" || !content) continue;
    changes.push({ action: created ? "create" : "change", path: prefix + path, bytes });
  }
  for (const [name, { kind, bytes }] of there) {
    const path = prefix + name;
    if (isResetPath(layout.webRoot, path)) continue;
    const inside = above(path).some((parent) => excluded(parent, true));
    if (!inside && !shared.has(path) && !NEVER_SERVED.test(path) && path !== marker && excluded(path, kind === "dir"))
      lost.push(path);
    if (kind === "dir" || excluded(path, false) || inside) continue;
    before += 1;
    if (!mine.has(name)) changes.push({ action: "delete", path, bytes });
  }
  changes.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { changes, before, lost: lost.sort() };
}
