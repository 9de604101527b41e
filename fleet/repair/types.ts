export type { LockHolder } from "../backend/locks/engine-locks.ts";
export type { Outcome, Repaired, RepairReport } from "../engine/repair-report.ts";

/** An object at a vendor that a resource may stand for. */
export interface Found {
  /** As the state holds it. */
  readonly id: string;
  /** What the provider's importer takes; undefined when the type has none. */
  readonly importId?: string;
  /** Properties that the provider needs to read it, where it has no importer. */
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** It matches what is declared. */
  readonly ours: boolean;
  /** Why it is ours, or what tells that it is not; completes "it …". */
  readonly why: string;
  /** The vendor admits only one such object: one that is not ours blocks. False for deployments. */
  readonly unique: boolean;
  /** @default "ready" */
  readonly state?: "ready" | "building" | "failed";
}
