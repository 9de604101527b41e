// Snapshots that cannot be restored are worse than none. Every claim here is made against the real servers and clients.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { appliedQuery } from "../../../plesk/artifact/migrations.ts";
import type { DatabaseCall } from "../../../plesk/commands/database/dialect.ts";
import {
  DIALECTS,
  databaseCheckScript,
  databaseLookScript,
  type Engine,
  pruneSnapshotsBody,
  restoreScript,
  scratchScript,
  snapshotScript,
} from "../../../plesk/commands/database/index.ts";
import { writtenScript } from "../../../plesk/commands/database/written.ts";
import { layoutOf } from "../../../plesk/commands/layout.ts";
import { script } from "../../../plesk/commands/script.ts";
import { restoreSeconds } from "../../../plesk/database/estimate.ts";
import { missingGrants } from "../../../plesk/database/grants.ts";
import { HAS_MARIADB, HAS_POSTGRESQL, startMariadb, startPostgresql, type TestServer } from "./support/databases.ts";
import { tempDir } from "./support/temp.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** A password full of what shells, option files and password files care about. */
const PASSWORD = `a'b"c\\d$(id)\`id\`:e#f ;g`;
// Long enough to stand in no other test's temporary name by chance.
const TOKEN = "t0ofdatabasetests";

/** A service directory with a lock that is ours, so that scripts may run in it without ssh. */
function place() {
  const root = tempDir("pleskdb-");
  const layout = layoutOf({ path: join(root, "httpdocs"), kind: "generic", shared: [] });
  mkdirSync(`${layout.base}/lock`, { recursive: true });
  mkdirSync(`${layout.base}/state`);
  writeFileSync(`${layout.base}/lock/9.${TOKEN}`, "");
  return layout;
}

/** Runs a script as the host's shell would; the words it says, or its exit code and failure word. */
function run(text: string): { said: string[]; failed?: string; stderr: string } {
  const parse = (out: string): string[] =>
    out
      .split("\n")
      .filter((line) => line.startsWith("sitefleet:"))
      .map((line) => line.slice(10));
  try {
    return {
      said: parse(execFileSync("sh", ["-s"], { input: text, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] })),
      stderr: "",
    };
  } catch (error) {
    const { stdout, stderr, status } = error as { stdout: string; stderr: string; status: number };
    const said = parse(stdout);
    return { said, failed: said.find((line) => line.startsWith("fail "))?.slice(5) ?? `exit ${status}`, stderr };
  }
}

interface Engineered {
  readonly engine: Engine;
  readonly installed: boolean;
  start(): Promise<TestServer>;
  /** Makes user `svc` with a database `mo` and a scratch database, and a user that may only read. */
  readonly setUp: string;
  readonly fill: string;
  /** What a migration does before it fails. */
  readonly migrate: string;
  /** Runs SQL as `svc`, who then owns what it makes. */
  asService(server: TestServer, sql: string): void;
  /** A text that is the same exactly when the whole content is. */
  content(server: TestServer): string;
}

const client = (server: TestServer): string[] => [
  "--no-defaults",
  "-h",
  "127.0.0.1",
  "-P",
  String(server.port),
  "-u",
  "svc",
  `-p${PASSWORD}`,
];

const mariadb: Engineered = {
  engine: "mariadb",
  installed: HAS_MARIADB,
  start: startMariadb,
  setUp: `CREATE DATABASE mo; CREATE DATABASE mo_scratch;
CREATE USER svc@'%' IDENTIFIED BY '${PASSWORD.replace(/['\\]/g, "\\$&")}';
GRANT ALL ON mo.* TO svc@'%'; GRANT ALL ON mo_scratch.* TO svc@'%';
CREATE USER small@'%' IDENTIFIED BY '${PASSWORD.replace(/['\\]/g, "\\$&")}'; GRANT SELECT, LOCK TABLES ON mo.* TO small@'%';`,
  fill: `CREATE TABLE parent (id INT PRIMARY KEY, name TEXT);
CREATE TABLE child (id INT PRIMARY KEY AUTO_INCREMENT, parent INT, data BLOB, FOREIGN KEY (parent) REFERENCES parent(id));
INSERT INTO parent VALUES (1, 'ünïcode''"; -- CREATE TABLE x'), (2, 'line\\nCREATE TABLE y (');
INSERT INTO child (parent, data) VALUES (1, x'00ff27225c0a'), (2, NULL);
CREATE VIEW both_ AS SELECT p.name, c.data FROM parent p JOIN child c ON c.parent = p.id;
CREATE TRIGGER touched BEFORE INSERT ON child FOR EACH ROW SET NEW.parent = COALESCE(NEW.parent, 1);
CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN n * 2;
CREATE EVENT daily ON SCHEDULE EVERY 1 DAY DO DELETE FROM child WHERE id < 0;
CREATE TABLE \`it's \\\`odd\\\`\` (id INT);`.replaceAll("\\`odd\\`", "``odd``"),
  migrate: `ALTER TABLE parent ADD COLUMN added INT; DROP VIEW both_; CREATE TABLE newer (id INT PRIMARY KEY);
CREATE TABLE newer_child (id INT, FOREIGN KEY (id) REFERENCES newer(id)); UPDATE parent SET name = 'lost'; DELETE FROM child; CREATE VIEW v2 AS SELECT 1;`,
  asService: (server, sql) => {
    execFileSync("mariadb", [...client(server), "mo"], { input: sql });
  },
  content: (server) => {
    const dump = client(server);
    return execFileSync(
      "mariadb-dump",
      [...dump, "--routines", "--events", "--triggers", "--hex-blob", "--skip-dump-date", "mo"],
      {
        encoding: "utf8",
      },
    );
  },
};

const postgresql: Engineered = {
  engine: "postgresql",
  installed: HAS_POSTGRESQL,
  start: startPostgresql,
  setUp: `CREATE ROLE svc LOGIN PASSWORD '${PASSWORD.replaceAll("'", "''")}'; CREATE ROLE small LOGIN PASSWORD '${PASSWORD.replaceAll("'", "''")}';
CREATE DATABASE mo OWNER svc; CREATE DATABASE mo_scratch OWNER svc;`,
  fill: `CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE TABLE parent (id int PRIMARY KEY, name text, m mood);
CREATE TABLE child (id serial PRIMARY KEY, parent int REFERENCES parent, data bytea);
INSERT INTO parent VALUES (1, 'ünïcode''"; -- x', 'good'), (2, E'line\\n\\\\.', 'bad'); INSERT INTO child (parent, data) VALUES (1, '\\x00ff27225c0a'), (2, NULL);
CREATE VIEW both_ AS SELECT name, data FROM parent p JOIN child c ON c.parent = p.id;
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.parent := COALESCE(NEW.parent, 1); RETURN NEW; END$$;
CREATE TRIGGER touched BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION touch();
CREATE SCHEMA "other's"; CREATE TABLE "other's"."odd ""name" (id int); CREATE MATERIALIZED VIEW mat AS SELECT 1 AS one;`,
  migrate: `ALTER TABLE parent ADD COLUMN added int; DROP VIEW both_; CREATE TABLE newer (id int PRIMARY KEY);
CREATE TABLE newer_child (id int REFERENCES newer); UPDATE parent SET name = 'lost'; DELETE FROM child; CREATE VIEW v2 AS SELECT 1;
CREATE SCHEMA late; CREATE TABLE late.t (id int); CREATE TYPE late_type AS ENUM ('x'); CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';`,
  asService: (server, sql) => {
    server.sql(`SET ROLE svc; ${sql}`, "mo");
  },
  content: (server) =>
    execFileSync("pg_dump", ["-h", "127.0.0.1", "-p", String(server.port), "-U", "svc", "mo"], {
      encoding: "utf8",
      env: { ...process.env, PGPASSWORD: PASSWORD },
      // A random key guards each plain dump against hostile object names.
    }).replace(/^\\(un)?restrict .*$/gm, ""),
};

for (const db of [mariadb, postgresql]) {
  describe.skipIf(!db.installed)(db.engine, () => {
    let server: TestServer;
    let call: DatabaseCall;
    const layout = place();
    const snapshots = () => readdirSync(`${layout.base}/snapshots`).sort();
    const check = (user: string, password = PASSWORD) =>
      run(databaseCheckScript(layout, TOKEN, db.engine, { ...call, user, password }));
    const grantsOf = (said: string[]) => said.filter((line) => line.startsWith("grant ")).map((line) => line.slice(6));

    beforeAll(async () => {
      server = await db.start();
      call = { host: "127.0.0.1", port: server.port, name: "mo", user: "svc", password: PASSWORD };
      server.sql(db.setUp);
      db.asService(server, db.fill);
    });
    afterAll(() => server?.stop());

    test("the user's rights are found sufficient, or what is missing is named", () => {
      const fine = check("svc");
      expect(fine.failed).toBeUndefined();
      expect(missingGrants(db.engine, grantsOf(fine.said), "mo")).toEqual([]);
      expect(missingGrants(db.engine, grantsOf(check("small").said), "mo").length).toBeGreaterThan(0);
    });

    test("a plan asks the same without a lock, learns the size, and leaves nothing where there was nothing", () => {
      const elsewhere = layoutOf({ path: join(tempDir("look-"), "site"), kind: "generic", shared: [] });
      const asked = run(databaseLookScript(elsewhere, TOKEN, db.engine, call));
      expect(asked.failed, asked.stderr).toBeUndefined();
      expect(Number(asked.said.find((line) => line.startsWith("size "))?.slice(5))).toBeGreaterThan(1000);
      expect(missingGrants(db.engine, grantsOf(asked.said), "mo")).toEqual([]);
      expect(readdirSync(join(elsewhere.path, ".."))).toEqual([]);
      expect(readdirSync(tmpdir()).filter((name) => name.includes(TOKEN))).toEqual([]);
    });

    test("a plan learns which of Prisma's migrations the database has had; where there is no such table it has had none", () => {
      const query = appliedQuery("prisma");
      const asked = () => {
        const { said, failed, stderr } = run(databaseLookScript(layout, TOKEN, db.engine, call, query));
        expect(failed, stderr).toBeUndefined();
        return said.filter((line) => line.startsWith("applied "));
      };
      expect(asked()).toEqual([]);
      db.asService(
        server,
        `CREATE TABLE _prisma_migrations (migration_name VARCHAR(255), finished_at TIMESTAMP NULL, rolled_back_at TIMESTAMP NULL);
INSERT INTO _prisma_migrations VALUES ('1_a', CURRENT_TIMESTAMP, NULL), ('2_failed', NULL, NULL), ('3_back', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP);`,
      );
      expect(asked()).toEqual(["applied 1_a"]);
      db.asService(server, "DROP TABLE _prisma_migrations;");
    });

    test("a wrong password fails, and shows in no output", () => {
      const { failed, stderr } = check("svc", "wrong-password-canary");
      expect(failed).toBeDefined();
      expect(stderr).not.toContain("wrong-password-canary");
    });

    test("a snapshot proves itself in the scratch database and then restores everything, and nothing newer stays", () => {
      const before = db.content(server);
      const taken = run(snapshotScript(layout, TOKEN, db.engine, call, "100-a"));
      expect(taken.failed, taken.stderr).toBeUndefined();
      const proven = run(scratchScript(layout, TOKEN, db.engine, call, "100-a", "mo_scratch"));
      expect(proven.failed, proven.stderr).toBeUndefined();
      // What a rollback would take away is shown by table, whatever the rows hold.
      const changes = () => run(writtenScript(layout, TOKEN, db.engine, call, "100-a"));
      expect(changes()).toEqual({ said: ["done"], stderr: "" });
      db.asService(
        server,
        "INSERT INTO child (parent, data) VALUES (2, NULL), (1, NULL); DELETE FROM child WHERE id = 1;",
      );
      const child = db.engine === "mariadb" ? "child" : "public.child";
      expect(changes().said).toEqual([`written ${child} 2`, `gone ${child} 1`, "done"]);
      expect(run(writtenScript(layout, TOKEN, db.engine, call, "no-such")).failed).toBe("no-snapshot");
      db.asService(server, db.migrate);
      expect(db.content(server)).not.toBe(before);
      const restored = run(restoreScript(layout, TOKEN, db.engine, call, "100-a"));
      expect(restored.failed, restored.stderr).toBeUndefined();
      expect(db.content(server)).toBe(before);
      const again = run(restoreScript(layout, TOKEN, db.engine, call, "100-a"));
      expect(again.failed, again.stderr).toBeUndefined();
      expect(db.content(server)).toBe(before);
    });

    test("snapshots are private, and no credentials are left", () => {
      for (const name of snapshots()) expect(statSync(`${layout.base}/snapshots/${name}`).mode & 0o777).toBe(0o600);
      expect(statSync(`${layout.base}/snapshots`).mode & 0o777).toBe(0o700);
      expect(readdirSync(`${layout.base}/state`)).toEqual([]);
    });

    test("a snapshot that lost its end is refused before anything is dropped", () => {
      const before = db.content(server);
      run(snapshotScript(layout, TOKEN, db.engine, call, "200-b"));
      for (const damaged of snapshots().filter((name) => name.startsWith("200-b") && !name.endsWith(".meta"))) {
        const path = `${layout.base}/snapshots/${damaged}`;
        const whole = readFileSync(path);
        truncateSync(path, statSync(path).size - 40);
        expect(run(scratchScript(layout, TOKEN, db.engine, call, "200-b", "mo_scratch")).failed).toBeDefined();
        expect(run(restoreScript(layout, TOKEN, db.engine, call, "200-b")).failed).toBeDefined();
        expect(db.content(server)).toBe(before);
        writeFileSync(path, whole);
      }
    });

    test("a dump that cannot be made leaves no snapshot", () => {
      const { failed } = run(snapshotScript(layout, TOKEN, db.engine, { ...call, password: "no" }, "300-c"));
      expect(failed).toBeDefined();
      expect(snapshots().filter((name) => name.startsWith("300-c") && name.endsWith(".meta"))).toEqual([]);
      expect(run(restoreScript(layout, TOKEN, db.engine, call, "300-c")).failed).toBe("no-snapshot");
    });

    test("the live database is never its own scratch", () => {
      expect(run(scratchScript(layout, TOKEN, db.engine, call, "100-a", "mo")).failed).toBe("scratch-is-live");
    });
  });
}

describe.skipIf(!HAS_MARIADB)("what a proof with MariaDB runs", () => {
  let server: TestServer;
  let call: DatabaseCall;
  const layout = place();
  const snapshot = (name: string) => run(snapshotScript(layout, TOKEN, "mariadb", call, name));
  const prove = (name: string) => run(scratchScript(layout, TOKEN, "mariadb", call, name, "mo_scratch"));
  const rows = (sql: string) => server.sql(sql, "mo").trim();

  beforeAll(async () => {
    server = await startMariadb();
    call = {
      host: "127.0.0.1",
      port: server.port,
      name: "mo",
      user: "svc",
      password: PASSWORD,
      scratch: "mo_scratch",
    };
    server.sql(mariadb.setUp);
    mariadb.asService(
      server,
      `CREATE TABLE acted (at TIMESTAMP(6) DEFAULT CURRENT_TIMESTAMP(6), who TEXT);
CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1), (2);
CREATE SEQUENCE counter; CREATE TABLE counted (id BIGINT PRIMARY KEY DEFAULT nextval(counter), note TEXT); INSERT INTO counted (note) VALUES ('a');
CREATE TRIGGER told AFTER INSERT ON t FOR EACH ROW INSERT INTO mo.acted (who) VALUES ('trigger');
DELIMITER ;;
CREATE PROCEDURE act() BEGIN
CREATE TABLE IF NOT EXISTS \`text\` (id INT);
CREATE TABLE \`q\` (
 id INT);
INSERT INTO mo.acted (who) VALUES ('procedure');
END;;
DELIMITER ;`.replaceAll("\\`", "`"),
    );
  });
  afterAll(() => server?.stop());

  test("a definition of a table inside a procedure is no table: the snapshot is taken", () => {
    const taken = snapshot("1-a");
    expect(taken.failed, taken.stderr).toBeUndefined();
    expect(prove("1-a").failed).toBeUndefined();
  });

  test("nothing: an event, triggers and a counter of the live database stay as they are, and a restore brings the event back switched on", async () => {
    // Stopped at the live database only: what it does there would hide what its copy does.
    mariadb.asService(
      server,
      `DELIMITER ;;
CREATE EVENT \`an event's \`\` ON SCHEDULE ENABLE\` ON SCHEDULE EVERY 1 SECOND STARTS '2020-01-01 00:00:00' ON COMPLETION PRESERVE COMMENT ' ENABLE DO ' DO BEGIN
INSERT INTO mo.acted (who) SELECT DATABASE();
SET @text = 'ON COMPLETION NOT PRESERVE ENABLE';
END;;
CREATE EVENT once ON SCHEDULE AT CURRENT_TIMESTAMP + INTERVAL 1 DAY DO INSERT INTO mo.acted (who) VALUES ('once');;
CREATE EVENT off ON SCHEDULE EVERY 1 SECOND DISABLE DO INSERT INTO mo.acted (who) VALUES ('off');;
DELIMITER ;`.replaceAll("\\`", "`"),
    );
    const before = rows("SHOW CREATE EVENT once");
    expect(snapshot("2-b").failed).toBeUndefined();
    const counter = rows("SELECT next_not_cached_value FROM counter");
    const proven = prove("2-b");
    expect(proven.failed, proven.stderr).toBeUndefined();
    // The copy of the event would have acted within the second.
    await new Promise((done) => setTimeout(done, 1500));
    expect(rows("SELECT DISTINCT who FROM acted")).toBe("mo");
    expect(rows("SELECT next_not_cached_value FROM counter")).toBe(counter);
    expect(server.sql("SELECT COUNT(*) FROM information_schema.events WHERE event_schema = 'mo_scratch'").trim()).toBe(
      "0",
    );
    const restored = run(restoreScript(layout, TOKEN, "mariadb", call, "2-b"));
    expect(restored.failed, restored.stderr).toBeUndefined();
    expect(rows("SHOW CREATE EVENT once")).toBe(before);
    expect(rows("SELECT event_name, status FROM information_schema.events ORDER BY 1").split("\n")).toEqual([
      "an event's ` ON SCHEDULE ENABLE\tENABLED",
      "off\tDISABLED",
      "once\tENABLED",
    ]);
  });

  test("the copy of an event stays off while it lies in the scratch database, also when the proof is cut off there", async () => {
    const cut = scratchScript(layout, TOKEN, "mariadb", call, "2-b", "mo_scratch").replace(
      /counts=\$\(/,
      "exit 7\ncounts=$(",
    );
    expect(run(cut).failed).toBe("exit 7");
    await new Promise((done) => setTimeout(done, 1500));
    const states =
      "SELECT DISTINCT status FROM information_schema.events WHERE event_schema = 'mo_scratch' AND status <> 'DISABLED'";
    expect(server.sql(states)).toBe("");
    expect(rows("SELECT COUNT(*) FROM acted WHERE who = 'mo_scratch'")).toBe("0");
  });

  test("nothing either where it could reach other data: found before the deployment, and refused by the proof itself", () => {
    server.sql("CREATE DATABASE other; CREATE TABLE other.p (id INT PRIMARY KEY); GRANT ALL ON other.* TO svc@'%';");
    mariadb.asService(server, "CREATE TABLE led (id INT, FOREIGN KEY away (id) REFERENCES other.p (id));");
    mariadb.asService(server, "CREATE TABLE merged (id INT PRIMARY KEY) ENGINE = MRG_MyISAM UNION = ();");
    const line = /the foreign key .* of led, which leads into the database other/;
    const asked = run(databaseCheckScript(layout, TOKEN, "mariadb", call));
    const reach = asked.said.filter((said) => said.startsWith("reach "));
    expect(reach).toHaveLength(2);
    expect(reach.join("\n")).toMatch(line);
    expect(reach.join("\n")).toContain("the table merged, which points at data elsewhere (engine MRG_MyISAM)");
    const { scratch: _, ...unproven } = call;
    const without = run(databaseCheckScript(layout, TOKEN, "mariadb", unproven));
    expect(without.said.filter((said) => said.startsWith("reach "))).toEqual([]);
    expect(snapshot("3-c").failed).toBeUndefined();
    const refused = prove("3-c");
    expect(refused.failed).toBe("scratch-reaches-out");
    expect(refused.stderr).toMatch(line);
    mariadb.asService(server, "DROP TABLE led; DROP TABLE merged;");
  });

  test("a table that the dump leaves out is named", () => {
    const script = snapshotScript(layout, TOKEN, "mariadb", call, "4-d").replace(
      "--quick",
      "--quick --ignore-table=mo.t",
    );
    const { failed, stderr } = run(script);
    expect(failed).toBe("dump-incomplete");
    expect(stderr).toContain("CREATE TABLE `t` (");
  });
});

describe.skipIf(!HAS_POSTGRESQL)("what a proof with PostgreSQL runs", () => {
  let server: TestServer;
  let call: DatabaseCall;
  const layout = place();
  const snapshot = (name: string) => run(snapshotScript(layout, TOKEN, "postgresql", call, name));
  const prove = (name: string) => run(scratchScript(layout, TOKEN, "postgresql", call, name, "mo_scratch"));
  const facts = (word: string, user = "svc") =>
    run(databaseCheckScript(layout, TOKEN, "postgresql", { ...call, user })).said.filter((said) =>
      said.startsWith(`${word} `),
    );

  beforeAll(async () => {
    server = await startPostgresql();
    call = {
      host: "127.0.0.1",
      port: server.port,
      name: "mo",
      user: "svc",
      password: PASSWORD,
      scratch: "mo_scratch",
    };
    server.sql(postgresql.setUp);
    server.sql(
      "CREATE EXTENSION dblink; CREATE EXTENSION postgres_fdw; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO svc",
      "mo",
    );
    // Everything that a load runs: an index over a function, a check, a generated column, a view with data; each writes home if it can.
    postgresql.asService(
      server,
      `CREATE TABLE acted (who text); CREATE TABLE fed (id int);
CREATE FUNCTION home(who text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF current_database() <> 'mo' THEN
    PERFORM public.dblink_exec('host=127.0.0.1 port=${server.port} dbname=mo user=svc password=${PASSWORD.replace(/['\\ ]/g, "\\$&").replaceAll("'", "''")}',
      'INSERT INTO acted VALUES (' || quote_literal(who) || ')');
  END IF;
  RETURN who;
EXCEPTION WHEN undefined_function THEN RETURN who;
END$$;
CREATE TABLE t (id int CHECK (public.home('check') <> ''), g text GENERATED ALWAYS AS (public.home('column')) STORED);
INSERT INTO t VALUES (1); CREATE INDEX i ON t (public.home('index'));
CREATE MATERIALIZED VIEW m AS SELECT public.home('view') AS who;
CREATE SERVER away FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '${server.port}', dbname 'mo');
CREATE USER MAPPING FOR svc SERVER away OPTIONS (user 'svc', password 'x');
CREATE FOREIGN TABLE far (id int) SERVER away OPTIONS (table_name 'fed');
CREATE PUBLICATION told FOR TABLE t; SELECT lo_from_bytea(0, 'abc');`,
    );
  });
  afterAll(() => server?.stop());

  test("nothing of other servers and databases: what connects is not loaded, and a restore leaves it as it is", () => {
    expect(facts("reach")).toEqual([]);
    expect(facts("loss")).toEqual([]);
    const before = postgresql.content(server);
    const taken = snapshot("1-a");
    expect(taken.failed, taken.stderr).toBeUndefined();
    const proven = prove("1-a");
    expect(proven.failed, proven.stderr).toBeUndefined();
    expect(server.sql("SELECT count(*) FROM acted", "mo").trim()).toBe("0");
    for (const left of ["pg_publication", "pg_foreign_server", "pg_largeobject_metadata"]) {
      expect(server.sql(`SELECT count(*) FROM ${left}`, "mo_scratch").trim()).toBe("0");
    }
    const restored = run(restoreScript(layout, TOKEN, "postgresql", call, "1-a"));
    expect(restored.failed, restored.stderr).toBeUndefined();
    expect(postgresql.content(server)).toBe(before);
  });

  test("nothing where the scratch database has a way out: found before the deployment, and refused by the proof itself", () => {
    server.sql("CREATE EXTENSION dblink", "mo_scratch");
    expect(facts("reach")).toEqual(["reach the extension dblink of the scratch database"]);
    const refused = prove("1-a");
    expect(refused.failed).toBe("scratch-reaches-out");
    expect(refused.stderr).toContain("the extension dblink");
    expect(server.sql("SELECT count(*) FROM acted", "mo").trim()).toBe("0");
    server.sql("DROP EXTENSION dblink", "mo_scratch");
    server.sql("GRANT pg_execute_server_program TO svc");
    expect(facts("reach")).toEqual(["reach the user's rights: it belongs to pg_execute_server_program"]);
    server.sql("REVOKE pg_execute_server_program FROM svc; ALTER ROLE svc SUPERUSER");
    expect(facts("reach")).toEqual(["reach the user's rights: it is a superuser"]);
    server.sql("ALTER ROLE svc NOSUPERUSER");
    expect(prove("1-a").failed).toBeUndefined();
  });

  test("what a restore would lose is found before the deployment", () => {
    server.sql(
      `CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER watched ON ddl_command_end EXECUTE FUNCTION watch();
CREATE SUBSCRIPTION fed CONNECTION 'dbname=none' PUBLICATION p WITH (connect = false); CREATE PUBLICATION everything FOR ALL TABLES;`,
      "mo",
    );
    expect(facts("loss")).toEqual([
      "loss the event trigger watched",
      "loss the subscription fed",
      "loss the publication everything of another user",
    ]);
    server.sql(
      "DROP EVENT TRIGGER watched; DROP FUNCTION watch(); ALTER SUBSCRIPTION fed SET (slot_name = NONE); DROP SUBSCRIPTION fed; DROP PUBLICATION everything",
      "mo",
    );
  });
});

test("only the newest snapshots stay", () => {
  const layout = place();
  mkdirSync(`${layout.base}/snapshots`);
  for (const name of ["1-a", "2-b", "3-c"]) {
    for (const end of [".sql.gz", ".sql.meta"]) writeFileSync(`${layout.base}/snapshots/${name}${end}`, "");
  }
  expect(run(script(layout, pruneSnapshotsBody(2))).failed).toBeUndefined();
  expect(readdirSync(`${layout.base}/snapshots`)).toEqual(["2-b.sql.gz", "2-b.sql.meta", "3-c.sql.gz", "3-c.sql.meta"]);
});

test("passwords reach the clients on stdin only: no script names them outside a here-document", () => {
  const layout = place();
  const call = { host: "db", port: 1, name: "mo", user: "u", password: "canary-pw" };
  for (const engine of Object.keys(DIALECTS) as Engine[]) {
    const outside = snapshotScript(layout, TOKEN, engine, call, "1-a").replace(
      /<<'(SITEFLEET_\w+)'\n[\s\S]*?\n\1/g,
      "",
    );
    expect(outside).not.toContain("canary-pw");
  }
});

describe("missingGrants", () => {
  const all = "GRANT ALL PRIVILEGES ON `mo\\_votes`.* TO `svc`@`%`";
  test.each([
    [[all], "mo_votes", 0],
    [["GRANT ALL PRIVILEGES ON `mo%`.* TO `svc`@`%`"], "mo_votes", 0],
    [["GRANT ALL PRIVILEGES ON *.* TO `svc`@`%` WITH GRANT OPTION"], "mo_votes", 0],
    [[all], "moXvotes", 14],
    [["GRANT SELECT, LOCK TABLES ON `mo\\_votes`.* TO `svc`@`%`"], "mo_votes", 12],
    [["GRANT USAGE ON *.* TO `svc`@`%` IDENTIFIED BY PASSWORD '*X'"], "mo_votes", 14],
    [[all, "definer root@% of view v"], "mo_votes", 1],
  ])("%j on %s lacks %i", (lines, database, count) => {
    expect(missingGrants("mariadb", lines, database)).toHaveLength(count);
  });
});

test("the time of a restore is what the scratch restore took, else by size", () => {
  expect(restoreSeconds(194e6)).toBe(8);
  expect(restoreSeconds(194e6, 3.2)).toBe(4);
});
