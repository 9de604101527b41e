import { type Change, diffManifests } from "../artifact/diff.ts";
import type { Artifact } from "../artifact/index.ts";
import type { Entry } from "../artifact/manifest.ts";
import { compileSelection } from "../artifact/selection.ts";
import { markerPath } from "../commands/layout.ts";
import { isResetPath } from "../commands/reset.ts";
import { SAY } from "../commands/script.ts";
import { digestScript } from "../commands/served.ts";
import type { Session } from "../remote/session.ts";
import { chooseTransport } from "../transport/index.ts";
import { above } from "../transport/transport.ts";
import type { Run } from "./context.ts";
import type { Inspection } from "./inspection.ts";
import { offersFor, writtenSince } from "./served.ts";

/** What a deployment would change for visitors of the service. */
export interface Changes {
  readonly changes: readonly Change[];
  /** Number of files before. */
  readonly before: number;
  /** What is declared to stay (`exclude`) and would no longer be served: the topmost paths. */
  readonly lost: readonly string[];
  /** What was written through the document root since the deployment, as changes of the live release. */
  readonly written: readonly Change[];
  /** What to declare as `shared` so that what was put there stays. */
  readonly offers: readonly string[];
}

/** What is never served on purpose, though it is declared to be left alone. */
const NEVER_SERVED = /(^|\/)\.git$|\.log$/;
const neverServed = (path: string): boolean => [...above(path), path].some((one) => NEVER_SERVED.test(one));

/** Files whose content is asked for; more than these, all written to since, count as changed. */
const MOST_ASKED = 500;

const NOTHING = { lost: [], written: [], offers: [] };

/**
 * Lists the changes from what is served now to the artifact. A release of ours is compared by its manifest, and of what lies there only
 * files are read that were written to since. A document root that we did not make is read whole.
 *
 * @throws SitefleetError `plesk.unfit` when there is such a document root and no way to look at it.
 */
export async function changesOnHost(
  run: Run,
  session: Session,
  inspection: Inspection,
  artifact: Artifact,
): Promise<Changes> {
  const { live, docroot } = inspection;
  // A person made it a directory again. That directory is what is served, and no release.
  if (docroot === "dir") return compareWithDocroot(run, session, inspection, artifact);
  const entries = live === artifact.digest ? artifact.entries : inspection.liveEntries;
  if (live !== undefined && entries !== undefined) return compareWithLive(run, session, inspection, entries, artifact);
  if (docroot === "absent" || (docroot === "ours" && live === undefined)) {
    return { changes: diffManifests([], artifact.entries), before: 0, ...NOTHING };
  }
  return compareWithDocroot(run, session, inspection, artifact);
}

/** @param entries Manifest of the live release. */
async function compareWithLive(
  run: Run,
  session: Session,
  inspection: Inspection,
  entries: readonly Entry[],
  artifact: Artifact,
): Promise<Changes> {
  const { layout, document } = run;
  const { served, live = "" } = inspection;
  const count = (all: readonly Entry[]): number => all.filter(({ kind }) => kind !== "dir").length;
  const stays = live === artifact.digest;
  const since = served && writtenSince(layout, document.service.kind, served, entries);
  if (since === undefined) {
    return { changes: stays ? [] : diffManifests(entries, artifact.entries), before: count(entries), ...NOTHING };
  }
  const edited = new Set(await editedOf(run, session, live, since.touched, entries));
  const missing = new Set(since.missing);
  const unlike = (path: string): Entry => ({ kind: "file", path, mode: 0, size: 0, sha256: "" });
  const before = entries
    .filter(({ path }) => !missing.has(path))
    .map((entry) => (edited.has(entry.path) ? unlike(entry.path) : entry))
    .concat(since.added.filter((path) => !neverServed(path)).map(unlike));
  const excluded = compileSelection({ exclude: document.service.exclude });
  const topmost = (path: string): string | undefined =>
    above(path).find((parent) => excluded(parent, true)) ?? (excluded(path, false) ? path : undefined);
  const lost = since.added.flatMap((path) => {
    const kept = topmost(path);
    return kept === undefined || neverServed(path) ? [] : [kept];
  });
  const directories = [...entries, ...artifact.entries].flatMap(({ kind, path }) =>
    kind === "dir" ? [path, ...above(path)] : above(path),
  );
  return {
    changes: stays ? [] : diffManifests(before, artifact.entries),
    before: count(before),
    lost: stays ? [] : [...new Set(lost)].sort(),
    written: diffManifests(entries, before),
    offers: offersFor(
      since.added.filter((path) => !neverServed(path)),
      new Set([...directories, ...above(markerPath(layout.webRoot))]),
    ),
  };
}

/** Which of the files that were written to have another content. */
async function editedOf(
  run: Run,
  session: Session,
  live: string,
  touched: readonly string[],
  entries: readonly Entry[],
): Promise<readonly string[]> {
  if (touched.length === 0 || touched.length > MOST_ASKED) return touched;
  const said = await session.run("reading what was written to", digestScript(run.layout, live, touched));
  const digests = said.filter((line) => line.startsWith(`${SAY}digest`)).map((line) => line.slice(SAY.length + 7));
  const deployed = new Map(entries.map((entry) => [entry.path, entry.kind === "file" ? entry.sha256 : ""]));
  return touched.filter((path, index) => digests[index] !== deployed.get(path));
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
  const brought = new Set(artifact.entries.map(({ path }) => path));
  const stay = [...layout.shared, ...layout.panel.filter(({ path }) => !brought.has(path))].map(({ path }) => path);
  const excluded = compileSelection({
    exclude: document.service.exclude,
    shared: [...stay, marker],
  });
  const mine = new Map(served.map((entry) => [entry.path, entry]));
  const changes: Change[] = [];
  let before = 0;
  const shared = new Set(stay);
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
  return { changes, before, ...NOTHING, lost: lost.sort() };
}
