import type { HealthResult, Target } from "../../checks/index.ts";

/** How a deployment is checked on its own address before it is promoted. */
export interface CheckSettings {
  readonly check: Target["check"];
  /** What happens when no answer says anything about the deployment (the network, a login page in front of it). */
  readonly inconclusive: "fail" | "promote";
}

/** What is checked: a deployment on its own address. */
interface CheckSubject {
  /** Own host name of the deployment. */
  readonly host: string;
  readonly deploymentId: string;
  /** The commit, for `{ref}` in a marker and for what the answer says of itself; empty for uploaded files. */
  readonly ref: string;
  /** What the answers of earlier deployments took when they were checked, ms; the newest last. @default nothing is known */
  readonly usual?: readonly number[];
  /**
   * A secret that passes deployment protection; asked for only when the address is protected. Undefined: there is none.
   * Never kept anywhere.
   */
  bypass(): Promise<string | undefined>;
}

/** What was seen, for people who look for the reason later. Holds no secret. */
interface Evidence {
  readonly url: string;
  readonly tries: number;
  /** Status of the last answer. */
  readonly status?: number;
  /** Time to the last answer's head, ms. */
  readonly milliseconds?: number;
  /** Beginning of the last answer's body. */
  readonly excerpt?: string;
  /** Everything that was seen: tries, addresses, certificates, durations, headers. */
  readonly whole?: HealthResult;
}

/** A judgement of a deployment. `inconclusive`: nothing that was seen says anything about it. */
export interface CheckResult {
  readonly verdict: "pass" | "fail" | "inconclusive";
  /** One sentence. */
  readonly reason: string;
  /** Passes, and is slower than its site's deployments usually are. */
  readonly warning?: string;
  readonly evidence: Evidence;
}

/** Checks a deployment before it is promoted. */
export type DeploymentCheck = (
  subject: CheckSubject,
  settings: CheckSettings,
  options: { readonly deadline: number; readonly signal: AbortSignal },
) => Promise<CheckResult>;
