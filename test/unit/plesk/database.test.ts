// Snapshots that cannot be restored are worse than none. Every claim here is made against the real servers and clients.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
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
      const damaged = snapshots().find((name) => name.startsWith("200-b") && !name.endsWith(".meta"))!;
      const path = `${layout.base}/snapshots/${damaged}`;
      truncateSync(path, statSync(path).size - 40);
      expect(run(scratchScript(layout, TOKEN, db.engine, call, "200-b", "mo_scratch")).failed).toBeDefined();
      expect(run(restoreScript(layout, TOKEN, db.engine, call, "200-b")).failed).toBeDefined();
      expect(db.content(server)).toBe(before);
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
