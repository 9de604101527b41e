import { type Entry, manifestDigest, parseManifest } from "../artifact/manifest.ts";
import { decided, type Journal, parseJournal } from "../commands/journal.ts";
import { ORIGINAL } from "../commands/layout.ts";
import { SAY } from "../commands/script.ts";
import { type Probe, parseProbe } from "../remote/probe.ts";
import type { Said } from "../remote/session.ts";
import { parseServed, type Served } from "./served.ts";

/** A release on the host. */
export interface ReleaseState {
  /** 64 hex digits, or `original` for what the document root was before its conversion. */
  readonly id: string;
  /** When it was last found good, in seconds since the epoch; undefined when never. */
  readonly goodAt: number | undefined;
  /** Complete: its manifest is there. */
  readonly complete: boolean;
  /** A deployment of it failed. */
  readonly bad: boolean;
}

/** A lock on the service. */
interface LockState {
  /** Seconds since the epoch. */
  readonly expires: number;
  readonly holder: string;
}

/** A snapshot of a database. */
export interface SnapshotState {
  /** `<milliseconds since the epoch>-<first digits of the release that was live>`. */
  readonly name: string;
  /** Bytes of the dump before compression. */
  readonly bytes: number;
}

/** Something that stands where the driver keeps a link to a release. */
interface Stray {
  readonly name: "current" | "previous" | "retired";
  /** `dangling` and `foreign`: a link that leads nowhere, or out of our releases; only told of `current`. */
  readonly what: "dir" | "other" | "dangling" | "foreign";
  /** What the link says, where the host can tell. */
  readonly target: string | undefined;
}

/** What lies in the place of a shared path in the live release, or in a document root that is a directory. */
interface ShareState {
  readonly path: string;
  /** `link` is as it should be. */
  readonly is: "link" | "dir" | "file" | "absent";
  /** Does `shared/` have it? */
  readonly kept: boolean;
}

/** State of one service on the host. */
export interface Inspection {
  readonly probe: Probe;
  /** `ours`: a link into our releases (or to one that is out of service). */
  readonly docroot: "absent" | "dir" | "ours" | "foreign-link" | "other";
  /** What a link at the document root says, where the host can tell. */
  readonly docrootTarget: string | undefined;
  /** The link at the document root leads nowhere. */
  readonly dangling: boolean;
  /** What stands in the place of our links. */
  readonly strays: readonly Stray[];
  /** A document root of another making was made a release before; another one cannot be. */
  readonly originalThere: boolean;
  /** Id of the live release: the one that the document root leads into by its physical path, so what visitors see. */
  readonly live: string | undefined;
  /** Id of the release that `current` leads to; another one than `live` when the document root was changed by hand. */
  readonly current: string | undefined;
  /** Id of the release before it. */
  readonly previous: string | undefined;
  readonly owner: string | undefined;
  readonly releases: readonly ReleaseState[];
  /** Names of unfinished uploads, `<id>.<token>`. */
  readonly incoming: readonly string[];
  /** Releases that are out of use and could not be deleted, `<id>.<token>`. */
  readonly trash: readonly string[];
  readonly locks: readonly LockState[];
  /** What a run that was cut off had pending. */
  readonly journal: Journal | undefined;
  /** Snapshots of the database, oldest first. */
  readonly snapshots: readonly SnapshotState[];
  /** What there is in the place of each path that is declared as shared, and of each of the panel's. */
  readonly shares: readonly ShareState[];
  /** Files of which the live release and `shared/` each have another. */
  readonly clashes: readonly string[];
  /** Data in `shared/` that is not declared; `linked`: the live release still serves it. */
  readonly undeclared: readonly { readonly path: string; readonly linked: boolean }[];
  /** Which database the service's environment names, without user and password: `DB_NAME`, `DB_HOST`, `DB_PORT` and the URL's `scheme`. */
  readonly database: Readonly<Record<string, string>>;
  /** What lies in the live release; undefined when it was not asked for, or is a release without manifest. */
  readonly served: Served | undefined;
  /** Content of the release that is live once what is pending was put back, when it was asked for and its manifest proves itself. */
  readonly liveEntries: readonly Entry[] | undefined;
}

/** Id of the release that `current` leads to once the next run has put back, or finished, what is pending; see `backScript`. Pure. */
export function currentAfter({ journal, current }: Pick<Inspection, "journal" | "current">): string | undefined {
  if (journal === undefined || decided(journal) || current !== journal.next) return current;
  return nonEmpty(journal.back);
}

/** Id of the release that visitors see then. Pure. */
export function liveAfter(
  inspection: Pick<Inspection, "journal" | "current" | "live" | "docroot">,
): string | undefined {
  const { journal, docroot, live, current } = inspection;
  if (journal === undefined || decided(journal)) return live;
  // A directory at the document root: the run was cut off before it was made a release. Nothing there: cut off while it was.
  if (docroot === "dir") return undefined;
  return live === current || docroot === "absent" ? currentAfter(inspection) : live;
}

const nonEmpty = (text: string | undefined): string | undefined =>
  text === undefined || text === "" ? undefined : text;

function manifestOf(said: Said, live: string | undefined): Entry[] | undefined {
  const begin = said.indexOf(`${SAY}manifest-begin`);
  const end = said.lastIndexOf(`${SAY}manifest-end`);
  if (begin < 0 || end < begin) return undefined;
  const text = said
    .slice(begin + 1, end)
    .map((line) => `${line}\n`)
    .join("");
  return manifestDigest(text) === live ? parseManifest(text) : undefined;
}

/** Lines `NAME=value` of an environment file, as far as they are plain. */
function databaseOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value] = /^([A-Z_]+)=["']?([^"']*)["']?$/.exec(line) ?? [];
      if (name === undefined || value === undefined) return [];
      return [[name === "DATABASE_URL" ? "scheme" : name, value]];
    }),
  );
}

/** A mark without a time, as a full disk can leave it, is a mark all the same: older than all others. @param mark `-` for none. */
function goodAtOf(mark: string): number | undefined {
  if (mark === "-") return undefined;
  const seconds = Number(mark);
  return Number.isFinite(seconds) ? seconds : 0;
}

/** Reads what `inspectionBody` reported. @param docrootTarget What the document root's link must say to be ours. */
export function parseInspection(said: Said, docrootTarget: string): Inspection {
  const facts = said.filter((line) => line.startsWith(SAY)).map((line) => line.slice(SAY.length));
  const all = (word: string): string[] =>
    facts.filter((fact) => fact === word || fact.startsWith(`${word} `)).map((fact) => fact.slice(word.length + 1));
  const one = (word: string): string | undefined => nonEmpty(all(word)[0]);
  const docroot = one("docroot");
  const target = one("docroot-target");
  // A link that leads into our directory, or that says what ours says while nothing is live.
  const baseName = docrootTarget.slice(0, docrootTarget.indexOf("/"));
  const ours = facts.includes("docroot-inside") || (target?.startsWith(`${baseName}/`) ?? false);
  const link = ours ? "ours" : "foreign-link";
  const state = {
    docroot: docroot === "link" ? link : docroot === "dir" || docroot === "absent" ? docroot : "other",
    live: one("live"),
    current: one("current"),
    journal: parseJournal(one("journal")),
  } as const;
  return {
    ...state,
    probe: parseProbe(said),
    docrootTarget: target,
    dangling: facts.includes("docroot-dangling"),
    strays: all("stray").flatMap((line) => {
      const [name, what, ...rest] = line.split(" ");
      return [{ name, what, target: nonEmpty(rest.join(" ")) } as Stray];
    }),
    originalThere: facts.includes("original-there"),
    previous: one("previous"),
    owner: one("owner"),
    releases: all("release").flatMap((line) => {
      const [id = "", manifest, bad, ...mark] = line.split(" ");
      if (!/^[0-9a-f]{64}$/.test(id) && id !== ORIGINAL) return [];
      return [{ id, goodAt: goodAtOf(mark.join(" ")), complete: manifest === "1", bad: bad === "1" }];
    }),
    incoming: all("incoming").filter((name) => /^[0-9a-f]{64}\.[0-9a-z]+$/.test(name)),
    trash: all("trash"),
    locks: all("lock").map((line) => {
      const [name = "", ...holder] = line.split(" ");
      return { expires: Number.parseInt(name, 10) || 0, holder: holder.join(" ") };
    }),
    snapshots: all("snapshot").flatMap((line) => {
      const [name = "", bytes] = line.split(" ");
      return /^\d+-[0-9a-z]+$/.test(name) ? [{ name, bytes: Number(bytes) || 0 }] : [];
    }),
    shares: all("share").flatMap((line) => {
      const [is = "", kept, ...path] = line.split(" ");
      if (is !== "link" && is !== "dir" && is !== "file" && is !== "absent") return [];
      return [{ path: path.join(" "), is, kept: kept === "there" }];
    }),
    clashes: all("clash"),
    undeclared: all("undeclared").map((line) => {
      const [linked, ...path] = line.split(" ");
      return { path: path.join(" "), linked: linked === "linked" };
    }),
    database: databaseOf(all("env")),
    served: parseServed(said),
    liveEntries: manifestOf(said, liveAfter(state)),
  };
}

/**
 * Which releases to delete so that `keep` good ones stay. The live one, the one before and the one being made live are never
 * among them; releases that never were good, except those three, are.
 */
export function releasesToRemove(
  inspection: Pick<Inspection, "releases" | "live" | "previous">,
  next: string,
  keep: number,
): string[] {
  // After the switch `next` is live and what is live now is the one before.
  const fixed = new Set([next, inspection.live === next ? inspection.previous : inspection.live]);
  const others = inspection.releases.filter((release) => !fixed.has(release.id));
  const good = others
    .filter((release) => release.goodAt !== undefined && !release.bad)
    .sort((a, b) => b.goodAt! - a.goodAt!);
  const kept = new Set(good.slice(0, Math.max(0, keep - fixed.size)).map((release) => release.id));
  return others.filter((release) => !kept.has(release.id)).map((release) => release.id);
}
