import type { HealthResult } from "../../checks/types.ts";
import type { BudgetStanding } from "../../fleet/budget/index.ts";
import type { Incident } from "../../fleet/incidents/index.ts";
import type { RolloutRecord } from "../../fleet/releases/rollout/index.ts";
import type { Report } from "../../fleet/report/index.ts";
import type { Outcome, ServiceFigures } from "../../plesk/index.ts";

/** What was read of the estate, by where it comes from. */
export interface SourceValues {
  /** Runs, from their events; the newest first. */
  readonly runs: readonly Report[];
  /** The newest rollout, and when something last happened in it. */
  readonly rollout: { readonly record: RolloutRecord; readonly lastAt: string | undefined } | undefined;
  readonly sites: readonly CheckedHost[];
  readonly services: readonly CheckedHost[];
  readonly hosts: readonly HostOfService[];
  readonly budgets: readonly BudgetStanding[];
  readonly incidents: readonly Incident[];
  /** Messages that wait. */
  readonly notifications: number;
}

/** A host as it was last checked. `judged`: the last result that was not inconclusive. */
export interface CheckedHost {
  /** ms since 1970. */
  readonly at: number;
  readonly last: HealthResult;
  readonly judged: HealthResult | undefined;
}

/** A service on the host that it is on. */
export interface HostOfService {
  readonly server: string;
  readonly outcome: Outcome<ServiceFigures>;
}

/** Name of a source. */
export type SourceName = keyof SourceValues;

/** A source as it was last read. */
export interface Read<Value> {
  /** When the oldest of it was measured, ms since 1970; undefined when it never was. */
  readonly at: number | undefined;
  readonly value: Value | undefined;
  /** Why the last attempt failed; the value is then of an earlier one. */
  readonly failed?: string | undefined;
}

/** Everything that is known of the estate. */
export type Sources = { readonly [Name in SourceName]: Read<SourceValues[Name]> };

/** Nothing was read yet. */
export const NO_SOURCES: Sources = {
  runs: { at: undefined, value: undefined },
  rollout: { at: undefined, value: undefined },
  sites: { at: undefined, value: undefined },
  services: { at: undefined, value: undefined },
  hosts: { at: undefined, value: undefined },
  budgets: { at: undefined, value: undefined },
  incidents: { at: undefined, value: undefined },
  notifications: { at: undefined, value: undefined },
};
