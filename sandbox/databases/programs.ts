import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SitefleetError } from "../../errors/index.ts";

/** The database servers the sandbox runs. */
export const ENGINES = ["mariadb", "postgresql"] as const;
/** One of {@link ENGINES}. */
export type Engine = (typeof ENGINES)[number];

const PACKAGES: Readonly<Record<Engine, string>> = { mariadb: "mariadb-server", postgresql: "postgresql" };

/** Debian's names of MariaDB's programs. */
export const MARIADB = {
  server: "/usr/sbin/mariadbd",
  install: "/usr/bin/mariadb-install-db",
  client: "/usr/bin/mariadb",
} as const;

/** Debian keeps PostgreSQL's server programs here, a folder for each major version. */
const POSTGRESQL = "/usr/lib/postgresql";

/** The folder with the server programs of the newest PostgreSQL; undefined when it is not installed. */
export function postgresqlBin(): string | undefined {
  const versions = existsSync(POSTGRESQL) ? readdirSync(POSTGRESQL).map(Number).filter(Number.isFinite) : [];
  return versions
    .sort((a, b) => b - a)
    .map((version) => join(POSTGRESQL, String(version), "bin"))
    .find((folder) => existsSync(join(folder, "initdb")));
}

/** Is the server installed? */
function isInstalled(engine: Engine): boolean {
  return engine === "mariadb" ? existsSync(MARIADB.server) : postgresqlBin() !== undefined;
}

/** @throws SitefleetError `sandbox.packages`, with the command that installs the server */
export function requireServer(engine: Engine): void {
  if (isInstalled(engine)) return;
  throw new SitefleetError({
    code: "sandbox.packages",
    message: `The catalog has services with a database, and Debian's ${PACKAGES[engine]} is not installed`,
    hint: `As root: apt-get install -y --no-install-recommends ${PACKAGES[engine]}`,
  });
}
