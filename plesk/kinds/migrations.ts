import type { Entry } from "../artifact/manifest.ts";
import type { Kind } from "./index.ts";

/** A migration that the new release has and the live one does not. */
export interface PendingMigration {
  readonly name: string;
  /** Can the tool itself undo it? If not, going back means restoring the snapshot. */
  readonly reversible: boolean;
}

/** Where tools keep migrations, and whether they know a way back. Prisma has none; Alembic has what is written (facts.md). */
const PLACES: Partial<Record<Kind, { readonly pattern: RegExp; readonly reversible: boolean }>> = {
  prisma: { pattern: /(?:^|\/)prisma\/migrations\/([^/]+)\/migration\.sql$/, reversible: false },
  fastapi: { pattern: /(?:^|\/)(?:alembic|migrations)\/versions\/([^/]+)\.py$/, reversible: true },
};

/** Kinds whose migrations are inside their code: whether there are any is known only by running it. */
const UNKNOWN: ReadonlySet<Kind> = new Set(["drupal-civicrm", "n8n", "keycloak", "grafana", "matomo"]);

/**
 * The migrations that a deployment brings, by the two manifests; no code runs. `unknown` when the kind does not show them: then
 * they count as irreversible.
 */
export function pendingMigrations(
  kind: Kind,
  live: readonly Entry[],
  next: readonly Entry[],
): readonly PendingMigration[] | "unknown" {
  if (UNKNOWN.has(kind)) return "unknown";
  const place = PLACES[kind];
  if (place === undefined) return [];
  const names = (entries: readonly Entry[]): string[] =>
    entries.flatMap((entry) => (entry.kind === "file" ? (place.pattern.exec(entry.path)?.slice(1, 2) ?? []) : []));
  const known = new Set(names(live));
  return names(next)
    .filter((name) => !known.has(name))
    .sort()
    .map((name) => ({ name, reversible: place.reversible }));
}
