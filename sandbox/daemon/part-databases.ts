import { join } from "node:path";
import type { Service } from "../../model/index.ts";
import {
  ENGINES,
  type Engine,
  postgresqlReady,
  prepareMariadb,
  preparePostgresql,
  requireServer,
  type ServerLogin,
} from "../databases/index.ts";
import { accepts } from "../machine/health.ts";
import type { SandboxPaths } from "../machine/paths.ts";
import { freePort } from "../machine/ports.ts";
import { TREE } from "../ssh/index.ts";
import type { PartDefinition } from "./ensure.ts";
import type { SandboxPorts } from "./info.ts";
import { keyOf, readPart, sourceStamp } from "./parts.ts";
import { isAlive } from "./processes.ts";

const PREPARE = { mariadb: prepareMariadb, postgresql: preparePostgresql };

/** The servers that the catalog's services need, with the ports they have or are to get. @param last ports of the last run */
export async function databaseLogins(
  paths: SandboxPaths,
  services: readonly Service[],
  password: string,
  last: Partial<SandboxPorts>,
): Promise<ServerLogin[]> {
  const engines = ENGINES.filter((engine) => services.some(({ database }) => database?.engine === engine));
  return Promise.all(
    engines.map(async (engine) => {
      const known = readPart(paths, engine);
      const open = known !== undefined && isAlive(known.identity) ? known.facts?.port : undefined;
      return { engine, port: open ?? (await freePort(last[engine])), password };
    }),
  );
}

/**
 * A database server.
 *
 * @param login what the others are told of it: port, password of the administrator
 */
export function databasePart(paths: SandboxPaths, login: ServerLogin): PartDefinition<Engine> {
  const { engine: name, port, password } = login;
  const folder = join(paths.databases, name);
  return {
    name,
    key: keyOf(password, sourceStamp(["databases"])),
    async prepare() {
      requireServer(name);
      const command = await PREPARE[name](folder, port, password, join(paths.host, TREE.mysqld));
      return {
        name,
        command,
        env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8", TZ: "UTC" },
        log: join(paths.logs, `${name}.log`),
        cwd: folder,
      };
    },
    // PostgreSQL listens before it takes connections.
    facts: () => (name === "postgresql" && !postgresqlReady(folder) ? undefined : { port }),
    healthy: ({ port: open }) => accepts(open),
  };
}
