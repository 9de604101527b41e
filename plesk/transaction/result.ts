import type { DeployDocument } from "../input.ts";
import { specDigest } from "../spec.ts";
import type { Run } from "./context.ts";
import type { Inspection } from "./inspection.ts";
import type { HeldLock } from "./lock.ts";
import type { Switched } from "./make-live.ts";
import type { OtherDatabase } from "./other-database.ts";
import type { Snapshot } from "./snapshot.ts";
import { backOf } from "./standing.ts";
import type { Uploaded } from "./upload.ts";

/** What a deployment did. */
export interface DeployResult {
  readonly action: "deploy";
  readonly service: string;
  /** Digest of what was asked for, without secrets; see `specDigest`. */
  readonly spec: string;
  /** Live release now, 64 hex digits. */
  readonly release: string;
  /** Live release before; null when there was none. */
  readonly before: string | null;
  /** `unchanged`: it was live already. `switched`: it lay on the host already. `released`: it was uploaded. */
  readonly outcome: "unchanged" | "switched" | "released";
  /** A real document root was made a release. */
  readonly converted: boolean;
  /** Files and bytes sent; files that an earlier release has are linked on the host. */
  readonly sent: { readonly files: number; readonly bytes: number };
  /** How they were sent; null when nothing had to be looked at. */
  readonly transport: Uploaded["transport"] | null;
  /** Snapshot of the database taken before its migration; null when nothing migrated. */
  readonly snapshot: Snapshot | null;
  /** Remote steps that ran. */
  readonly ran: readonly string[];
  /** The service got another database than it had; null when it kept it. */
  readonly database: OtherDatabase | null;
  /** Paths of the live release that became links to `shared/`; what lay there was moved. */
  readonly shared: readonly string[];
  /** Releases deleted. */
  readonly removed: readonly string[];
  /** Variables in `shared/.env`; null when it was left alone. */
  readonly env: number | null;
  /** Holder of an expired lock that was taken over. */
  readonly tookOver: string | null;
  /** What a run that was cut off had left was put back first. */
  readonly recovered: boolean;
  /** What went wrong after the new release was live and good; empty when nothing did. */
  readonly warnings: readonly string[];
  /** Milliseconds a step. */
  readonly steps: Readonly<Record<string, number>>;
}

/** Puts together what a deployment did. */
export function report(
  run: Run<DeployDocument>,
  outcome: {
    readonly id: string;
    readonly inspection: Inspection;
    readonly uploaded: Uploaded | undefined;
    readonly switched: Switched;
    readonly removed: readonly string[];
    readonly shared: readonly string[];
    readonly other: OtherDatabase | undefined;
    readonly lock: HeldLock;
    readonly recovered: boolean;
    readonly warnings: readonly string[];
  },
): DeployResult {
  const { id, inspection, uploaded, switched, removed, shared, other, lock, recovered, warnings } = outcome;
  const { env, service } = run.document;
  return {
    action: "deploy",
    service: service.key,
    spec: specDigest(run.document),
    release: id,
    before: backOf(inspection) || null,
    outcome: uploaded === undefined ? "unchanged" : uploaded.reused ? "switched" : "released",
    converted: switched.converted,
    sent: { files: uploaded?.files ?? 0, bytes: uploaded?.bytes ?? 0 },
    transport: uploaded?.transport ?? null,
    snapshot: switched.snapshot,
    ran: switched.ran,
    database: other ?? null,
    shared,
    removed,
    env: env === undefined ? null : Object.keys(env).length,
    tookOver: lock.tookOver ?? null,
    recovered,
    warnings,
    steps: run.steps.times,
  };
}
