import fc from "fast-check";
import { expect, test } from "vitest";
import { append, check } from "./fixture.ts";

const HOSTILE = [
  "a'b",
  'a"b',
  "a`id`",
  "a$(id)",
  "a;b",
  "a|b",
  "a&b",
  "a b",
  "a\nb",
  "a\tb",
  "a\\b",
  "a\u0000b",
  "-rf",
  "--delete",
  "a/../b",
  "..",
  "~",
  "a*",
  "a?",
  "a[b]",
  "{a,b}",
  "a%0ab",
  "a\u2028b",
  "\u202eb",
  "é",
];

function service(fields: Record<string, unknown>): string {
  const base = { key: "x", host: "x.example.at", path: "/www/htdocs/w01/x", kind: "php" };
  return `  - ${JSON.stringify({ ...base, ...fields })}\n`;
}

// Breaks when a key, host, path or artifact could leave its directory, be read as an option, or end a shell's word.
test.each(HOSTILE)("%j is refused in keys, hosts, paths and artifacts", (text) => {
  for (const fields of [
    { key: text },
    { host: `${text}.example.at` },
    { path: `/www/htdocs/w01/${text}` },
    { path: `/www/htdocs/w01/${text}/httpdocs` },
    { artifact: text },
    { artifact: `artifacts/${text}` },
    { database: { name: text, engine: "mariadb", location: "plesk" } },
    { database: { name: "x", engine: "mariadb", location: "plesk", user: text } },
    { database: { name: "x", engine: "mariadb", location: "plesk", userSecret: text } },
    { health: { path: `/${text}\n` } },
    { mail: `${text}@example.at` },
  ]) {
    // An IDN is a valid host; nothing else here may be anything.
    if (text === "é" && "host" in fields) continue;
    const { lines } = check({ "services.yaml": append(service(fields)) });
    expect(
      lines.filter((line) => line.startsWith("services.yaml:14:")),
      JSON.stringify(fields),
    ).not.toEqual([]);
  }
});

test("whatever path is accepted is inside the root and free of anything that a shell reads", () => {
  const part = fc.oneof(fc.constantFrom(...HOSTILE, "a", ".well-known", "a.b", "A_1"), fc.string({ maxLength: 5 }));
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      const { catalog } = check({ "services.yaml": append(service({ path: `/www/htdocs/w01/${parts.join("/")}` })) });
      for (const { path } of catalog?.services ?? []) {
        expect(path).toMatch(/^\/www\/htdocs\/w01(\/[A-Za-z0-9._][A-Za-z0-9._-]*)+$/);
        expect(path.split("/")).not.toContain("..");
      }
    }),
    { numRuns: 100 },
  );
});

test.each(["", "- x", "+ x", "!", "a\nb", "../x", "a/../b", "$(id)", "a'b", ";x", "#x"])(
  "exclude pattern %j is refused",
  (pattern) => {
    expect(check({ "services.yaml": append(service({ exclude: [pattern] })) }).lines).toHaveLength(1);
  },
);

test.each([
  "acme",
  "acme/",
  "/x",
  "a/b/c",
  "acme/x.git",
  "-acme/x",
  "acme/..",
  "acme/x y",
  "acme/x;id",
  "a--b/c",
  "acme-/x",
])("repository %j is refused", (repository) => {
  expect(check({ "sites.csv": append(`a,qmoney.de,own,${repository},,,stable,\n`) }).lines).toHaveLength(1);
});

test.each(["/abs", "../up", "a/../b", "./a", "a//b", "a/", "-a", "a/-b", "a b", "a\\b", "a;b"])(
  "root directory %j is refused",
  (dir) => {
    expect(check({ "sites.csv": append(`a,qmoney.de,own,acme/b,${dir},,stable,\n`) }).lines).toHaveLength(1);
  },
);
