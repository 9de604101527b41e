import { spawn } from "node:child_process";
import { SitefleetError } from "../../errors/index.ts";
import { type Engine, MARIADB } from "./programs.ts";

/**
 * The sandbox's own administrator on both servers. It is a secret of the catalog where rotations have an administrator, and the engine
 * strikes secrets out of every text: no word that stands in a path.
 */
export const ADMINISTRATOR = "estate_keeper";

/** How a server's administrator is reached. */
export interface ServerLogin {
  readonly engine: Engine;
  readonly port: number;
  readonly password: string;
}

/** Time for one batch of statements; creating four databases takes less than one second. */
const TIMEOUT_MS = 60_000;

/** How {@link sql} runs statements. */
export interface SqlOptions {
  /** @default none (MariaDB), `postgres` (PostgreSQL) */
  readonly database?: string;
  /** Go on after a statement that fails, without an error. @default false */
  readonly goOn?: boolean;
}

/**
 * Runs statements as the administrator, by the server's own client. Neither the password nor the statements stand in an argument.
 *
 * @returns what the statements print: a line a row, columns separated by tabs
 * @throws SitefleetError `sandbox.database` with what the server said
 */
export function sql(login: ServerLogin, text: string, options: SqlOptions = {}): Promise<string> {
  const { engine, port, password } = login;
  const [program, args, env] =
    engine === "mariadb"
      ? [MARIADB.client, mariadbArguments(port, options), { MYSQL_PWD: password }]
      : ["/usr/bin/psql", postgresqlArguments(port, options), { PGPASSWORD: password, PGCONNECT_TIMEOUT: "10" }];
  return new Promise((done, fail) => {
    const child = spawn(program, args, {
      env: { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8", ...env },
      timeout: TIMEOUT_MS,
    });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      out += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      err += chunk;
    });
    child.on("error", fail);
    child.on("close", (code) => {
      if (code === 0 || options.goOn === true) done(out);
      else
        fail(
          new SitefleetError({ code: "sandbox.database", message: `${engine}: ${err.trim() || `exit code ${code}`}` }),
        );
    });
    child.stdin.on("error", () => {}); // the client has ended, which says more
    child.stdin.end(text);
  });
}

function mariadbArguments(port: number, { database, goOn }: SqlOptions): string[] {
  const target = ["--protocol=tcp", "--host=127.0.0.1", `--port=${port}`, `--user=${ADMINISTRATOR}`];
  const form = ["--batch", "--raw", "--skip-column-names", "--default-character-set=utf8mb4", "--connect-timeout=10"];
  return [
    "--no-defaults",
    ...target,
    ...form,
    ...(goOn === true ? ["--force"] : []),
    ...(database === undefined ? [] : [database]),
  ];
}

function postgresqlArguments(port: number, { database = "postgres", goOn }: SqlOptions): string[] {
  const target = ["-h", "127.0.0.1", "-p", String(port), "-U", ADMINISTRATOR, "-d", database];
  const stop = goOn === true ? [] : ["-v", "ON_ERROR_STOP=1"];
  return [
    "--no-psqlrc",
    "--no-password",
    "--quiet",
    "--tuples-only",
    "--no-align",
    "--field-separator=\t",
    ...stop,
    ...target,
  ];
}
