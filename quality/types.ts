import type { Quality, QualityRepository } from "../model/index.ts";

/** Something that a check found. Its texts are harmless lines: no secret, no personal data, nothing unseen. */
export interface Finding {
  /** The tool's own name of it: a rule, an advisory, an audit. */
  readonly rule: string;
  readonly level: "error" | "warning" | "note";
  readonly message: string;
  /** Relative to the working copy. */
  readonly file?: string | undefined;
  /** From 1. */
  readonly line?: number | undefined;
  readonly url?: string | undefined;
}

/** A figure with what it must be. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  /** Undefined: it is told, and not judged. */
  readonly limit?: number | undefined;
  /** `most`: the value may be at most the limit; `least`: at least. */
  readonly must?: "most" | "least" | undefined;
}

/** `not-run`: nothing is known. It is never taken for green. */
type State = "pass" | "fail" | "not-run";

/** What one check came to. */
export interface Judged {
  readonly state: State;
  /** Why it is not known; undefined for the other states. */
  readonly reason?: string | undefined;
  readonly measures: readonly Measure[];
  /** The first fifty. */
  readonly findings: readonly Finding[];
  /** How many there are. */
  readonly found: number;
}

/** A repository that is checked. */
export interface RepositorySubject {
  readonly settings: Quality;
  readonly repository: QualityRepository;
  /** Absolute directory of the working copy. */
  readonly dir: string;
  /** Absolute directory that paths of tools are relative to. */
  readonly catalogDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** ms since 1970. */
  readonly now: number;
}

/** A place that serves pages. */
export interface PageSubject {
  readonly settings: Quality;
  /** Key of the service, or host of the site. */
  readonly key: string;
  /** `https://host`, without a path. */
  readonly origin: string;
  /** Paths of its pages. */
  readonly pages: readonly string[];
  readonly signal: AbortSignal;
  readonly now: number;
}

/** What is checked: whose figures, and which check of it. */
export interface Subject {
  readonly kind: "repository" | "service" | "site";
  readonly key: string;
}
