// The first fence: what may come into the driver at all, and what may leave it.
import { describe, expect, test } from "vitest";
import { type DeployDocumentInput, parseDocument } from "../../../plesk/index.ts";
import { redactor } from "../../../plesk/redact.ts";
import { knownHosts, masterConfig, sessionFiles } from "../../../plesk/remote/config.ts";
import { classifySshFailure } from "../../../plesk/remote/failure.ts";
import { specDigest } from "../../../plesk/spec.ts";
import { drive } from "./support/driver.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGbM0s2Q1c1o8m7p0mYy1k4vWqQ3J5N5m0h2xw0Qe8Xk";
const valid: DeployDocumentInput = {
  host: { address: "host.example.org", user: "u", privateKey: "canary-key-text", hostKey: KEY },
  service: { key: "votes", path: "/www/votes" },
  artifact: { dir: "build" },
};

type Change = (document: {
  host: Record<string, unknown>;
  service: Record<string, unknown>;
  [key: string]: unknown;
}) => void;

describe("parseDocument", () => {
  test("fills in the defaults and ignores what else a catalog's service holds", () => {
    const document = parseDocument({
      ...valid,
      service: { ...valid.service, host: "votes.example.org", mail: "x", line: 3 },
    });
    expect(document.service).toEqual({
      key: "votes",
      path: "/www/votes",
      kind: "generic",
      exclude: [],
      shared: [],
      keep: 5,
      steps: "none",
      commands: [],
    });
    expect(document.lock).toEqual({ leaseSeconds: 60, waitSeconds: 90 });
  });

  const hostile: [string, Change][] = [
    ["host.address", (d) => (d.host.address = "-oProxyCommand=touch /tmp/x")],
    ["host.address", (d) => (d.host.address = "a b")],
    ["host.address", (d) => (d.host.address = "h\nProxyCommand touch")],
    ["host.user", (d) => (d.host.user = "-l")],
    ["host.user", (d) => (d.host.user = "u\nProxyCommand x")],
    ["host.port", (d) => (d.host.port = 70000)],
    ["host.hostKey", (d) => (d.host.hostKey = "")],
    ["host.hostKey", (d) => (d.host.hostKey = "* ssh-ed25519 AAAA")],
    ["service.key", (d) => (d.service.key = "../x")],
    ["service.path", (d) => (d.service.path = "www/votes")],
    ["service.path", (d) => (d.service.path = "/www/../etc")],
    ["service.path", (d) => (d.service.path = "/")],
    ["service.path", (d) => (d.service.path = "/www/votes/")],
    ["service.path", (d) => (d.service.path = "/www/a\nb")],
    ["service.webRoot", (d) => (d.service.webRoot = "../..")],
    ["service.shared.0", (d) => (d.service.shared = ["/etc"])],
    ["service.shared.0", (d) => (d.service.shared = ["a/../../b"])],
    ["service.shared", (d) => (d.service.shared = [".env"])],
    ["service.shared.1", (d) => (d.service.shared = ["uploads/", ".well-known/"])],
    ["service.keep", (d) => (d.service.keep = 1)],
    ["service.commands.0.argv", (d) => (d.service.commands = [{ name: "x", phase: "check", argv: [] }])],
    ["env.A-B", (d) => (d.env = { "A-B": "x" })],
    ["artifact.digest", (d) => (d.artifact = { dir: "x", digest: "main" })],
    ["allow.0", (d) => (d.allow = ["everything"])],
    [
      "database.scratch",
      (d) =>
        (d.database = { engine: "mariadb", host: "h", port: 1, name: "a", user: "u", password: "p", scratch: "a" }),
    ],
  ];

  test.each(hostile)("refuses a hostile or wrong %s (%#)", (field, change) => {
    const document = structuredClone(valid) as unknown as Parameters<Change>[0];
    change(document);
    expect(() => parseDocument(document)).toThrow(
      expect.objectContaining({
        code: "plesk.input",
        exitCode: 2,
        details: expect.arrayContaining([expect.stringMatching(new RegExp(`^${field.replaceAll(".", "\\.")}:`))]),
      }),
    );
  });
});

describe("the program", () => {
  test("says in one line what is wrong with its input, repeats none of it, and exits with 2", async () => {
    for (const input of [
      "not json canary-key-text",
      "{}",
      JSON.stringify({ ...valid, host: { ...valid.host, port: "canary-key-text" } }),
    ]) {
      const { code, stdout, stderr } = await drive("deploy", input);
      expect(code).toBe(2);
      expect(stdout).toBe("");
      expect(JSON.parse(stderr)).toMatchObject({ code: "plesk.input" });
      expect(stderr).not.toContain("canary-key-text");
    }
    expect((await drive("destroy", JSON.stringify(valid))).code).toBe(2);
  });
});

test("redaction takes every secret of a document out of a text, also inside JSON", () => {
  const secret = 'canary"with\nlines';
  const redact = redactor({
    env: { A: secret, B: "587" },
    host: { privateKey: "-----BEGIN-----\nAAAABBBBCCCC\n" },
    database: { password: "canary-db" },
  });
  const text = redact(`${JSON.stringify({ a: secret })} canary-db AAAABBBBCCCC port 587 -----BEGIN-----`);
  expect(text).toBe('{"a":"[secret]"} [secret] [secret] port 587 -----BEGIN-----');
  expect(redactor(undefined)("x")).toBe("x");
  // What a database is called stands in plans and results, though a variable repeats it.
  const named = {
    env: { DB_NAME: "mo_crm", DB_PASSWORD: "canary-db" },
    database: { name: "mo_crm", password: "canary-db" },
  };
  expect(redactor(named)("snapshot of mo_crm with canary-db")).toBe("snapshot of mo_crm with [secret]");
});

test("redaction leaves what is no secret though it came as one: short values, addresses, common words, what the document says in the open", () => {
  const env = {
    A: "127.0.0.1",
    B: "root",
    C: "3306",
    D: "true",
    E: "production",
    F: "/www/votes",
    G: "::1",
    H: "10.0.0.12",
    I: "real-canary",
  };
  const text = "127.0.0.1:3306 root true production /www/votes/index.html ::1 10.0.0.12 localhost real-canary";
  const document = { ...valid, env, database: { host: "10.0.0.12", password: "localhost" } };
  expect(redactor(document)(text)).toBe(text.replace("real-canary", "[secret]"));
});

test("the digest of what is asked for tells all but secrets apart: by it a preview knows whether an update is due", () => {
  const asked = (more: object = {}) =>
    specDigest(
      parseDocument({
        ...valid,
        env: { A: "secret-1", B: "2" },
        database: { engine: "mariadb", host: "h", port: 3306, name: "d", user: "u", password: "p", scratch: null },
        ...more,
      }),
    );
  expect(asked({ env: { B: "other", A: "secret-2" } })).toBe(asked());
  expect(asked({ host: { ...valid.host, privateKey: "another" } })).toBe(asked());
  expect(asked({ env: { A: "secret-1" } })).not.toBe(asked());
  expect(asked({ service: { ...valid.service, keep: 9 } })).not.toBe(asked());
  expect(asked({ host: { ...valid.host, port: 2222 } })).not.toBe(asked());
  expect(asked({ health: { url: "https://example.org/" } })).not.toBe(asked());
});

describe("ssh", () => {
  test("the master's configuration is exactly this, and nothing of the machine's applies", () => {
    const host = parseDocument(valid).host;
    expect(masterConfig(host, sessionFiles("/tmp/s"), 20)).toMatchInlineSnapshot(`
      "Host target
      HostName host.example.org
      Port 22
      User u
      HostKeyAlias target
      UserKnownHostsFile "/tmp/s/known_hosts"
      GlobalKnownHostsFile /dev/null
      StrictHostKeyChecking yes
      CheckHostIP no
      UpdateHostKeys no
      BatchMode yes
      PreferredAuthentications publickey
      IdentityFile "/tmp/s/key"
      IdentitiesOnly yes
      IdentityAgent none
      ConnectTimeout 20
      ServerAliveInterval 5
      ServerAliveCountMax 3
      ControlMaster yes
      ControlPersist 30
      ControlPath "/tmp/s/s"
      ForwardAgent no
      ForwardX11 no
      RequestTTY no
      LogLevel ERROR
      "
    `);
    expect(knownHosts(host)).toBe(`target ${KEY}\n`);
  });

  test.each([
    ["Host key verification failed.", "host-key"],
    ["u@h: Permission denied (publickey).", "login"],
    ['Load key "/tmp/k": error in libcrypto', "login"],
    ["ssh: connect to host h port 22: Connection refused", "unreachable"],
    ["kex_exchange_identification: Connection closed by remote host", "unreachable"],
    ["", "unreachable"],
  ])("%j is %s", (stderr, kind) => expect(classifySshFailure(stderr)).toBe(kind));
});
