import type { BrowserContext } from "playwright-core";

/** A visitor of a flow; every value is new for each try. */
export interface FlowUser {
  readonly run: string;
  readonly mail: string;
  readonly name: string;
  readonly password: string;
}

/** One try of a flow. */
export interface FlowTry {
  readonly ok: boolean;
  /** What went wrong, in one line; empty when nothing did. */
  readonly reason: string;
  /** The step that failed, from 1; absent when none did. */
  readonly step?: number | undefined;
  readonly milliseconds: number;
  /** Files of evidence: a trace, pictures. Only of what failed. */
  readonly evidence: readonly string[];
  /** The address that was looked at when it failed. */
  readonly url?: string | undefined;
  /** Why what the flow had left could not be taken away; absent when it was. */
  readonly left?: string | undefined;
}

/** How a flow ended. `flaky`: it failed, and passed when it was repeated. `not-run`: it was not tried, which is not a pass. */
type FlowState = "pass" | "fail" | "flaky" | "not-run";

/** What became of a flow. */
export interface FlowResult {
  readonly flow: string;
  readonly title: string;
  readonly service: string;
  readonly state: FlowState;
  readonly reason: string;
  readonly tries: readonly FlowTry[];
}

/** What a try of a flow may have left, as far as a later process needs it to take it away. */
export interface Left {
  readonly flow: string;
  /** Address of the flow's service, without a slash at the end. */
  readonly origin: string;
  readonly user: FlowUser;
  /** Cookies and storage after its last step; undefined before the first. */
  readonly session?: Awaited<ReturnType<BrowserContext["storageState"]>> | undefined;
}
