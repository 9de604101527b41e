// What breaks when these fail: a secret that is gone, old or was set by another hand is not told, or its value is.
import { describe, expect, test } from "vitest";
import { type Catalog, emptyCatalog, type SecretEntry } from "../../../../model/index.ts";
import { planSecrets, type SecretFacts } from "../../../../operations/secrets/facts.ts";
import { verifySecrets } from "../../../../operations/secrets/verify.ts";
import { withEntries } from "../../../../operations/secrets/write.ts";

const NOW = Date.parse("2026-11-29T12:00:00Z");
const day = (days: number) => NOW - days * 86_400_000;

const entries: SecretEntry[] = [
  { name: "SMTP_PASS", source: "config" },
  { name: "SMTP_PORT", source: "config", value: "587" },
  { name: "JWT_SECRET", source: "generated", bytes: 64 },
  { name: "TOKEN", source: "github" },
  { name: "MO_X_DB_USER", source: "database", database: { service: "x", part: "user" } },
  { name: "MO_X_DB_PASS", source: "database", database: { service: "x", part: "password" } },
];

function facts(change: Partial<SecretFacts> = {}, list: readonly SecretEntry[] = entries): SecretFacts {
  const catalog: Catalog = {
    ...emptyCatalog("c"),
    services: [{ key: "x", database: { engine: "mariadb", name: "mo_x", user: "svc_x" } }] as never,
    secrets: {
      github: { repository: "acme/estate", environment: "production" },
      entries: list,
      rotation: { maxAgeDays: 90, longestJobMinutes: 360, administrators: [] },
    },
  };
  const all = new Map(list.map(({ name }) => [name, day(10)]));
  const ours = new Map(all);
  ours.delete("TOKEN");
  return {
    catalog,
    live: all,
    ours,
    random: new Set(["JWT_SECRET", "MO_X_DB_PASS"]),
    configured: new Set(["SMTP_PASS"]),
    now: NOW,
    ...change,
  };
}

const kinds = (change: Partial<SecretFacts>, list?: readonly SecretEntry[]) =>
  verifySecrets(facts(change, list)).map(({ kind, name }) => `${kind} ${name}`);
const changed = (base: ReadonlyMap<string, number>, entry: Record<string, number | undefined>) => {
  const map = new Map(base);
  for (const [name, at] of Object.entries(entry)) at === undefined ? map.delete(name) : map.set(name, at);
  return map;
};

describe("verify", () => {
  const { live, ours } = facts();
  test("finds nothing where all is as declared", () => expect(verifySecrets(facts())).toEqual([]));

  test("tells what is missing, extra, old, changed by another hand, and what was never written from here", () => {
    expect(kinds({ live: changed(live!, { SMTP_PASS: undefined }) })).toEqual(["missing SMTP_PASS"]);
    expect(kinds({ live: undefined }).length).toBe(entries.length);
    expect(kinds({ live: changed(live!, { OTHER: day(1) }) })).toEqual(["extra OTHER"]);
    expect(kinds({ live: changed(live!, { JWT_SECRET: day(3) }) })).toEqual(["changed JWT_SECRET"]);
    // The provider looks a second after it has written.
    expect(kinds({ live: changed(live!, { JWT_SECRET: day(10) + 2000 }) })).toEqual([]);
    expect(kinds({ ours: changed(ours, { JWT_SECRET: undefined }) })).toEqual(["foreign JWT_SECRET"]);
    const [live91, ours91] = [changed(live!, { JWT_SECRET: day(91) }), changed(ours, { JWT_SECRET: day(91) })];
    expect(kinds({ live: live91, ours: ours91 })).toEqual(["old JWT_SECRET"]);
    expect(kinds({ live: changed(live!, { TOKEN: day(91) }) })).toEqual(["old TOKEN"]);
    // What is no secret does not get old.
    const port = { live: changed(live!, { SMTP_PORT: day(999) }), ours: changed(ours, { SMTP_PORT: day(999) }) };
    expect(kinds(port)).toEqual([]);
  });

  test("an age of its own goes before that of all", () => {
    const list = entries.map((one) => (one.name === "JWT_SECRET" ? { ...one, maxAgeDays: 5 } : one));
    expect(kinds({}, list)).toEqual(["old JWT_SECRET"]);
  });

  test("a new secret beside ninety-nine others has no room before the old one goes", () => {
    const limits = [{ id: "github.environment-secrets", amount: entries.length }] as never;
    const catalog = { ...facts().catalog, limits };
    const named = {
      live: changed(live!, { SMTP_PASS: undefined, OLD: day(1) }),
      ours: changed(ours, { SMTP_PASS: undefined, OLD: day(1) }),
    };
    expect(kinds({ ...named, catalog }).filter((one) => one.startsWith("room"))).toEqual(["room SMTP_PASS"]);
  });
});

describe("plan", () => {
  const of = (change: Partial<SecretFacts>, list?: readonly SecretEntry[]) =>
    new Map(planSecrets(facts(change, list)).map(({ name, ...rest }) => [name, rest]));

  test("says where each comes from and goes, and what would be written", () => {
    const plan = of({});
    expect([...plan].map(([name, { origin, write }]) => `${name} ${origin} ${write}`)).toEqual([
      "SMTP_PASS configured kept",
      "SMTP_PORT declared kept",
      "JWT_SECRET generated kept",
      "TOKEN by hand kept",
      "MO_X_DB_USER declared kept",
      "MO_X_DB_PASS generated kept",
    ]);
    expect(plan.get("MO_X_DB_PASS")?.to).toEqual(["GitHub environment production", ".env of x", "account of mo_x"]);
    expect(of({ configured: new Set(["MO_X_DB_PASS"]) }).get("MO_X_DB_PASS")?.origin).toBe("imported");
  });

  test("shows where a rotation stands, and that the value in use is still to be made", () => {
    const rotated = (rotation: SecretEntry["rotation"]) =>
      entries.map((one) => (one.name === "MO_X_DB_PASS" ? { ...one, ...(rotation ? { rotation } : {}) } : one));
    expect(of({}, rotated({ current: 1, next: 2 })).get("MO_X_DB_PASS")).toMatchObject({
      phase: "making",
      write: "kept",
    });
    expect(of({}, rotated({ current: 2, retired: 1 })).get("MO_X_DB_PASS")).toMatchObject({
      phase: "delivering",
      write: "update",
    });
  });

  test("a secret that is declared no more goes", () => {
    const rest = entries.filter(({ name }) => name !== "JWT_SECRET");
    const ours = new Map(entries.map(({ name }) => [name, day(1)]));
    expect(of({ ours }, rest).get("JWT_SECRET")).toMatchObject({ write: "delete" });
  });
});

test("an entry is changed where it stands; comments and the others stay to the letter", () => {
  const text = `# Top.
github:
  repository: acme/estate
secrets:
  # --- mail
  - { name: SMTP_PASS, source: config } # from the provider
  - { name: MO_X_DB_PASS, source: database, bytes: 32 }
`;
  const next = withEntries(text, new Map([["MO_X_DB_PASS", { rotation: { current: 1, next: 2 } }]]));
  expect(next).toBe(text.replace("bytes: 32 }", "bytes: 32, rotation: { current: 1, next: 2 } }"));
  expect(withEntries(next, new Map([["MO_X_DB_PASS", { rotation: { current: 1 } }]]))).toBe(text);
  expect(withEntries(text, new Map([["SMTP_PASS", { source: "github" as const }]]))).toBe(
    text.replace("source: config", "source: github"),
  );
  expect(() => withEntries(text, new Map([["NONE", { source: "github" as const }]]))).toThrow("no entry NONE");
});
