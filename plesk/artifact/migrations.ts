import type { Kind } from "../kinds/index.ts";
import { KIND_STEPS } from "../kinds/steps.ts";
import type { Entry } from "./manifest.ts";

/** A migration that the new release has and the live one does not. */
export interface PendingMigration {
  readonly name: string;
  /** Can the tool itself undo it? If not, going back means restoring the snapshot. */
  readonly reversible: boolean;
}

/** Where tools keep migrations, and whether they know a way back. Prisma has none; Alembic has what is written in each revision (https://alembic.sqlalchemy.org/en/latest/tutorial.html). */
const PLACES: Partial<Record<Kind, { readonly pattern: RegExp; readonly reversible: boolean }>> = {
  prisma: { pattern: /(?:^|\/)prisma\/migrations\/([^/]+)\/migration\.sql$/, reversible: false },
  fastapi: { pattern: /(?:^|\/)(?:alembic|migrations)\/versions\/([^/]+)\.py$/, reversible: true },
};

/** Asks a database which migrations it has had: one name a row. */
const APPLIED: Partial<Record<Kind, string>> = {
  prisma: "SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL;",
};

/** The statement with which a database is asked for the names of its applied migrations; undefined for kinds that note none by name. */
export function appliedQuery(kind: Kind): string | undefined {
  return APPLIED[kind];
}

/** Kinds whose migrations are inside their code: whether there are any is known only by running it. */
const UNKNOWN: ReadonlySet<Kind> = new Set(["drupal-civicrm", "n8n", "keycloak", "grafana", "matomo"]);

/**
 * Whether a release of this service can bring a migration that no tool undoes: one of its steps changes the database, and its kind
 * knows no way back. Pure.
 */
export const migratesForGood = ({
  kind,
  steps,
  commands,
}: {
  kind: Kind;
  steps: "kind" | "none";
  commands: readonly { migrates?: boolean | undefined }[];
}): boolean =>
  commands.some(({ migrates }) => migrates) ||
  (steps === "kind" && PLACES[kind]?.reversible !== true && KIND_STEPS[kind].some(({ migrates }) => migrates));

/**
 * The migrations that a deployment brings, by the two manifests; no code runs. `unknown` when the kind does not show them: then
 * they count as irreversible.
 *
 * @param applied What the database has had already, whatever is live: code that went back leaves its migrations there. @default nothing is known
 */
export function pendingMigrations(
  kind: Kind,
  live: readonly Entry[],
  next: readonly Entry[],
  applied: readonly string[] = [],
): readonly PendingMigration[] | "unknown" {
  if (UNKNOWN.has(kind)) return "unknown";
  const place = PLACES[kind];
  if (place === undefined) return [];
  const names = (entries: readonly Entry[]): string[] =>
    entries.flatMap((entry) => (entry.kind === "file" ? (place.pattern.exec(entry.path)?.slice(1, 2) ?? []) : []));
  const known = new Set([...names(live), ...applied]);
  return names(next)
    .filter((name) => !known.has(name))
    .sort()
    .map((name) => ({ name, reversible: place.reversible }));
}
