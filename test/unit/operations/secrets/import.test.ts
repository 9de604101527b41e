// What breaks when these fail: a value goes to the wrong secret, replaces one that is in use, or stands in a message.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Catalog, emptyCatalog, type SecretEntry } from "../../../../model/index.ts";
import { ExportError, type Format, readExport } from "../../../../operations/secrets/exports.ts";
import type { SecretFacts } from "../../../../operations/secrets/facts.ts";
import { type ImportOptions, planImport } from "../../../../operations/secrets/import.ts";

const KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n";

const EXPORTS: Readonly<Record<Format, string>> = {
  bitwarden: JSON.stringify({
    encrypted: false,
    items: [
      { type: 1, name: "SMTP", notes: null, login: { username: "mailer", password: 'p"1,;' } },
      { type: 2, name: "SSH private key", notes: KEY },
      { type: 1, name: "estate", login: null, fields: [{ name: "JWT secret", value: "jwt" }] },
    ],
  }),
  "1password": `Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes
SMTP,https://example.org,mailer,"p""1,;",,false,false,,
SSH private key,,,,,false,false,,"${KEY}"
JWT_SECRET,,,jwt,,false,false,,a note that is none
`,
  keepass: `"Group","Title","Username","Password","URL","Notes","TOTP","Icon","Last Modified","Created"
"Root","SMTP","mailer","p""1,;","","","","0","2026-01-01T00:00:00Z","2026-01-01T00:00:00Z"
"Root","SSH private key","","","","${KEY}","","0","",""
"Root","JWT secret","","jwt","","","","0","",""
`,
  dotenv: `# Mail\nSMTP_USER=mailer\nSMTP_PASS='p"1,;'\nSSH_PRIVATE_KEY="${KEY}"\nJWT_SECRET=jwt\nOTHER=x\n`,
};

const entries: SecretEntry[] = [
  { name: "SMTP_USER", source: "config" },
  { name: "SMTP_PASS", source: "config" },
  { name: "SSH_PRIVATE_KEY", source: "config" },
  { name: "JWT_SECRET", source: "generated" },
];

function plan(
  form: Format,
  content: string,
  facts: Partial<SecretFacts> = {},
  options: Partial<ImportOptions> = {},
  list = entries,
) {
  const catalog: Catalog = {
    ...emptyCatalog("c"),
    limits: [{ id: "github.environment-secret-bytes", amount: 200 }] as never,
    secrets: { github: { repository: "a/b", environment: "production" }, entries: list },
  };
  const none = {
    live: new Map<string, number>(),
    ours: new Map<string, number>(),
    random: new Set<string>(),
    configured: new Set<string>(),
    now: 0,
  };
  const how = { replace: false, existing: false, needed: new Set(["SSH_PRIVATE_KEY"]), ...options };
  return planImport(content === "" ? [] : readExport(form, content), { catalog, ...none, ...facts }, how);
}

test.each(Object.entries(EXPORTS) as [Format, string][])(
  "reads an export of %s: passwords, users, notes, fields",
  (form, content) => {
    const { set, problems, kept } = plan(form, content);
    expect(Object.fromEntries(set)).toEqual({
      SMTP_USER: "mailer",
      SMTP_PASS: 'p"1,;',
      SSH_PRIVATE_KEY: KEY,
      JWT_SECRET: "jwt",
    });
    expect([problems, kept]).toEqual([[], []]);
    // As Windows' editors and exports begin it.
    expect(plan(form, `\uFEFF${content}`).set).toEqual(set);
  },
);

test("KeePass 2 writes a backslash before a quote", () => {
  const content = `"Account","Login Name","Password","Web Site","Comments"\n"SMTP","mailer","a\\"b\\\\c","",""\n`;
  expect(plan("keepass", content).set.get("SMTP_PASS")).toBe('a"b\\c');
});

describe("what has a value already", () => {
  test("stays, unless it is to be replaced", () => {
    const facts = { configured: new Set(["SMTP_PASS"]), random: new Set(["JWT_SECRET"]) };
    const { set, kept } = plan("dotenv", EXPORTS.dotenv, facts);
    expect([[...set.keys()].sort(), kept]).toEqual([
      ["SMTP_USER", "SSH_PRIVATE_KEY"],
      ["SMTP_PASS", "JWT_SECRET"],
    ]);
    expect(plan("dotenv", EXPORTS.dotenv, facts, { replace: true }).set.size).toBe(4);
  });

  test("at the vendor is taken over as it is; what a host needs must be known", () => {
    const live = new Map(["SMTP_PASS", "JWT_SECRET", "SSH_PRIVATE_KEY"].map((name) => [name, 1]));
    const { takenOver, problems, set } = plan(
      "dotenv",
      "",
      { live, ours: new Map([["JWT_SECRET", 1]]) },
      { existing: true },
    );
    expect(takenOver).toEqual(["SMTP_PASS"]);
    expect(problems).toEqual(["SSH_PRIVATE_KEY: is at the vendor, and its value is needed here"]);
    expect(set.size).toBe(0);
  });

  test("by hand becomes configured once its value is known", () => {
    const list = entries.map((one) => (one.name === "SMTP_PASS" ? { ...one, source: "github" as const } : one));
    expect(plan("dotenv", EXPORTS.dotenv, {}, {}, list).known).toEqual(["SMTP_PASS"]);
  });
});

test("what cannot be is listed, all at once, and no value is in a message", () => {
  const content = `SMTP_USER=${"x".repeat(201)}\nJWT_SECRET=hunter2\n`;
  const list = entries.map((one) => (one.name === "JWT_SECRET" ? { ...one, rotation: { current: 2 } } : one));
  const { problems } = plan("dotenv", content, {}, {}, list);
  expect(problems).toEqual([
    "SMTP_USER: has 201 bytes, and may have 200",
    "JWT_SECRET: was rotated here, and its value is made here",
  ]);
  const two = JSON.stringify({ items: [1, 2].map((n) => ({ name: "JWT secret", login: { password: `hunter${n}` } })) });
  expect(plan("bitwarden", two).problems).toEqual(["JWT_SECRET: 2 entries have it, with different values"]);
});

test.each([
  ["bitwarden", "{", "is no JSON"],
  ["bitwarden", '{"encrypted":true}', "is encrypted"],
  ["bitwarden", '{"items":[{"name":5}]}', "items.0.name"],
  ["1password", "a,b\n1,2", "no columns"],
  ["keepass", '"Title","Password"\n"x","y', "CSV"],
  ["dotenv", " ", "is empty"],
] as const)("%s: %s is refused", (form, content, why) => {
  expect(() => readExport(form, content)).toThrow(ExportError);
  expect(() => readExport(form, content)).toThrow(why);
});

test("whatever an export holds, it is read or refused, and a message repeats nothing of it", () => {
  const hostile = fc.oneof(
    fc.string(),
    fc.json(),
    fc.array(fc.array(fc.string())).map((rows) => rows.map((row) => row.join(",")).join("\n")),
  );
  fc.assert(
    fc.property(fc.constantFrom<Format>("bitwarden", "1password", "keepass", "dotenv"), hostile, (form, content) => {
      try {
        readExport(form, `${content}SECRETMARK`);
      } catch (error) {
        expect(error).toBeInstanceOf(ExportError);
        expect((error as Error).message).not.toContain("SECRETMARK");
      }
    }),
    { numRuns: 300 },
  );
});
