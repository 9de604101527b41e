import { expect, test } from "vitest";
import { checkCatalog, loadCatalog } from "../../../model/index.ts";
import { append, BASE, check, replace } from "./fixture.ts";

const HEADER = "name,zone,project,repository,root_directory,framework,channel,tags";

// Breaks when a file saved by a Windows editor or a spreadsheet is refused or read differently.
test("BOM and CRLF make no difference", () => {
  const windows = (text: string) => `\ufeff${text.replaceAll("\n", "\r\n")}`;
  const changes = Object.fromEntries(Object.keys(BASE).map((name) => [name, windows]));
  const { catalog, lines } = check(changes);
  expect(lines).toEqual([]);
  expect({ ...catalog, dir: "" }).toEqual({ ...check().catalog, dir: "" });
});

// Breaks when lines are counted wrongly after comments, blank lines or quoted values.
test("comments, blank lines and quoted values keep the line numbers of a CSV file", () => {
  const { lines } = check({
    "sites.csv": `# first\n# second\n\n${HEADER}\n# third\n"a","qmoney.de",own,acme/a,"","",stable,""\n\nB,qmoney.de,own,acme/a,,,stable,\n"x\ny",qmoney.de,own,acme/a,,,stable,\nC,qmoney.de,own,acme/a,,,stable,\n`,
  });
  expect(lines).toEqual([
    'sites.csv:8: name: "B" has upper case, lower case only: "b" [name.host]',
    'sites.csv:9: name: "x\\ny" has a line break, one line [file.value]',
    'sites.csv:11: name: "C" has upper case, lower case only: "c" [name.host]',
  ]);
});

test("columns may stand in any order", () => {
  const { lines, catalog } = check({
    "sites.csv":
      "tags,name,zone,project,channel,repository,root_directory,framework\ncanary,a,qmoney.de,own,stable,acme/a,,\n",
  });
  expect(lines).toEqual([]);
  expect(catalog?.sites).toMatchObject([{ host: "a.qmoney.de", tags: ["canary"], line: 2 }]);
});

// Breaks when a missing column makes every row wrong instead of the header.
test.each([
  [HEADER.replace(",tags", ""), ["sites.csv:1: tags: is missing from the header"]],
  [
    HEADER.replace("tags", "labels"),
    ['sites.csv:1: header: "labels" is no known column', "sites.csv:1: tags: is missing"],
  ],
  [`${HEADER},tags`, ["sites.csv:1: tags: stands twice in the header"]],
  [`${HEADER},note`, ['sites.csv:1: header: "note" is no known column']],
])("header %s", (header, expected) => {
  const extra = header.split(",").length - 8;
  const { lines } = check({
    "sites.csv": `${header}\na,qmoney.de,own,acme/a,,,stable${extra < 0 ? "" : ","}${extra > 0 ? "," : ""}\n`,
  });
  expect(lines).toHaveLength(expected.length);
  for (const [index, part] of expected.entries()) expect(lines[index]).toContain(part);
});

test("a quote that is never closed and a stray quote are reported where they begin", () => {
  const { lines } = check({
    "sites.csv": `${HEADER}\na"b,qmoney.de,own,acme/a,,,stable,\nok,qmoney.de,own,acme/a,,,stable,\n"open,qmoney.de\nx\ny\n`,
  });
  expect(lines).toEqual([
    "sites.csv:2: row: has a quote inside a value, a value with quotes is quoted itself, and its quotes are doubled [file.syntax]",
    "sites.csv:4: row: has a quote that is never closed, a value with quotes is quoted itself, and its quotes are doubled [file.syntax]",
  ]);
});

test("a file that is a directory, a directory that is missing, a catalog that is a file", () => {
  expect(checkCatalog("/nonexistent/catalog").problems).toMatchObject([
    { file: "/nonexistent/catalog", line: 1, rule: "file.missing" },
  ]);
  expect(checkCatalog("package.json").problems).toHaveLength(1);
});

test("all missing files are reported, and nothing else", () => {
  const { lines } = check(Object.fromEntries(Object.keys(BASE).map((name) => [name, null])));
  const needed = Object.keys(BASE).filter((name) => name !== "checks.yaml");
  expect(lines.map((line) => line.split(":")[0])).toEqual(needed.sort());
});

test.each([
  ["latin-1", Buffer.from("zones:\n  - name: m\xfcller.de\n", "latin1"), 2],
  ["UTF-16 with BOM", Buffer.from("\ufeffzones: []\n", "utf16le"), 1],
  ["UTF-16 without BOM", Buffer.from("zones: []\n", "utf16le"), 1],
  ["cut in the middle of a letter", Buffer.from("zones: []\n# ü", "utf8").subarray(0, -1), 2],
])("%s is not UTF-8, with the line", (_, bytes, line) => {
  expect(check({ "zones.yaml": bytes }).problems).toContainEqual(
    expect.objectContaining({ rule: "file.encoding", file: "zones.yaml", line }),
  );
});

// Breaks when YAML's surprises get through: numbers for commits, yes for true, aliases, merge keys, tags, prototypes.
test.each([
  ["releases.yaml", "channels:\n  stable:\n    ref: 1234567890123456789012345678901234567890\n", "put it in quotes"],
  ["releases.yaml", "channels:\n  stable:\n    ref: 1e39\n", "put it in quotes"],
  ["releases.yaml", "channels:\n", "empty"],
  ["releases.yaml", "- a\n", "a mapping"],
  ["releases.yaml", "a\n", "a mapping"],
  ["releases.yaml", "# nothing\n", "only comments"],
  ["releases.yaml", "---\n", "empty"],
  ["releases.yaml", "a: 1\n---\nb: 2\n", "is not YAML"],
  ["releases.yaml", "channels: &a\n  stable: *a\n", "alias"],
  ["releases.yaml", "channels: !!js/function x\n", "is not YAML"],
  ["releases.yaml", "channels:\n  __proto__: { ref: x }\n", "no text"],
  ["releases.yaml", "channels:\n  ? [a]\n  : b\n", "no text"],
  ["releases.yaml", "channels:\n  Stable: { ref: x }\n", '"Stable" is not valid'],
  ["releases.yaml", "channels:\n\t- x\n", "is not YAML"],
  ["zones.yaml", "zones: []\n", "at least 1"],
  ["zones.yaml", "zones: {}\n", "a list"],
  ["zones.yaml", "zones: [null]\n", "a mapping"],
  ["zones.yaml", "zones:\n  - { name: a.de, kind: cname, wildcard: yes }\n", "true or false"],
  [
    "zones.yaml",
    "zones:\n  - { name: a.de, kind: cname, records: [{ name: a, type: A, content: 1.2.3.4, ttl: .inf }] }\n",
    "finite number",
  ],
  ["zones.yaml", "zones:\n  - { name: 1, kind: cname }\n", "put it in quotes"],
  [
    "zones.yaml",
    "zones:\n  - { name: a.de, kind: cname, wildcard: false, cdn: { minTlsVersion: 1.2 } }\n",
    "one of 1.0, 1.1",
  ],
])("%s: %j", (name, text, part) => {
  const { lines } = check({ [name]: text });
  const found = lines.filter((line) => line.startsWith(`${name}:`));
  expect(found.join("\n")).toContain(part);
});

// Breaks when one unusable file silences the rules on the others.
test("rules run on what could be read", () => {
  const { lines } = check({
    "zones.yaml": "zones: [",
    "sites.csv": append("quiz,qmoney.de,own,acme/b,,,beta,\n"),
    "services.yaml": replace("/www/htdocs/w01/subdomains/crm/httpdocs", "/www/htdocs/w01/example.at/crm"),
  });
  expect(lines.map((line) => line.replace(/^(\S+) .*(\[.*\])$/, "$1 $2"))).toEqual([
    "services.yaml:10: [service.nested]",
    "sites.csv:6: [site.channel]",
    "sites.csv:6: [name.unique-host]",
    expect.stringContaining("zones.yaml:1: [file.syntax]"),
  ]);
});

// Breaks when an entry that is wrong by itself takes what refers to it down too.
test("a reference to an entry that is wrong by itself is not a second problem", () => {
  expect(
    check({ "zones.yaml": replace("name: qmoney.de\n    kind: cname", "name: qmoney.de\n    kind: x") }).lines,
  ).toHaveLength(1);
  expect(check({ "services.yaml": replace("kind: drupal-civicrm", "kind: drupal") }).lines).toHaveLength(1);
  expect(
    check({ "secrets.yaml": replace("MO_CRM_DB_PASS, source: database", "MO_CRM_DB_PASS, source: databse") }).lines,
  ).toHaveLength(1);
  const pinned = append("    repositories:\n      acme/sites: { ref: '0123456789abcdef0123456789abcdef01234567' }\n");
  const wrong = (text: string) => text.replaceAll("own,acme/sites", "mine,acme/sites");
  expect(check({ "releases.yaml": pinned }).lines).toEqual([]);
  expect(check({ "releases.yaml": pinned, "sites.csv": wrong }).lines).toHaveLength(2);
  expect(check({ "limits.yaml": (text) => text.replace("amount: 4", "amount: x") }).lines).toHaveLength(1);
});

// Breaks when a wrong element of a list shifts the lines of those behind it.
test("records behind a wrong record keep their place", () => {
  const { lines } = check({
    "zones.yaml": replace(
      "- { name: static",
      "- { name: bad, type: XX, content: x }\n      - { name: a, type: A, content: x }\n      - { name: static",
    ),
  });
  expect(lines).toEqual([
    'zones.yaml:18: zones[2].records[1].type: "XX" is not allowed, one of A, AAAA, CNAME, MX, NS, TXT, CAA [file.value]',
    'zones.yaml:19: zones[2].records[2].content: "x" is no IPv4 address, an IPv4 address such as 203.0.113.7 [record.content]',
  ]);
});

// Breaks when a secret that somebody pasted into the catalog is repeated in a log.
test("the value of a secret is never repeated", () => {
  const pasted = "hunter2-very-secret";
  for (const entry of [
    `bytes: ${pasted}`,
    `value: [${pasted}]`,
    `value: ${pasted}`,
    `value: "${pasted}\\n"`,
    `source: generated, value: ${pasted}`,
  ]) {
    const source = entry.startsWith("source") ? "" : "source: config, ";
    const { lines } = check({ "secrets.yaml": append(`  - { name: SMTP_PASS, ${source}${entry} }\n`) });
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join("\n")).not.toContain("hunter2");
  }
});

test("loadCatalog throws one typed error with every problem", () => {
  expect(() => loadCatalog("/nonexistent/catalog")).toThrowError(
    expect.objectContaining({
      code: "catalog.invalid",
      details: [expect.stringContaining("/nonexistent/catalog:1: directory: ")],
    }),
  );
});

// Breaks when a newcomer must invent a host, a service or a secret before the first site can be declared.
test("an empty list says that there are none of a kind; a list that is missing does not", () => {
  const to = (text: string) => () => text;
  const empty = {
    "hosts.yaml": to("hosts: []\n"),
    "services.yaml": to("services: []\n"),
    "secrets.yaml": to("github: { repository: acme/estate }\nsecrets: []\n"),
    "checks.yaml": to("defaults: { path: / }\n"),
  };
  expect(check(empty).lines).toEqual([]);
  expect(check(empty).catalog).toMatchObject({ hosts: [], services: [], secrets: { entries: [] } });
  expect(check({ ...empty, "services.yaml": to("services:\n") }).lines).toHaveLength(1);
});
