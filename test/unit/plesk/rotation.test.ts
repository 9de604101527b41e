// What breaks when these fail: a service loses its database while its password is rotated, an old password stays valid, or none is.
// Real MariaDB and PostgreSQL, the real driver over ssh; SITEFLEET_KILLS=10 kills more often.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { deploy, parseDocument } from "../../../plesk/index.ts";
import type { DeployDocumentInput } from "../../../plesk/input.ts";
import { HAS_MARIADB, HAS_POSTGRESQL, startMariadb, startPostgresql, type TestServer } from "./support/databases.ts";
import { makeArtifact } from "./support/driver.ts";
import { MysqlConnection } from "./support/mysql-client.ts";
import { type RotationFile, withLogin } from "./support/rotate.ts";
import { startSshd, type TestHost } from "./support/sshd.ts";
import { tempDir } from "./support/temp.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 180_000 });

const CHILD = fileURLToPath(new URL("./support/rotate.ts", import.meta.url));
/** Random kills an engine; three in all unless more are asked for. */
const kills = (engine: string) => Number(process.env.SITEFLEET_KILLS ?? (engine === "mariadb" ? 2 : 1));
const ADMINISTRATOR = { user: "keeper", password: 'keeper\'s "own" \\password' };
const FIRST = "the-first-password";
/** Milliseconds between two logins: 20 a second. */
const EVERY_MS = 50;

const sqlText = (value: string): string => `'${value.replace(/['\\]/g, "\\$&")}'`;

/** A client's connection. */
interface Connection {
  /** Asks over it; fails when it is lost. */
  ask(): Promise<void>;
  end(): Promise<void>;
}

interface Kind {
  readonly engine: "mariadb" | "postgresql";
  readonly installed: boolean;
  start(): Promise<TestServer>;
  readonly setUp: readonly string[];
  /** Logs in once, as a page view does. */
  login(env: Readonly<Record<string, string>>): Promise<void>;
  connect(env: Readonly<Record<string, string>>): Promise<Connection>;
  /** How many passwords the account takes, as the server has it. */
  valid(server: TestServer): number;
}

async function postgresqlClient(env: Readonly<Record<string, string>>): Promise<Client> {
  const { DB_HOST: at, DB_PORT, DB_NAME: database, DB_USER: user, DB_PASSWORD: password } = env;
  const client = new Client({
    host: at!,
    port: Number(DB_PORT),
    database: database!,
    user: user!,
    password: password!,
  });
  await client.connect();
  return client;
}

const KINDS: readonly Kind[] = [
  {
    engine: "mariadb",
    installed: HAS_MARIADB,
    start: startMariadb,
    setUp: [
      `CREATE DATABASE mo; CREATE USER svc@'%' IDENTIFIED BY '${FIRST}'; GRANT ALL ON mo.* TO svc@'%';
CREATE USER keeper@'%' IDENTIFIED BY ${sqlText(ADMINISTRATOR.password)}; GRANT CREATE USER ON *.* TO keeper@'%'; GRANT SELECT ON mysql.* TO keeper@'%'`,
    ],
    login: async (env) => {
      await (await MysqlConnection.open(env)).end();
    },
    connect: MysqlConnection.open,
    valid: (server) => server.sql("SHOW CREATE USER svc@'%'").split("'*").length - 1,
  },
  {
    engine: "postgresql",
    installed: HAS_POSTGRESQL,
    start: startPostgresql,
    setUp: [
      `CREATE ROLE svc LOGIN PASSWORD '${FIRST}'; CREATE ROLE keeper LOGIN CREATEROLE PASSWORD $$${ADMINISTRATOR.password}$$;`,
      "CREATE DATABASE mo OWNER svc",
    ],
    login: async (env) => {
      const client = await postgresqlClient(env);
      await client.query("SELECT 1");
      await client.end();
    },
    connect: async (env) => {
      const client = await postgresqlClient(env);
      return { ask: async () => void (await client.query("SELECT 1")), end: () => client.end() };
    },
    valid: (server) =>
      Number(server.sql("SELECT count(*) FROM pg_roles WHERE rolname IN ('svc', 'svc_a', 'svc_b') AND rolcanlogin")),
  },
];

/** Logs in 20 times a second with what the service's `.env` says at that moment. */
class Visitor {
  readonly failures: string[] = [];
  logins = 0;
  readonly #timer: NodeJS.Timeout;
  readonly #open = new Set<Promise<void>>();

  constructor(kind: Kind, envFile: string) {
    this.#timer = setInterval(() => {
      const call = kind
        .login(readEnv(envFile))
        .catch((error: Error) => void this.failures.push(error.message))
        .finally(() => {
          this.logins++;
          this.#open.delete(call);
        });
      this.#open.add(call);
    }, EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
  }
}

const readEnv = (path: string): Record<string, string> =>
  Object.fromEntries(
    readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );

interface Ran {
  readonly phase: string;
  readonly waits?: string;
  readonly effects: number;
}

/** Runs a rotation as far as it goes; undefined when it was killed. */
function rotate(
  path: string,
  { killAt = 0, after }: { killAt?: number; after?: number } = {},
): Promise<Ran | undefined> {
  const child = spawn(process.execPath, [CHILD, path, String(killAt)], { stdio: ["ignore", "pipe", "pipe"] });
  const out = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      out[name] += text;
    });
  if (after !== undefined) setTimeout(() => child.kill("SIGKILL"), after);
  return new Promise((resolve, reject) =>
    child.on("close", (code, signal) => {
      if (signal === "SIGKILL") resolve(undefined);
      else if (code === 0) resolve(JSON.parse(out.stdout) as Ran);
      else reject(new Error(out.stderr));
    }),
  );
}

describe.each(KINDS)("$engine", (kind) => {
  if (!kind.installed) return test.skip("is not installed");
  let host: TestHost;
  let server: TestServer;
  let path: string;
  let envFile: string;
  const read = () => JSON.parse(readFileSync(path, "utf8")) as RotationFile;
  const begin = (window?: true) => {
    const { rotation, ...file } = read();
    writeFileSync(
      path,
      JSON.stringify({ ...file, rotation: { current: rotation.current, next: rotation.current + 1, window } }),
    );
    return rotation.current + 1;
  };

  beforeAll(async () => {
    [host, server] = await Promise.all([startSshd(), kind.start()]);
    for (const text of kind.setUp) server.sql(text);
    const service = join(host.root, "games/httpdocs");
    envFile = `${service}.sitefleet/shared/.env`;
    path = join(tempDir("rotation-"), "estate.json");
    const document: DeployDocumentInput = {
      host: host.host,
      artifact: { dir: makeArtifact({ "index.html": "one" }) },
      service: { key: "games", path: service },
      database: {
        engine: kind.engine,
        host: "127.0.0.1",
        port: server.port,
        name: "mo",
        user: "svc",
        password: FIRST,
        scratch: null,
      },
      lock: { leaseSeconds: 2 },
    };
    const file: RotationFile = {
      rotation: { current: 1 },
      values: { 1: FIRST },
      document,
      administrator: ADMINISTRATOR,
    };
    writeFileSync(path, JSON.stringify(file));
    await deploy(parseDocument(withLogin(file, 1)));
  });
  afterAll(async () => {
    host?.stop();
    await server?.stop();
  });

  test("no login fails and no connection is lost while the driver is killed after each phase and at random", async () => {
    const visitor = new Visitor(kind, envFile);
    const kept = await kind.connect(readEnv(envFile));
    try {
      await kept.ask();
      // Killed when the database accepts both, and when the new one is delivered, before either is noted.
      begin();
      for (const killAt of [2, 4]) {
        expect(await rotate(path, { killAt })).toBeUndefined();
        await kept.ask();
      }
      expect(read().rotation).toEqual({ current: 2, retired: 1 });
      // The connection that was there before holds the old password in place, and lives.
      expect(await rotate(path)).toMatchObject({
        phase: "retiring",
        waits: "for 1 session that may use the old value",
      });
      expect(read().rotation).toMatchObject({ current: 2, retired: 1, since: expect.any(String) });
      expect(kind.valid(server)).toBe(2);
      await kept.ask();
      await kept.end();
      expect(await rotate(path, { killAt: 1 })).toBeUndefined();
      expect(await rotate(path)).toMatchObject({ phase: "steady" });
      expect(kind.valid(server)).toBe(1);

      for (let kill = 0; kill < kills(kind.engine); ) {
        const generation = begin();
        for (;;) {
          const ran = await rotate(path, kill < kills(kind.engine) ? { after: 300 + Math.random() * 2500 } : {});
          if (ran === undefined) kill++;
          if (ran?.phase === "steady") break;
        }
        expect([kind.valid(server), read().rotation]).toEqual([1, { current: generation }]);
      }
    } finally {
      await visitor.stop();
    }
    expect(visitor.failures).toEqual([]);
    expect(visitor.logins).toBeGreaterThan(100);
    const login = readEnv(envFile);
    expect(login.DB_PASSWORD).toBe(read().values[read().rotation.current]);
    expect(Object.keys(read().values)).toHaveLength(1);
    // Without an administrator the account changes its own; there logins fail for a moment.
    if (kind.engine === "postgresql") return;
    begin(true);
    expect(await rotate(path)).toMatchObject({ phase: "steady" });
    expect(kind.valid(server)).toBe(1);
    await (await kind.connect(readEnv(envFile))).end();
  });
});
