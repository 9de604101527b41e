import type { Service, ServiceKind } from "../../model/index.ts";
import { type ServerLogin, sql } from "../databases/index.ts";

/** Where each kind's own tool notes how far its database is migrated. */
const VERSIONS: Partial<Record<ServiceKind, string>> = {
  "drupal-civicrm":
    "SELECT CONCAT((SELECT GROUP_CONCAT(CONCAT(name, ' ', TRIM(TRAILING ';' FROM SUBSTRING(value, 3))) ORDER BY name SEPARATOR ', ') FROM key_value WHERE collection = 'system.schema'), ', civicrm ', (SELECT version FROM civicrm_domain))",
  fastapi: "SELECT version_num FROM alembic_version",
  prisma:
    "SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY migration_name DESC LIMIT 1",
  n8n: "SELECT name FROM migrations ORDER BY id DESC LIMIT 1",
  keycloak: "SELECT version FROM migration_model ORDER BY update_time DESC, version DESC LIMIT 1",
  grafana: "SELECT migration_id FROM migration_log ORDER BY id DESC LIMIT 1",
  matomo: "SELECT option_value FROM matomo_option WHERE option_name = 'version_core'",
};
/** For services whose own commands migrate. */
const OWN = "SELECT version FROM schema_version ORDER BY version DESC LIMIT 1";

/**
 * The schema version of each service's database, as its own tool noted it; services whose database holds no such table are
 * left out. Nothing else is read.
 */
export async function schemaVersions(
  services: readonly Service[],
  servers: readonly ServerLogin[],
): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(servers.map((server) => ask(server, services)));
  return new Map(found.flat());
}

async function ask(server: ServerLogin, services: readonly Service[]): Promise<[string, string][]> {
  const mine = services.filter(({ database }) => database?.engine === server.engine);
  const use = (name: string): string => (server.engine === "mariadb" ? `USE \`${name}\`;` : `\\connect "${name}"`);
  const statements = mine.map(
    ({ key, kind, database }) => `${use(database?.name ?? "")}\nSELECT '${key}', (${VERSIONS[kind] ?? OWN});`,
  );
  // A table that is not there is no error: that service is not migrated yet.
  const out = await sql(server, `${statements.join("\n")}\n`, { goOn: true });
  return out
    .split("\n")
    .map((line) => line.split("\t") as [string, string])
    .filter(([key, version]) => key !== "" && version !== undefined && version !== "" && version !== "NULL");
}
