import { existsSync, mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import { writeAtomic } from "../machine/files.ts";
import { ADMINISTRATOR } from "./client.ts";
import { MARIADB } from "./programs.ts";
import { newDataDirectory } from "./template.ts";
import { verifierOf } from "./verifier.ts";

/** Bytes of the redo log; part of the data directory, so the same for initialising and running. */
const REDO_LOG = "8M";

/**
 * Makes the data directory of a sandbox's MariaDB if it is missing.
 *
 * @param folder absolute; all of the server lies in it
 * @param password of the administrator, who may log in over TCP only
 * @param sockets existing folder for the socket `mysqld.sock`
 * @returns the server's command; it runs in the foreground and logs to stderr
 */
export async function prepareMariadb(
  folder: string,
  port: number,
  password: string,
  sockets: string,
): Promise<readonly string[]> {
  const data = join(folder, "data");
  // Of its own: a server that starts, also the one that makes its tables, removes what it takes for left temporary tables of its own.
  const temporary = join(folder, "tmp");
  mkdirSync(temporary, { recursive: true });
  const user = process.getuid?.() === 0 ? ["--user=root"] : [];
  if (!existsSync(data)) {
    await newDataDirectory(data, {
      engine: "mariadb",
      key: JSON.stringify([MARIADB.server, REDO_LOG, process.getuid?.(), 1]),
      make: (path, run) =>
        run([
          MARIADB.install,
          "--no-defaults",
          ...user,
          `--datadir=${path}`,
          `--tmpdir=${temporary}`,
          "--auth-root-authentication-method=socket",
          "--skip-test-db",
          `--innodb-log-file-size=${REDO_LOG}`,
          "--innodb-flush-method=nosync",
        ]),
    });
  }
  const init = join(folder, "init.sql");
  writeAtomic(init, initStatements(password));
  return [
    MARIADB.server,
    "--no-defaults",
    ...user,
    `--datadir=${data}`,
    // Relative to the data directory: a socket's name has room for 107 bytes, a sandbox may lie deeper.
    `--socket=${relative(data, join(sockets, "mysqld.sock"))}`,
    `--pid-file=${join(folder, "pid")}`,
    `--tmpdir=${temporary}`,
    `--init-file=${init}`,
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--max-connections=200",
    // A health check connects and says nothing.
    "--log-warnings=1",
    "--max-connect-errors=1000000",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_general_ci",
    "--performance-schema=OFF",
    "--key-buffer-size=1M",
    "--aria-pagecache-buffer-size=8M",
    "--innodb-buffer-pool-size=24M",
    `--innodb-log-file-size=${REDO_LOG}`,
    // Survives kill -9 of the server; only a crash of the machine may lose the last second.
    "--innodb-flush-log-at-trx-commit=2",
  ];
}

/**
 * Run by the server at each start, before it listens: an administrator of its own in place of root, whom every session of the
 * SSH host would be by its user id. The file holds no password, only what one is checked with.
 */
function initStatements(password: string): string {
  const admin = `'${ADMINISTRATOR}'@'127.0.0.1'`;
  const { mariadb } = verifierOf(Buffer.from(password));
  return [
    `CREATE USER IF NOT EXISTS ${admin} IDENTIFIED BY PASSWORD '${mariadb}';`,
    `ALTER USER ${admin} IDENTIFIED BY PASSWORD '${mariadb}';`,
    `GRANT ALL PRIVILEGES ON *.* TO ${admin} WITH GRANT OPTION;`,
    "DROP USER IF EXISTS 'root'@'localhost', 'mysql'@'localhost', ''@'localhost';",
    "",
  ].join("\n");
}
