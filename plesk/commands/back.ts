import type { Layout } from "./layout.ts";
import { unlockBody } from "./lock.ts";
import { hereDocument, quote } from "./quote.ts";
import { placeResetBody, type Reset } from "./reset.ts";
import { heldBy, script } from "./script.ts";
import { endLeftover } from "./steps.ts";

/** Evidence of failures that is kept on the host. */
const EVIDENCE_KEPT = 10;

/** How far a transaction with remote steps had come, written before each point of no return. One line, read by `parseInspection`. */
export interface Journal {
  /** `maintenance`: visitors see a notice. `migrating`: the database may have changed. */
  readonly phase: "maintenance" | "migrating";
  /** Release being made live. */
  readonly next: string;
  /** Release to go back to; "" when there is none. */
  readonly back: string;
  /** Name of the snapshot; "" when there is none. */
  readonly snapshot: string;
}

/** The line of a journal; `-` stands for nothing. */
export function renderJournal({ phase, next, back, snapshot }: Journal): string {
  return [phase, next, back || "-", snapshot || "-"].join(" ");
}

/** Reads {@link renderJournal}'s line; undefined when it is not one. */
export function parseJournal(line: string | undefined): Journal | undefined {
  const [phase, next, back, snapshot] = (line ?? "").split(" ");
  if (
    (phase !== "maintenance" && phase !== "migrating") ||
    next === undefined ||
    back === undefined ||
    snapshot === undefined
  ) {
    return undefined;
  }
  const nothing = (text: string): string => (text === "-" ? "" : text);
  return { phase, next, back: nothing(back), snapshot: nothing(snapshot) };
}

/** Writes the journal in one rename. */
export function journalScript(layout: Layout, token: string, journal: Journal): string {
  return script(
    layout,
    `${heldBy(token)}
printf '%s\\n' ${quote(renderJournal(journal))} >"$B/state/journal.next"
mv -f "$B/state/journal.next" "$B/state/journal"`,
  );
}

/** Ends a transaction that went back: nothing is pending any more, the next run may begin. */
export function closeScript(layout: Layout, token: string): string {
  return script(layout, `${heldBy(token)}\nrm -f "$B/state/journal"\n${unlockBody(layout, token)}`);
}

/** What going back consists of. */
export interface Back {
  /** Release that failed; nothing is switched unless it is the live one. "" when nothing was switched. */
  readonly failed: string;
  /** Release to make live again; "" leaves the service without one, as it was. */
  readonly to: string;
  /** Seconds since the epoch. */
  readonly now: number;
  /** Why the failed release is not to be deployed again; undefined when it is not to blame. */
  readonly bad?: string;
  /** JSON about the failure without secrets, kept with mode 0600. */
  readonly evidence?: string;
  /** Makes PHP forget the failed release; placed when something was switched. */
  readonly reset?: Reset | undefined;
}

/**
 * Goes back after a failure: ends a step that still runs, then the release and the environment before. The database, restarts
 * and the lock are scripts of their own. Can be repeated.
 */
export function backScript(layout: Layout, token: string, back: Back): string {
  const toRelease = `[ -d "$B"/releases/${quote(back.to)} ] || fail no-release
ln -s ${quote(`releases/${back.to}`)} "$B/current.${token}"
mv -T "$B/current.${token}" "$B/current"`;
  const toNothing = `mv -T "$B/current" "$B/retired"`;
  const switched = `if [ "$(release_of "$B/current")" = ${quote(back.failed)} ]; then
${back.to === "" ? toNothing : toRelease}
fi`;
  return script(
    layout,
    [
      heldBy(token),
      endLeftover(),
      `rm -f "$B"/current.* "$B"/previous.* "$B"/docroot.*`,
      ...(back.failed === "" || back.reset === undefined ? [] : [placeResetBody(layout, back.reset)]),
      ...(back.failed === "" ? [] : [switched]),
      `if [ -f "$B/shared/.env.before" ]; then mv -f "$B/shared/.env.before" "$B/shared/.env"; fi`,
      ...(back.bad === undefined
        ? []
        : [`printf '%s %s\\n' ${back.now} ${quote(back.bad)} >"$B"/state/${quote(back.failed)}.bad`]),
      ...(back.evidence === undefined ? [] : [evidenceBody(back.now, back.evidence)]),
    ].join("\n"),
  );
}

function evidenceBody(now: number, evidence: string): string {
  return `umask 077
mkdir -p "$B/evidence"
cat >"$B/evidence/${now}.json" ${hereDocument(evidence)}
set -- "$B"/evidence/*.json
while [ "$#" -gt ${EVIDENCE_KEPT} ]; do rm -f "$1"; shift; done`;
}
