import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { type Change, diffManifests } from "../artifact/diff.ts";
import type { Artifact } from "../artifact/index.ts";
import { compileSelection } from "../artifact/selection.ts";
import { markerPath } from "../commands/layout.ts";
import { compareArgs, fileList, type Itemised, listArgs, parseItemised } from "../commands/rsync.ts";
import { EXIT } from "../exit-codes.ts";
import type { Session } from "../remote/session.ts";
import type { Run } from "./context.ts";
import type { Inspection } from "./inspection.ts";

/** What a deployment would change for whoever visits the service. */
export interface Changes {
  readonly changes: readonly Change[];
  /** Number of files before. */
  readonly before: number;
}

/**
 * Itemises the way from what is served now to the artifact. Against a release of ours by the two manifests, which needs no
 * file to be read on the host; against a document root that we did not make by listing and comparing it with rsync.
 *
 * @throws SitefleetError `plesk.unfit` when there is such a document root and no rsync on the host.
 */
export async function changesOnHost(
  run: Run,
  session: Session,
  inspection: Inspection,
  artifact: Artifact,
): Promise<Changes> {
  if (inspection.live === artifact.digest) return { changes: [], before: artifact.files };
  if (inspection.liveEntries !== undefined) {
    return {
      changes: diffManifests(inspection.liveEntries, artifact.entries),
      before: inspection.liveEntries.filter((entry) => entry.kind !== "dir").length,
    };
  }
  if (inspection.docroot === "absent" || (inspection.docroot === "ours" && inspection.live === undefined)) {
    return { changes: diffManifests([], artifact.entries), before: 0 };
  }
  requireRsync(run, inspection);
  return compareWithDocroot(run, session, artifact);
}

/** @throws SitefleetError `plesk.unfit` when the host has no rsync. */
export function requireRsync(run: Run, inspection: Inspection): void {
  if (inspection.probe.tools.has("rsync")) return;
  throw new SitefleetError({
    code: "plesk.unfit",
    subject: run.document.service.key,
    message: "the host has no rsync",
    hint: "give the account a shell with rsync",
    exitCode: EXIT.unfit,
  });
}

/** Runs rsync and collects its itemised lines by path. @throws SitefleetError `plesk.rsync` when it fails. */
export async function itemise(
  session: Session,
  call: {
    readonly label: string;
    readonly args: readonly string[];
    readonly stdin?: string;
    readonly timeoutMs: number;
  },
): Promise<Map<string, Itemised>> {
  const items = new Map<string, Itemised>();
  const result = await session.rsync({
    ...call,
    onLine: (line) => {
      const item = parseItemised(line);
      if (item) items.set(item.path, item);
    },
  });
  if (result.code === 0) return items;
  throw new SitefleetError({
    code: "plesk.rsync",
    message: `${call.label} failed (rsync exit ${result.code})`,
    details: result.stderrTail
      .split("\n")
      .filter((line) => line !== "")
      .slice(-10),
    exitCode: EXIT.upload,
  });
}

async function compareWithDocroot(run: Run, session: Session, artifact: Artifact): Promise<Changes> {
  const { layout, document } = run;
  const prefix = layout.webRoot === "" ? "" : `${layout.webRoot}/`;
  const served = artifact.entries
    .filter((entry) => entry.path.startsWith(prefix))
    .map((entry) => ({ ...entry, path: entry.path.slice(prefix.length) }));
  const timeoutMs = document.timeouts.upload * 1000;
  const emptyDir = await mkdtemp(join(session.dir, "empty-"));
  const there = await itemise(session, {
    label: "listing the document root",
    args: listArgs({ sshConfig: session.sshConfig, from: layout.path, emptyDir }),
    timeoutMs,
  });
  const differing = await itemise(session, {
    label: "comparing with the document root",
    args: compareArgs({
      sshConfig: session.sshConfig,
      from: `${artifact.dir}/${prefix}`.replace(/\/$/, ""),
      to: layout.path,
    }),
    stdin: fileList(served),
    timeoutMs,
  });
  const excluded = compileSelection({
    exclude: document.service.exclude,
    shared: [...layout.shared.map(({ path }) => path), markerPath(layout.webRoot)],
  });
  const mine = new Set(served.map((entry) => entry.path));
  const changes: Change[] = [];
  let before = 0;
  for (const item of differing.values()) {
    if (item.kind === "dir" || !item.content) continue;
    changes.push({ action: item.created ? "create" : "change", path: prefix + item.path, bytes: item.bytes });
  }
  for (const item of there.values()) {
    if (item.kind === "dir" || item.path === ".") continue;
    const path = prefix + item.path;
    const parents = path
      .split("/")
      .map((_, index, names) => names.slice(0, index).join("/"))
      .slice(1);
    if (excluded(path, false) || parents.some((parent) => excluded(parent, true))) continue;
    before += 1;
    if (!mine.has(item.path)) changes.push({ action: "delete", path, bytes: item.bytes });
  }
  changes.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { changes, before };
}
