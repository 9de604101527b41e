import type { Catalog } from "../../model/index.ts";
import type { ServiceFigures } from "../../plesk/index.ts";
import type { StackState } from "../../stacks/desired.ts";
import type { Holder, LockHolding } from "../backend/locks/locks.ts";
import type { BudgetPicture } from "../budget/index.ts";
import type { ApprovalRequest } from "../gates/index.ts";
import type { KeptResult } from "../health/index.ts";
import type { Incident } from "../incidents/index.ts";
import type { BadRelease } from "../releases/rollback/index.ts";
import type { RolloutRecord } from "../releases/rollout/index.ts";
import type { RunStream } from "../report/index.ts";
import type { Overview, Unknown } from "./shape.ts";

/** Processes of a run with what they kept. */
export interface RunFacts {
  readonly run: string;
  readonly streams: readonly RunStream[];
}

/** What a stack's state says. */
export interface LiveStack {
  readonly desired: StackState | undefined;
  /** ISO 8601, of the last write. */
  readonly at: string;
}

/** The newest rollout, and who carries it out. */
export interface RolloutFacts {
  readonly record: RolloutRecord;
  readonly holder: Holder | undefined;
  readonly asked: boolean;
}

/** Services as they were last seen on their hosts. */
export interface HostFacts {
  /** ms since 1970. */
  readonly at: number;
  readonly services: readonly (
    | { readonly service: string; readonly ok: true; readonly value: ServiceFigures }
    | { readonly service: string; readonly ok: false; readonly reason: string }
  )[];
}

/** All that an overview is made of, as it was read. What could not be read is missing, and stands in `unknown`. */
export interface OverviewFacts {
  /** ms since 1970. */
  readonly now: number;
  readonly target: string;
  readonly catalog: Catalog | undefined;
  readonly runs: readonly RunFacts[];
  readonly rollout: RolloutFacts | undefined;
  readonly locks: readonly LockHolding[];
  readonly incidents: readonly Incident[];
  readonly requests: readonly ApprovalRequest[];
  readonly badReleases: readonly BadRelease[];
  readonly checks: ReadonlyMap<string, KeptResult>;
  /** By stack. */
  readonly live: ReadonlyMap<string, LiveStack>;
  /** What was last seen on the hosts of the services; undefined: it was never kept. */
  readonly hosts: HostFacts | undefined;
  readonly budgets: BudgetPicture | Unknown;
  readonly cost: Overview["cost"];
  readonly window: Overview["window"];
  /** Ways to pay less. */
  readonly savings: Overview["advice"];
  readonly unknown: Overview["unknown"];
}

/** Says that something is not known. Pure. */
export const unknown = (why: string, command?: string): Unknown => ({ known: false, why, command });
