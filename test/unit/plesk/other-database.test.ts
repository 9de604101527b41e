// What breaks when these fail: a service is given another database under an unchanged artifact, and runs on an empty one that nobody
// checked or migrated; or what runs keeps an old password.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SitefleetError } from "../../../errors/index.ts";
import { deploy, parseDocument, plan } from "../../../plesk/index.ts";
import type { DeployDocumentInput } from "../../../plesk/input.ts";
import { otherDatabase } from "../../../plesk/transaction/other-database.ts";
import { HAS_MARIADB, startMariadb, type TestServer } from "./support/databases.ts";
import { makeArtifact } from "./support/driver.ts";
import { startSshd, type TestHost } from "./support/sshd.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

describe("whether it is another one", () => {
  const database = { name: "b" } as never;
  const now = { DB_NAME: "a", DB_HOST: "h", DB_PORT: "1", scheme: "mysql" };
  const env = { DB_NAME: "a", DB_HOST: "h", DB_PORT: "1", DATABASE_URL: "mysql://u:p@h:1/a" };
  const of = (change: object) => otherDatabase({ env: { ...env, ...change }, database }, { database: now });

  test("is decided by name, server and engine; user and password are none of it", () => {
    expect(of({ DB_USER: "other", DB_PASSWORD: "other" })).toBeUndefined();
    expect(of({ DB_NAME: "b" })).toEqual({ from: "a", to: "b" });
    expect(of({ DB_PORT: "2" })).toEqual({ from: "a", to: "a", server: { from: "h:1", to: "h:2" } });
    expect(of({ DATABASE_URL: "postgresql://u@h/a" })).toMatchObject({ engine: { from: "mysql", to: "postgresql" } });
    expect(otherDatabase({ env, database }, { database: {} })).toBeUndefined();
    expect(otherDatabase({ env: undefined, database }, { database: now })).toBeUndefined();
  });
});

describe.skipIf(!HAS_MARIADB)("on a host", () => {
  let host: TestHost;
  let server: TestServer;
  beforeAll(async () => {
    [host, server] = await Promise.all([startSshd(), startMariadb()]);
    for (const name of ["mo_games", "mo_games2", "mo_games3", "mo_scratch"]) server.sql(`CREATE DATABASE ${name}`);
    server.sql("CREATE USER svc@'%' IDENTIFIED BY 'password-one'");
    server.sql("GRANT ALL ON `mo\\_games%`.* TO svc@'%'; GRANT ALL ON mo_scratch.* TO svc@'%'");
    for (const name of ["mo_games", "mo_games2", "mo_games3"]) server.sql(`GRANT ALL ON ${name}.* TO svc@'%'`);
  });
  afterAll(async () => {
    host?.stop();
    await server?.stop();
  });

  const tables = (name: string) => server.sql("SHOW TABLES", name).trim();
  const artifact = () => makeArtifact({ "index.html": "one" });

  test("its checks and migrations run there, and what it leaves stays; a failure puts the old one back", async () => {
    const path = join(host.root, "games/httpdocs");
    const dir = artifact();
    const client = `mariadb -h 127.0.0.1 -P ${server.port} -u "$DB_USER" --password="$DB_PASSWORD" "$DB_NAME"`;
    const document = (name: string, check = "true"): DeployDocumentInput => ({
      host: host.host,
      artifact: { dir },
      service: {
        key: "games",
        path,
        commands: [
          {
            name: "migrate",
            phase: "before-switch",
            argv: ["sh", "-c", `echo 'CREATE TABLE IF NOT EXISTS scores (id INT)' | ${client}`],
            migrates: true,
          },
          { name: "restart", phase: "after-switch", argv: ["sh", "-c", 'echo "$DB_NAME" >started'], restarts: true },
          { name: "look", phase: "check", argv: ["sh", "-c", check] },
        ],
      },
      database: {
        engine: "mariadb",
        host: "127.0.0.1",
        port: server.port,
        name,
        user: "svc",
        password: "password-one",
        scratch: "mo_scratch",
      },
      env: {
        DATABASE_URL: `mysql://svc:password-one@127.0.0.1:${server.port}/${name}`,
        DB_HOST: "127.0.0.1",
        DB_NAME: name,
        DB_PORT: String(server.port),
        DB_USER: "svc",
        DB_PASSWORD: "password-one",
      },
    });
    const of = (name: string, check?: string) => parseDocument(document(name, check));
    const started = () => readFileSync(`${path}/started`, "utf8").trim();
    const first = await deploy(of("mo_games"));
    expect(first).toMatchObject({ outcome: "released", database: null });
    expect(await plan(of("mo_games"))).toMatchObject({ outcome: "unchanged", database: null });

    expect(await plan(of("mo_games2"))).toMatchObject({
      outcome: "switch",
      database: { from: "mo_games", to: "mo_games2", bytes: 0 },
      snapshot: "mo_games2",
      run: ["migrate", "restart", "look"],
      refusals: [],
      deleted: 0,
    });
    const second = await deploy(of("mo_games2"));
    expect(second).toMatchObject({
      release: first.release,
      database: { from: "mo_games", to: "mo_games2" },
      ran: ["migrate", "restart", "look"],
    });
    expect([tables("mo_games"), tables("mo_games2"), started()]).toEqual(["scores", "scores", "mo_games2"]);
    expect(await plan(of("mo_games2"))).toMatchObject({ outcome: "unchanged" });

    const failed = await deploy(of("mo_games3", "exit 1")).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(SitefleetError);
    expect(readFileSync(`${path}.sitefleet/shared/.env`, "utf8")).toContain("DB_NAME=mo_games2");
    expect([tables("mo_games3"), started()]).toEqual(["", "mo_games2"]);
    // The release served before and serves now: it is not to blame.
    expect(existsSync(`${path}.sitefleet/state/${first.release}.bad`)).toBe(false);

    // Another variable with the same database: what runs is started with it, and nothing else happens.
    const { env = {} } = document("mo_games2");
    const again = await deploy(parseDocument({ ...document("mo_games2"), env: { ...env, TOKEN: "another" } }));
    expect(again).toMatchObject({ outcome: "unchanged", ran: ["restart"], snapshot: null });
    expect((await deploy(parseDocument({ ...document("mo_games2"), env: { ...env, TOKEN: "another" } }))).ran).toEqual(
      [],
    );
  });
});
