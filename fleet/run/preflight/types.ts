/** What the preflight counts, most harmful first. */
export const KINDS = ["zone", "database", "project", "environment", "site", "service", "secret", "record"] as const;
/** `project`: a shared one. `database`: that of a service. `environment`: of GitHub. */
export type Kind = (typeof KINDS)[number];

/** What a person can lift for one run: each lifts one rule. */
export const SAFEGUARDS = [
  "mass-delete",
  "delete-zone",
  "delete-database",
  "delete-project",
  "delete-environment",
] as const;
/** A safeguard by its name. */
export type Safeguard = (typeof SAFEGUARDS)[number];

/** What a run does to one thing that is there. */
export type Fate = "deleted" | "replaced" | "updated";

/** One thing that is there now. */
export interface Item {
  readonly kind: Kind;
  readonly name: string;
  /** Of a record: its zone, as far as it is known. */
  readonly zone?: string;
  /** What becomes of it. @default it stays as it is */
  readonly fate?: Fate;
}

/** A resource that the engine refuses to delete or replace. */
export interface Protected {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly fate: "deleted" | "replaced";
}

/** What a run means for one stack. */
export interface StackFacts {
  readonly stack: string;
  /** False: the run leaves the stack alone; what the catalog takes away there counts for the shares only. */
  readonly inRun: boolean;
  readonly items: readonly Item[];
  readonly protected: readonly Protected[];
}

/** `refuse`: the run does not start. `inform`: it is told. */
type Severity = "refuse" | "inform";

/** The figures of a share. */
export interface ShareFigures {
  readonly there: number;
  readonly deleted: number;
  readonly replaced: number;
  readonly updated: number;
  /** Share of what is deleted or replaced (of a rule about updates: updated), percent, one decimal. */
  readonly percent: number;
  /** More than this is refused, percent. Absent where nothing is. */
  readonly limit?: number;
  /** The limit counts from so many on that are there. */
  readonly floor?: number;
}

/** What a rule found. */
export interface Finding {
  /** Id of the rule, e.g. `mass-delete.site`. */
  readonly rule: string;
  /** What it is about: `estate`, a zone, or a stack. */
  readonly scope: string;
  readonly severity: Severity;
  /** The finding in one sentence. */
  readonly sentence: string;
  readonly figures?: ShareFigures;
  /** The first names concerned. */
  readonly examples: readonly string[];
  /** What lifts it. Absent: nothing does. */
  readonly safeguard?: Safeguard;
  /** The safeguard was lifted for this run. @default false */
  readonly lifted?: boolean;
  /** What to type instead. */
  readonly wayOn?: readonly string[];
}

/** How the rules are applied. */
export interface Rules {
  /** Safeguards that are lifted. */
  readonly allow: readonly string[];
  /** Why, for the journal. */
  readonly why?: string | undefined;
  /** `back`: going back is stopped by protection alone; what it would lose is judged elsewhere. @default forward */
  readonly direction?: "forward" | "back";
}
