import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { freePort, until } from "./sshd.ts";
import { tempDir } from "./temp.ts";

/** A database server of a test's own. */
export interface TestServer {
  readonly port: number;
  /** Runs SQL as the administrator and gives what it prints, one line a row, columns separated by tabs. */
  sql(text: string, database?: string): string;
  stop(): Promise<void>;
}

const isRoot = process.getuid?.() === 0;
const idOf = (user: string, flag: string): number => Number(execFileSync("id", [flag, user], { encoding: "utf8" }));

/** Where Debian keeps the server's programs of the newest major version; undefined when it is not installed. */
function postgresBin(): string | undefined {
  const base = "/usr/lib/postgresql";
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(a) - Number(b)) : [];
  return versions.map((version) => join(base, version, "bin")).findLast((dir) => existsSync(join(dir, "initdb")));
}

/** Are the servers installed? Without them the tests that need them are skipped. */
export const HAS_MARIADB = existsSync("/usr/sbin/mariadbd");
export const HAS_POSTGRESQL = postgresBin() !== undefined;

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const done = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await done;
}

function answers(ask: () => unknown): boolean {
  try {
    ask();
    return true;
  } catch {
    return false;
  }
}

/** Starts MariaDB on a free port of 127.0.0.1. */
export async function startMariadb(): Promise<TestServer> {
  const dir = tempDir("mariadb-");
  const port = await freePort();
  // A server that starts removes temporary tables that it finds, also those of another server with the same directory for them.
  mkdirSync(`${dir}/tmp`);
  const own = [`--datadir=${dir}/data`, `--tmpdir=${dir}/tmp`, ...(isRoot ? ["--user=root"] : [])];
  execFileSync(
    "mariadb-install-db",
    ["--no-defaults", ...own, "--auth-root-authentication-method=normal", "--skip-test-db"],
    {
      stdio: "ignore",
    },
  );
  const server = spawn(
    "/usr/sbin/mariadbd",
    [
      "--no-defaults",
      ...own,
      `--socket=${dir}/s`,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      `--pid-file=${dir}/pid`,
      "--skip-name-resolve",
      "--innodb-flush-log-at-trx-commit=0",
      "--innodb-buffer-pool-size=32M",
      "--event-scheduler=ON",
    ],
    { stdio: "ignore" },
  );
  const sql = (text: string, database?: string): string =>
    execFileSync(
      "mariadb",
      ["--no-defaults", `--socket=${dir}/s`, "-u", "root", "-N", "-B", ...(database === undefined ? [] : [database])],
      { input: text, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] },
    );
  await until("MariaDB answers", () => answers(() => sql("SELECT 1")), 60);
  return {
    port,
    sql,
    stop: async () => {
      await ended(server, "SIGKILL");
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Starts PostgreSQL on a free port of 127.0.0.1. */
export async function startPostgresql(): Promise<TestServer> {
  const bin = postgresBin()!;
  const dir = tempDir("postgres-");
  mkdirSync(join(dir, "data"));
  const account: { uid?: number; gid?: number } = isRoot
    ? { uid: idOf("postgres", "-u"), gid: idOf("postgres", "-g") }
    : {};
  if (account.uid !== undefined) {
    chmodSync(dir, 0o755);
    for (const path of [dir, join(dir, "data")]) chownSync(path, account.uid, account.gid!);
  }
  const port = await freePort();
  const call = { cwd: dir, ...account };
  execFileSync(
    join(bin, "initdb"),
    ["-D", `${dir}/data`, "-U", "admin", "--auth-local=trust", "--auth-host=md5", "--no-sync"],
    {
      ...call,
      stdio: "ignore",
    },
  );
  const server = spawn(
    join(bin, "postgres"),
    ["-D", `${dir}/data`, "-p", String(port), "-k", dir, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"],
    { ...call, stdio: "ignore" },
  );
  const sql = (text: string, database = "postgres"): string =>
    execFileSync(
      "psql",
      [
        "-X",
        "-q",
        "-t",
        "-A",
        "-F",
        "\t",
        "-v",
        "ON_ERROR_STOP=1",
        "-h",
        dir,
        "-p",
        String(port),
        "-U",
        "admin",
        database,
      ],
      {
        input: text,
        encoding: "utf8",
        stdio: ["pipe", "pipe", "pipe"],
      },
    );
  await until("PostgreSQL answers", () => answers(() => sql("SELECT 1")), 60);
  return {
    port,
    sql,
    stop: async () => {
      await ended(server, "SIGINT");
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
