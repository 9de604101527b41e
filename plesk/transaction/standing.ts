import { posix } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { decided } from "../commands/journal.ts";
import type { Layout } from "../commands/layout.ts";
import { ORIGINAL } from "../commands/layout.ts";
import { quote } from "../commands/quote.ts";
import { EXIT } from "../exit-codes.ts";
import { currentAfter, type Inspection, liveAfter, type ReleaseState } from "./inspection.ts";

/** What visitors get, whatever the driver has noted. */
export interface Serves {
  readonly kind: "release" | "directory" | "file" | "elsewhere" | "nothing";
  /** The release's id, or the path; null for nothing. */
  readonly what: string | null;
}

/** What a service's document root truly leads to. Pure. */
export function servesOf(
  { docroot, docrootTarget, dangling, live, strays }: Inspection,
  { path, base }: Layout,
): Serves {
  if (docroot === "dir") return { kind: "directory", what: path };
  if (docroot === "other") return { kind: "file", what: path };
  if (live !== undefined) return { kind: "release", what: live };
  if (docroot === "absent" || dangling) return { kind: "nothing", what: null };
  if (docroot === "foreign-link") return { kind: "elsewhere", what: docrootTarget ?? null };
  const current = strays.find(({ name }) => name === "current");
  if (current?.what === "dir") return { kind: "directory", what: `${base}/current` };
  return { kind: "elsewhere", what: current?.target ?? docrootTarget ?? null };
}

/** Something on the host that keeps every deployment and rollback from working, and what a person does about it. */
export interface Obstacle {
  readonly message: string;
  readonly hint: string;
}

const mvAside = (path: string): string => `mv ${quote(path)} ${quote(`${path}.aside`)}`;

/** What stands where the driver needs its own links. The driver neither deletes nor moves it, since its owner is not known. Pure. */
export function obstaclesOf(inspection: Inspection, layout: Layout): Obstacle[] {
  const { docroot, docrootTarget, dangling, originalThere, strays } = inspection;
  const { path, base } = layout;
  const found: Obstacle[] = [];
  if (docroot === "foreign-link") {
    const to = docrootTarget ?? "something else";
    found.push({
      message: `${path} is a link to ${to}, which is ${dangling ? "not there" : "not ours"}`,
      hint: `remove it (rm ${quote(path)})${dangling ? "" : " when visitors need not see that any more"}, or correct \`path\` in services.yaml`,
    });
  }
  if (docroot === "other") {
    const hint = `move it aside (${mvAside(path)}), or correct \`path\` in services.yaml`;
    found.push({ message: `${path} is neither a directory nor a link`, hint });
  }
  if (docroot === "dir" && originalThere) {
    const original = posix.join(base, "releases", ORIGINAL);
    found.push({
      message: `${path} is a directory once more, and ${original} still holds the one from before the first deployment`,
      hint: `look at what visitors see there now; then move it aside (${mvAside(path)}): the next deployment or rollback makes the link again`,
    });
  }
  for (const { name, what, target } of strays) {
    if (what === "dangling") continue;
    const link = posix.join(base, name);
    const is = what === "dir" ? "a directory" : what === "other" ? "a file" : `a link to ${target ?? "something else"}`;
    const good = name === "current" ? lastGood(inspection) : undefined;
    const again = good === undefined ? "" : ` && ln -s ${quote(`releases/${good.id}`)} ${quote(link)}`;
    found.push({
      message: `${link} is ${is}, not a link to a release${name === "current" ? "; visitors see what lies there" : ""}`,
      hint: `${name === "current" ? "look at what lies there, then move it aside" : "move it aside"}: ${mvAside(link)}${again}`,
    });
  }
  return found;
}

/** Says the first obstacle. @throws SitefleetError `plesk.unfit` */
export function refuseObstacles(inspection: Inspection, layout: Layout, subject: string): void {
  const [first, ...more] = obstaclesOf(inspection, layout);
  if (first === undefined) return;
  const details = more.map(({ message, hint }) => `${message}; ${hint}`);
  throw new SitefleetError({ code: "plesk.unfit", subject, ...first, details, exitCode: EXIT.unfit });
}

/** The release to go back to when the run fails: the one that visitors see, "" for none. Pure. */
export function backOf({ docroot, live }: Pick<Inspection, "docroot" | "live">): string {
  // A directory at the document root is converted in this run and is a release after that.
  return docroot === "dir" ? ORIGINAL : (live ?? "");
}

/** What the next run finds once it has put back, or finished, what a run that was cut off left. Pure. */
export function afterRecovery(inspection: Inspection): Inspection {
  const { journal } = inspection;
  if (journal === undefined) return inspection;
  if (decided(journal)) {
    const { back, next } = journal;
    const previous = back === "" || back === next ? inspection.previous : back;
    const releases = inspection.releases.map((release) =>
      release.id === back && journal.returns ? { ...release, bad: true } : release,
    );
    return { ...inspection, journal: undefined, previous, releases };
  }
  return { ...inspection, journal: undefined, live: liveAfter(inspection), current: currentAfter(inspection) };
}

/** Is a release live, with nothing left to do for it? Pure. */
export function isLive({ docroot, live, current }: Inspection, release: string): boolean {
  return docroot === "ours" && live === release && current === release;
}

/** Can a release be made live? A release without its manifest is half deleted; the original never has one, so its mark counts. Pure. */
export function usable({ id, complete, goodAt }: ReleaseState): boolean {
  return id === ORIGINAL ? goodAt !== undefined : complete;
}

/** Releases that a rollback may choose by itself, newest first. */
function candidates({ releases, live }: Pick<Inspection, "releases" | "live">): ReleaseState[] {
  return releases
    .filter((release) => usable(release) && !release.bad && release.goodAt !== undefined && release.id !== live)
    .sort((a, b) => (b.goodAt ?? 0) - (a.goodAt ?? 0));
}

function lastGood(inspection: Inspection): ReleaseState | undefined {
  return candidates({ ...inspection, live: undefined })[0];
}

/**
 * The release that a rollback without a name goes to when nothing is pending. It is the release that was live before. When that one was
 * taken back itself, or is not whole, it is the release that was good last. Undefined when there is none. Pure.
 */
export function releaseBefore(inspection: Pick<Inspection, "live" | "previous" | "releases">): string | undefined {
  const { previous, live, releases } = inspection;
  const before = releases.find((release) => release.id === previous && release.id !== live);
  return before !== undefined && usable(before) && !before.bad ? before.id : candidates(inspection)[0]?.id;
}

/** The same whatever is pending: `rollback` puts that back, or finishes it, first. Pure. */
export function rollbackTarget(inspection: Inspection): string | undefined {
  const { journal, current } = inspection;
  if (journal === undefined) return releaseBefore(inspection);
  // The deployment that made the live release live was cut off: putting it back is the way back.
  const left = !journal.returns && !decided(journal) && journal.next === current && journal.back !== current;
  return left && journal.back !== "" ? journal.back : releaseBefore(afterRecovery(inspection));
}

/** Newest snapshot that was taken while a release was live. Pure. @param since snapshots from before this do not count, ms since 1970. @default all do */
export function snapshotOf(inspection: Pick<Inspection, "snapshots">, release: string, since = 0): string | undefined {
  const taken = (name: string, release: string): boolean => {
    const [at, live] = name.split("-");
    return live === release.slice(0, 12) && Number(at) >= since;
  };
  return inspection.snapshots.findLast(({ name }) => taken(name, release))?.name;
}
