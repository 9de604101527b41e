import { SitefleetError } from "../../errors/index.ts";
import type { Attestation } from "../artifact/attestation/check.ts";
import type { Change } from "../artifact/diff.ts";
import { countLeftOut, type LeftOut } from "../artifact/left-out.ts";
import { appliedQuery, type PendingMigration, pendingMigrations } from "../artifact/migrations.ts";
import { inspectScript } from "../commands/inspect.ts";
import { restoreSeconds } from "../database/estimate.ts";
import type { Database, DeployDocument } from "../input.ts";
import type { Probe } from "../remote/probe.ts";
import type { Session } from "../remote/session.ts";
import { type Adoption, adoptions } from "./adopt.ts";
import { type Changes, changesOnHost } from "./changes.ts";
import { pathsOf, refusals } from "./check.ts";
import { connect, type OpenedArtifact, openArtifact, type Run, type RunOptions, startRun } from "./context.ts";
import { parseInspection } from "./inspection.ts";
import { type OtherDatabase, otherDatabase } from "./other-database.ts";
import { migrationsOf, stepsOf, wantedOf } from "./service-steps.ts";
import { lookAtDatabase } from "./snapshot.ts";
import { afterRecovery, isLive } from "./standing.ts";

/** Itemised changes in a plan; more are only counted. */
const MAX_ITEMS = 50;

/** What a deployment would do. */
export interface PlanResult {
  readonly action: "plan";
  readonly service: string;
  /** Release that would be live. */
  readonly release: string;
  /** What the files beside the artifact attest; null: not attested, which its service allows. */
  readonly attestation: Attestation | null;
  /** Release that is live, once what is pending was put back; null when none is. */
  readonly live: string | null;
  /** A run was cut off: what it left is put back, or finished, first. */
  readonly pending: boolean;
  readonly outcome: "unchanged" | "switch" | "release";
  /** A real document root would be made a release. */
  readonly converts: boolean;
  readonly created: number;
  readonly changed: number;
  readonly deleted: number;
  /** Bytes of created and changed files. */
  readonly bytes: number;
  /** The first {@link MAX_ITEMS} changes by path: `+`, `~` or `-`, then the path. */
  readonly items: readonly string[];
  /** Changes that are not in `items`. */
  readonly more: number;
  /** Files of the artifact's directory that each pattern of `exclude` leaves out. */
  readonly leftOut: readonly LeftOut[];
  /** What was written through the document root since the deployment: the first {@link MAX_ITEMS}, signed as in `items`. */
  readonly written: readonly string[];
  /** What was written and is not in `written`. */
  readonly moreWritten: number;
  /** What to declare as `shared` so that it stays at the next switch. */
  readonly offers: readonly string[];
  /** Served paths that become links to `shared/`, and where the data in their place goes. */
  readonly shares: readonly Adoption[];
  /** What the account was found to be able to do. */
  readonly host: {
    readonly profile: string;
    readonly shell: string;
    readonly tools: readonly string[];
    readonly writable: boolean;
    /** Can the document root be switched by renaming? null: not known, or not asked since it is a link already. */
    readonly sameFileSystem: boolean | null;
    readonly freeBytes: number | null;
  };
  /** Remote steps that would run, in order of their phases' declaration. */
  readonly run: readonly string[];
  /** Migrations that the release brings; `unknown` for kinds that only know by running them, which counts as irreversible. */
  readonly migrations: readonly PendingMigration[] | "unknown";
  /** The service gets another database than it has: its checks and migrations run there, and the one it has stays as it is. */
  readonly database: (OtherDatabase & { readonly bytes: number | null }) | null;
  /** Database of which a snapshot would be taken. */
  readonly snapshot: string | null;
  /** Seconds that restoring it would take; null when nothing is known of its size. */
  readonly restoreSeconds: number | null;
  /** What that goes by: the last snapshot, or the size of the data now; null when nothing is known. */
  readonly estimatedBy: "snapshot" | "size" | null;
  /** Why `deploy` would refuse; empty when it would not. */
  readonly refusals: readonly { readonly code: string; readonly message: string; readonly hint?: string }[];
  /** Locks on the service: who deploys at the moment. */
  readonly locks: readonly string[];
  readonly steps: Readonly<Record<string, number>>;
}

const SIGNS: Record<Change["action"], string> = { create: "+", change: "~", delete: "-" };

/** A path for people: control characters and quotes escaped as in JSON, when there are any. */
function shown(path: string): string {
  const json = JSON.stringify(path);
  return json === `"${path}"` ? path : json;
}

/** The first changes in lines. */
const signed = (changes: readonly Change[]): string[] =>
  changes.slice(0, MAX_ITEMS).map((change) => `${SIGNS[change.action]} ${shown(change.path).slice(0, 300)}`);

/**
 * Itemises what a deployment would do. Changes nothing on the host: no directory, no lock. The credentials of a database that would
 * migrate lie there in a private file for as long as it is asked; without a password it is not.
 */
export async function plan(document: DeployDocument, options: RunOptions = {}): Promise<PlanResult> {
  const run = startRun(document, options);
  const artifact = await run.steps.step("artifact", () => openArtifact(run));
  const session = await connect(run);
  try {
    return await planWith(run, artifact, session);
  } finally {
    await session.close();
  }
}

/** {@link plan} over a connection that others use as well. */
export async function planOn(
  document: DeployDocument,
  session: Session,
  options: RunOptions = {},
): Promise<PlanResult> {
  const run = startRun(document, options);
  return planWith(run, await run.steps.step("artifact", () => openArtifact(run)), session);
}

async function planWith(run: Run<DeployDocument>, artifact: OpenedArtifact, session: Session): Promise<PlanResult> {
  const { document } = run;
  const said = await run.steps.step("inspect", () =>
    session.run("inspecting", inspectScript(run.layout, wantedOf(run, artifact.digest)), {
      maxStdout: 64 * 1024 * 1024,
    }),
  );
  const found = parseInspection(said, run.layout.docrootTarget);
  const inspection = afterRecovery(found);
  const { refused, changes, written, offers } = await run.steps.step("compare", async () => {
    let looked: Promise<Changes> | undefined;
    const look = () => {
      looked ??= changesOnHost(run, session, inspection, artifact);
      return looked;
    };
    const refused = await refusals(run, inspection, artifact, look);
    const comparable = refused.every(({ code }) => code !== "plesk.unfit");
    return { refused, ...(comparable ? await look() : { changes: [], written: [], offers: [] }) };
  });
  const paths = pathsOf(artifact);
  const other = otherDatabase(document, inspection);
  const steps = stepsOf(document.service).filter(({ when }) => when === undefined || paths.has(when));
  const stays = isLive(inspection, artifact.digest);
  const due = inspection.live !== artifact.digest || other !== undefined;
  const migrates = due && migrationsOf(document.service, paths).length > 0;
  const asked =
    (migrates || other) && document.database !== undefined && refused.length === 0
      ? await askDatabase(run, session, document.database)
      : {};
  if (asked.refused) refused.push(asked.refused);
  const { kind } = document.service;
  // In another database nothing has been migrated yet, but for what it says itself.
  const migrated = other ? [] : (inspection.liveEntries ?? []);
  const pending = pendingMigrations(kind, migrated, artifact.entries, asked.applied);
  const last = inspection.snapshots.at(-1);
  const estimatedBy = !migrates ? null : last ? "snapshot" : asked.bytes === undefined ? null : "size";
  const count = (action: Change["action"]): number => changes.filter((change) => change.action === action).length;
  const unchanged = stays && other === undefined;
  const there = inspection.releases.some((release) => release.id === artifact.digest && release.complete);
  return {
    action: "plan",
    service: document.service.key,
    release: artifact.digest,
    attestation: artifact.attestation,
    live: inspection.live ?? null,
    pending: found.journal !== undefined,
    outcome: unchanged ? "unchanged" : there ? "switch" : "release",
    converts: inspection.docroot === "dir",
    created: count("create"),
    changed: count("change"),
    deleted: count("delete"),
    bytes: changes.reduce((sum, change) => sum + (change.action === "delete" ? 0 : change.bytes), 0),
    items: signed(changes),
    more: Math.max(0, changes.length - MAX_ITEMS),
    leftOut: await countLeftOut(artifact.dir, {
      exclude: document.service.exclude,
      shared: run.layout.shared.map(({ path }) => path),
    }),
    written: signed(written),
    moreWritten: Math.max(0, written.length - MAX_ITEMS),
    offers: offers.map(shown),
    shares: adoptions(run.layout, inspection, stays ? artifact.entries : (inspection.liveEntries ?? []), stays),
    host: { profile: document.host.profile, ...describe(inspection.probe) },
    run: unchanged ? [] : steps.map(({ name }) => name),
    migrations: migrates ? pending : [],
    database: other ? { ...other, bytes: asked.bytes ?? null } : null,
    snapshot: migrates ? (document.database?.name ?? null) : null,
    restoreSeconds: estimatedBy === null ? null : restoreSeconds(last?.bytes ?? asked.bytes ?? 0),
    estimatedBy,
    refusals: refused.map(({ code, message, details, hint }) => ({
      code,
      message: [message, ...details].join("; "),
      hint,
    })),
    locks: inspection.locks.map((lock) => lock.holder),
    steps: run.steps.times,
  };
}

/** Does the database answer, may its user do what a restore needs, and how large is it? Not asked without a password. */
async function askDatabase(
  run: Run<DeployDocument>,
  session: Session,
  database: Database,
): Promise<{ readonly bytes?: number; readonly applied?: readonly string[]; readonly refused?: SitefleetError }> {
  if (database.password === "") return {};
  try {
    return await lookAtDatabase(run, session, database, appliedQuery(run.document.service.kind));
  } catch (error) {
    if (error instanceof SitefleetError && error.code.startsWith("plesk.database")) return { refused: error };
    throw error;
  }
}

function describe(
  probe: Probe,
): Pick<PlanResult["host"], "shell" | "tools" | "writable" | "sameFileSystem" | "freeBytes"> {
  const { shell, tools, writable, sameFileSystem, freeBytes } = probe;
  return { shell, tools: [...tools], writable, sameFileSystem: sameFileSystem ?? null, freeBytes: freeBytes ?? null };
}
