// What breaks when these fail: a rotation begins on a server that cannot hold two passwords, or a statement drops the one in use.
import { describe, expect, test } from "vitest";
import { accountStatements, windowStatement } from "../../../plesk/commands/database/accounts.ts";
import { type AccountTarget, parseAccountLook } from "../../../plesk/operations/account-look.ts";

const [one, two] = [
  { generation: 1, user: "svc", password: "one" },
  { generation: 2, user: "svc", password: "it's\\two" },
];

function look(engine: "mariadb" | "postgresql", facts: readonly string[], change: object = {}) {
  const account = {
    owner: "svc",
    names: ["svc"],
    logins: [one, two],
    administrator: { user: "a", password: "b" },
    ...change,
  };
  const target = { service: { key: "x" }, database: { engine }, account } as unknown as AccountTarget;
  return parseAccountLook(
    target,
    facts.map((fact) => `sitefleet:${fact}`),
  );
}

const MARIADB = [
  "login 0 yes",
  "login 1 no",
  "version 10.11.19-MariaDB-0+deb12u1",
  "connection 41",
  "before 2",
  "Uptime\t500",
  "max_password_errors\t4294967295",
];
const ADMINISTRATOR = ["administrator yes", "may 1", "account mysql_native_password 'svc'@'%'"];

describe("what a look tells", () => {
  test("MariaDB with an administrator takes two passwords", () => {
    expect(look("mariadb", [...MARIADB, ...ADMINISTRATOR])).toEqual({
      service: "x",
      server: "MariaDB 10.11.19-MariaDB-0+deb12u1",
      accepts: [1],
      way: "chain",
      why: [],
      before: 2,
      connection: 41,
      accounts: ["'svc'@'%'"],
    });
  });

  test("sessions do not outlive their server", () => {
    const facts = [...MARIADB, ...ADMINISTRATOR];
    expect(look("mariadb", facts, { mark: { connection: 40, secondsAgo: 400 } }).before).toBe(2);
    expect(look("mariadb", facts, { mark: { connection: 40, secondsAgo: 600 } }).before).toBe(0);
  });

  test.each([
    ["an old MariaDB", [...MARIADB.slice(0, 2), "version 10.3.39-MariaDB", ...ADMINISTRATOR], {}, "takes one password"],
    ["an old MySQL", ["login 0 yes", "version 8.0.13", ...ADMINISTRATOR], {}, "takes one password"],
    ["a server that lets in none", ["login 0 no", "login 1 no", ...ADMINISTRATOR], {}, "none of the passwords"],
    ["no administrator", MARIADB, { administrator: undefined }, "has no administrator"],
    ["an administrator that is refused", [...MARIADB, "administrator no"], {}, "refuses the administrator a"],
    ["one that sees no accounts", [...MARIADB, "administrator blind"], {}, "see accounts"],
    ["one without the right", [...MARIADB, "administrator yes", "may 0", ADMINISTRATOR[2]!], {}, "CREATE USER"],
    ["an account that is not there", [...MARIADB, "administrator yes", "may 1"], {}, "has no account svc"],
    ["another plugin", [...MARIADB, "administrator yes", "may 1", "account ed25519 'svc'@'%'"], {}, "ed25519"],
    [
      "a low limit of wrong passwords",
      [...MARIADB.slice(0, 6), "max_password_errors\t3", ...ADMINISTRATOR],
      {},
      "after 3 wrong",
    ],
  ] as const)("%s: only a window", (_, facts, change, why) => {
    const found = look("mariadb", facts, change);
    expect(found.way).toBeUndefined();
    expect(found.why.join("; ")).toContain(why);
  });

  test("MySQL keeps the current one; PostgreSQL needs no version, and says which settings another role would lack", () => {
    expect(look("mariadb", ["login 0 yes", "version 8.0.36", ...ADMINISTRATOR]).way).toBe("retain");
    const facts = ["login 0 yes", "version 15.18", "administrator yes", "may 1", "account role svc", "setting role"];
    expect(look("postgresql", facts).way).toBe("roles");
    expect(look("postgresql", [...facts, "setting search_path"]).why).toEqual([
      "gives svc what another role would not have: search_path",
    ]);
  });
});

describe("statements", () => {
  const wanted = { refuse: [], refused: [], accounts: ["'svc'@'%'", "'svc'@'localhost'"], already: [one] };
  const of = (way: "chain" | "retain", accept: readonly (typeof one)[], already = wanted.already) =>
    accountStatements("mariadb", { owner: "svc" }, { ...wanted, way, accept, already });

  test("MariaDB: each account of the name, the newest first, and never a password", () => {
    const statements = of("chain", [one, two]);
    expect(statements).toHaveLength(2);
    expect(statements[0]).toMatch(
      /^ALTER USER 'svc'@'%' IDENTIFIED VIA mysql_native_password USING '\*[0-9A-F]{40}' OR mysql_native_password USING '\*[0-9A-F]{40}';$/,
    );
    expect(statements.join()).not.toContain("two");
    expect(of("chain", [two])[1]).not.toContain(" OR ");
  });

  test("MySQL: what gets in already is not set again, which would drop the one before", () => {
    expect(of("retain", [one, two])[0]).toBe(
      "ALTER USER 'svc'@'%' IDENTIFIED BY 'it''s\\\\two' RETAIN CURRENT PASSWORD;",
    );
    expect(of("retain", [one, two], [one, two])).toEqual([]);
    expect(of("retain", [two], [one, two])[0]).toBe("ALTER USER 'svc'@'%' DISCARD OLD PASSWORD;");
  });

  test("in a window the account changes its own", () => {
    expect(windowStatement("mariadb", two, false)).toMatch(/^SET PASSWORD = '\*[0-9A-F]{40}';$/);
    expect(windowStatement("mariadb", two, true)).toBe("ALTER USER USER() IDENTIFIED BY 'it''s\\\\two';");
    expect(windowStatement("postgresql", two, false)).toMatch(/^ALTER ROLE SESSION_USER PASSWORD 'SCRAM-SHA-256\$/);
  });
});
