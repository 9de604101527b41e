import type { Layout } from "./layout.ts";
import { quote } from "./quote.ts";
import { heldBy, script } from "./script.ts";

const RETURNS = "rollback";
const PHASES = ["switching", "maintenance", "migrating", "committed"] as const;

/**
 * How far a transaction had come, written before the first thing that visitors or the application may notice and before each point of no
 * return. One line, read by `parseInspection`. While it lies there, the run has not ended: the next one puts back, or finishes, first.
 */
export interface Journal {
  /**
   * `switching`: environment or release may have changed. `maintenance`: visitors see a notice as well. `migrating`: the database may
   * have changed as well. `committed`: the release stays; only the notes about it may be missing.
   */
  readonly phase: (typeof PHASES)[number];
  /** Release being made live. */
  readonly next: string;
  /** Release to go back to, which is the one before once `next` stays; "" when there is none. */
  readonly back: string;
  /** Name of the snapshot; "" when there is none. */
  readonly snapshot: string;
  /** A rollback: the release before counts as bad once `next` stays. @default false: a deployment */
  readonly returns?: boolean;
}

/** The line of a journal; `-` stands for nothing. */
function renderJournal({ phase, next, back, snapshot, returns }: Journal): string {
  return [phase, next || "-", back || "-", snapshot || "-", ...(returns ? [RETURNS] : [])].join(" ");
}

/** Reads {@link renderJournal}'s line; undefined when it is not one. */
export function parseJournal(line: string | undefined): Journal | undefined {
  const [word, next, back, snapshot, returns] = (line ?? "").split(" ");
  const phase = PHASES.find((known) => known === word);
  if (phase === undefined || next === undefined || back === undefined || snapshot === undefined) return undefined;
  const nothing = (text: string): string => (text === "-" ? "" : text);
  return { phase, next: nothing(next), back: nothing(back), snapshot: nothing(snapshot), returns: returns === RETURNS };
}

/** Whether a run's release stays; otherwise it is taken back. */
export function decided({ phase }: Pick<Journal, "phase">): boolean {
  return phase === "committed";
}

/** Part of a script: writes the journal in one rename. */
export function journalBody(journal: Journal): string {
  return `printf '%s\\n' ${quote(renderJournal(journal))} >"$B/state/journal.next"
mv -f "$B/state/journal.next" "$B/state/journal"`;
}

/** See {@link journalBody}. */
export function journalScript(layout: Layout, token: string, journal: Journal): string {
  return script(layout, `${heldBy(token)}\n${journalBody(journal)}`);
}

/** Nothing is pending any more. */
export function endJournalScript(layout: Layout, token: string): string {
  return script(layout, `${heldBy(token)}\nrm -f "$B/state/journal"`);
}
