import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ADMINISTRATOR } from "./client.ts";
import { postgresqlBin, requireServer } from "./programs.ts";
import { postgresqlAccount } from "./run-as.ts";
import { newDataDirectory } from "./template.ts";
import { verifierOf } from "./verifier.ts";

const run = promisify(execFile);

/** The locale that every Debian has; another one would change how text sorts from machine to machine. */
const LOCALE = "C.UTF-8";

/** Who may log in how: all users over TCP by password, and no other way. */
const HBA = "host all all 127.0.0.1/32 scram-sha-256\n";

/**
 * Makes the data directory of a sandbox's PostgreSQL if it is missing.
 *
 * @param folder absolute; all of the server lies in it
 * @param password of the administrator
 * @returns the server's command; it runs in the foreground and logs to stderr
 */
export async function preparePostgresql(folder: string, port: number, password: string): Promise<readonly string[]> {
  requireServer("postgresql");
  const bin = postgresqlBin() ?? "";
  const account = postgresqlAccount();
  const data = join(folder, "data");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(data)) {
    // Under another name until the administrator has a password.
    const fresh = `${data}.fresh`;
    const options = [
      "--auth=reject",
      `--username=${ADMINISTRATOR}`,
      "--no-sync",
      "--wal-segsize=1",
      "--no-instructions",
    ];
    const text = ["--encoding=UTF8", `--locale=${LOCALE}`];
    await newDataDirectory(fresh, {
      engine: "postgresql",
      key: JSON.stringify([bin, options, text, process.getuid?.(), 1]),
      make: (path, run) => run([...account.prefix, join(bin, "initdb"), "-D", path, ...options, ...text]),
      ...(account.owner === undefined ? {} : { owner: account.owner }),
    });
    writeFileSync(join(fresh, "pg_hba.conf"), HBA);
    await setPassword([...account.prefix, join(bin, "postgres")], fresh, verifierOf(Buffer.from(password)).postgresql);
    renameSync(fresh, data);
  }
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "60",
    shared_buffers: "16MB",
    // Survives kill -9 of the server; a crash of the machine may lose what was committed last.
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
    jit: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    // Statements hold verifiers of passwords.
    log_min_error_statement: "panic",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return [...account.prefix, join(bin, "postgres"), "-D", data, "-p", String(port), ...flags];
}

/** The server without network, for one statement: it comes over stdin. */
async function setPassword(server: readonly string[], data: string, verifier: string): Promise<void> {
  const [program = "", ...args] = server;
  const running = run(program, [...args, "--single", "-D", data, "-c", "fsync=off", "postgres"], {
    cwd: data,
    timeout: 60_000,
  });
  running.child.stdin?.end(`ALTER ROLE ${ADMINISTRATOR} PASSWORD '${verifier}';\n`);
  await running;
}

/** Whether the server says that it takes connections; it listens earlier. */
export function postgresqlReady(folder: string): boolean {
  try {
    return readFileSync(join(folder, "data/postmaster.pid"), "utf8").split("\n")[7]?.trim() === "ready";
  } catch {
    return false;
  }
}
