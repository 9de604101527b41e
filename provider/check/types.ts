import type { CheckSettings } from "../release/goal.ts";

/** What is checked: a deployment on its own address. */
export interface CheckSubject {
  /** Own host name of the deployment. */
  readonly host: string;
  /** The commit, for `{ref}` in a marker; empty for uploaded files. */
  readonly ref: string;
  /**
   * A secret that passes deployment protection; asked for only when the address is protected. Undefined: there is none.
   * Never kept anywhere.
   */
  bypass(): Promise<string | undefined>;
}

/** What was seen, for people who look for the reason later. Holds no secret. */
export interface Evidence {
  readonly url: string;
  readonly tries: number;
  /** Status of the last answer. */
  readonly status?: number;
  /** Time to the last answer's end, ms. */
  readonly milliseconds?: number;
  /** Beginning of the last answer's body. */
  readonly excerpt?: string;
}

/** A judgement of a deployment. `inconclusive`: nothing that was seen says anything about it. */
export interface CheckResult {
  readonly verdict: "pass" | "fail" | "inconclusive";
  /** One sentence. */
  readonly reason: string;
  readonly evidence: Evidence;
}

/** Checks a deployment before it is promoted. A richer one takes the place of the built-in `visitCheck`. */
export type DeploymentCheck = (
  subject: CheckSubject,
  settings: CheckSettings,
  options: { readonly deadline: number; readonly signal: AbortSignal },
) => Promise<CheckResult>;
