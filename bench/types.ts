import type { Cost } from "./measure/run.ts";

/** The measurements, by the letters of the task they answer; `e` is read off the others' memory. */
export const PARTS = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o"] as const;
/** One of {@link PARTS}. */
export type Part = (typeof PARTS)[number];

/** One measured command. */
export interface Row {
  /** What it was done with, e.g. `13 cells` or `naive`. */
  readonly variant: string;
  readonly operation: string;
  readonly sites: number;
  readonly stacks: number;
  readonly cost: Cost;
  /** What it did; absent where it was not counted. */
  readonly created?: number;
  readonly changed?: number;
  readonly unchanged?: number;
  /** Calls at the vendors. */
  readonly reads?: number;
  readonly writes?: number;
}

/** A claim with its target. */
export interface Check {
  readonly claim: string;
  readonly value: number;
  /** `x`: a ratio; `s`: seconds; the others are counted. */
  readonly unit: "x" | "s" | "MiB" | "calls" | "changes" | "hosts" | "jobs" | "errors" | "objects" | "runs";
  /** Absent: measured, nothing promised. */
  readonly target?: { readonly is: "at least" | "at most" | "exactly"; readonly value: number };
  readonly note?: string;
}

/** Calls that creating one type of resource took. */
export interface TypeCalls {
  readonly type: string;
  readonly created: number;
  /** Writes counted at the vendors. */
  readonly writes: number;
  /** Writes without which it cannot be done: one for each object that a vendor gets. */
  readonly least: number;
  /** Writes that each takes on top, for the reason in the note. */
  readonly seconds: number;
  readonly note?: string;
}

/** A job of the matrix as it went, seconds from the first one's start. */
export interface JobSpan {
  readonly cell: string;
  readonly from: number;
  readonly to: number;
  /** It had the stack; undefined where nothing was left to do. */
  readonly began?: number | undefined;
  readonly ended?: number | undefined;
  readonly code: number;
  readonly created: number;
  readonly said?: string | undefined;
}

/** What one part found. */
export interface PartResult {
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly commit: string;
  readonly machine: string;
  readonly rows: readonly Row[];
  readonly checks: readonly Check[];
  readonly calls?: readonly TypeCalls[];
  /** Of (k): the jobs over time. */
  readonly spans?: readonly JobSpan[];
}

/** Everything that was measured so far. */
export interface Results {
  readonly version: 1;
  readonly parts: Partial<Record<Part, PartResult>>;
}

/** Sites of (a) and (c) that their targets are set for. */
export const PROMISED_SITES = 300;

/** Sizes of a run. */
export interface Sizes {
  /** Sites of (a), (c) and (m). */
  readonly sites: number;
  /** Cells that (a) and (c) put them into. */
  readonly cells: number;
  /** Sizes of (b), ascending. */
  readonly growth: readonly number[];
  /** Sites of (d). */
  readonly calls: number;
  /** Sites of (j). */
  readonly adopt: number;
  /** Of (k): cells with a site each, and jobs at once. */
  readonly jobs: { readonly cells: number; readonly atOnce: number };
  /**
   * Sites of (l): those that come up in each backend, and a fleet of which some go back and some change. The first update is measured so
   * many times in turns, and the one in the middle counts: a machine's quick and slow minutes are longer than one update.
   */
  readonly backend: {
    readonly sites: number;
    readonly turns: number;
    readonly fleet: number;
    readonly back: number;
    readonly changed: number;
  };
  /** Sites of (n), ascending. */
  readonly tofu: readonly number[];
  /** Of (o): sites, and the numbers of cells that they are put into. */
  readonly numbers: { readonly sites: number; readonly cells: readonly number[] };
  /** Lines of (h). */
  readonly charges: number;
  /** Sites that (f) rolls back, ascending; the last is the fleet that they are of, also that of (g). */
  readonly rollback: readonly number[];
}

/** Says what goes on, on stderr. */
export type Say = (text: string) => void;
