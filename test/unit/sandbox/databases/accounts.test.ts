// What would break: a service's user could read another service's data, keep rights that a test has taken away, or log in without
// the password that the estate declares.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadCatalog } from "../../../../model/index.ts";
import {
  type Account,
  accountsOf,
  mariadbStatements,
  postgresqlStatements,
  verifierOf,
} from "../../../../sandbox/databases/index.ts";

const account: Account = {
  service: "votes",
  engine: "mariadb",
  database: "mo_votes",
  scratch: "mo_votes_scratch",
  user: "svc_votes",
  from: "localhost",
  passwordSecret: "MO_VOTES_DB_PASS",
};
const idp: Account = {
  ...account,
  service: "idp",
  engine: "postgresql",
  database: "mo_idp",
  scratch: null,
  user: "svc_idp",
};
const verifier = { mariadb: `*${"A".repeat(40)}`, postgresql: "SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy" };

describe("the catalog's accounts", () => {
  const accounts = accountsOf(loadCatalog("catalog").services, true);

  it("are one for each service with a database, each with a user and a scratch database of its own", () => {
    expect(accounts.length).toBe(14);
    for (const field of ["service", "user", "database", "scratch", "passwordSecret"] as const) {
      expect(new Set(accounts.map((each) => each[field])).size, field).toBe(accounts.length);
    }
  });

  it("come by the socket for databases on the host, else over TCP", () => {
    const from = Object.fromEntries(accounts.map((each) => [each.service, each.from]));
    expect(from).toMatchObject({ votes: "localhost", crm: "127.0.0.1", idp: "127.0.0.1" });
    expect(accountsOf(loadCatalog("catalog").services, false).every((each) => each.from === "127.0.0.1")).toBe(true);
  });
});

describe("MariaDB", () => {
  it("gets database, user, password and rights, whatever was there before", () => {
    expect(mariadbStatements(account, verifier, "all")).toEqual([
      "CREATE DATABASE IF NOT EXISTS `mo_votes`;",
      "CREATE DATABASE IF NOT EXISTS `mo_votes_scratch`;",
      "CREATE USER IF NOT EXISTS 'svc_votes'@'localhost' ACCOUNT LOCK;",
      `SET @password = (SELECT IF(COUNT(*) > 0, 'DO 0', 'ALTER USER ''svc_votes''@''localhost'' IDENTIFIED BY PASSWORD ''${verifier.mariadb}'' ACCOUNT UNLOCK') FROM mysql.global_priv WHERE User = 'svc_votes' AND Host = 'localhost' AND JSON_EXISTS(Priv, '$.auth_or') AND LOCATE('${verifier.mariadb}', Priv) > 0);`,
      "EXECUTE IMMEDIATE @password;",
      "REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'svc_votes'@'localhost';",
      "GRANT ALL PRIVILEGES ON `mo\\_votes`.* TO 'svc_votes'@'localhost';",
      "GRANT ALL PRIVILEGES ON `mo\\_votes\\_scratch`.* TO 'svc_votes'@'localhost';",
    ]);
  });

  it("locks a user without a password, and takes rights away", () => {
    expect(mariadbStatements(account, undefined, "all")).toContain("ALTER USER 'svc_votes'@'localhost' ACCOUNT LOCK;");
    const grants = (rights: Parameters<typeof mariadbStatements>[2]) =>
      mariadbStatements(account, verifier, rights).filter((line) => line.includes("ON `mo\\_votes`.*"));
    expect(grants("none")).toEqual([]);
    expect(grants("read")).toEqual(["GRANT SELECT, LOCK TABLES ON `mo\\_votes`.* TO 'svc_votes'@'localhost';"]);
    expect(grants(["SELECT", "SHOW VIEW"])[0]).toContain("GRANT SELECT, SHOW VIEW ON");
  });
});

describe("PostgreSQL", () => {
  it("gets role and database, and gives the database to somebody else when rights are too small", () => {
    const lines = postgresqlStatements(idp, verifier, "all", "sandbox");
    const unlessRotated = (statement: string) =>
      `SELECT '${statement}' WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname IN ('svc_idp_a', 'svc_idp_b'))\\gexec`;
    expect(lines).toContain(unlessRotated(`ALTER ROLE "svc_idp" LOGIN PASSWORD ''${verifier.postgresql}''`));
    expect(lines).toContain('ALTER DATABASE "mo_idp" OWNER TO "svc_idp";');
    expect(lines).toContain('GRANT CONNECT ON DATABASE "mo_idp" TO "svc_idp";');
    expect(postgresqlStatements(idp, verifier, "read", "sandbox")).toContain(
      'ALTER DATABASE "mo_idp" OWNER TO "sandbox";',
    );
    expect(postgresqlStatements(idp, verifier, "none", "sandbox")).toContain(
      'REVOKE CONNECT ON DATABASE "mo_idp" FROM "svc_idp";',
    );
    expect(postgresqlStatements(idp, undefined, "all", "sandbox")).toContain(
      unlessRotated('ALTER ROLE "svc_idp" NOLOGIN'),
    );
  });
});

describe("verifiers", () => {
  it("are what the servers themselves make of a password", () => {
    // SELECT PASSWORD('secret') of MariaDB 10.11; the keys of RFC 7677's example (password, salt and rounds are given there).
    expect(verifierOf(Buffer.from("secret")).mariadb).toBe("*14E65567ABDB5135D0CFD9A70B3032C179A49EE7");
    const salt = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");
    expect(verifierOf(Buffer.from("pencil"), salt).postgresql).toBe(
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
    );
  });

  it("never hold the password", () => {
    fc.assert(
      fc.property(
        // The hyphen is in no verifier, so that no short text is found by chance.
        fc.string().map((text) => `-${text}-`),
        (password) => Object.values(verifierOf(Buffer.from(password))).every((text) => !text.includes(password)),
      ),
      { numRuns: 30 },
    );
  });
});
