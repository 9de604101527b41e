import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { keepFindings } from "../../../environment/kept.ts";
import { KnownSites } from "../../../model/assemble/known-sites.ts";
import { buildSites } from "../../../model/assemble/sites.ts";
import { type Catalog, checkCatalog, checkTexts, loadCatalog } from "../../../model/index.ts";
import { keptCatalog } from "../../../model/kept.ts";
import { collector, sortProblems } from "../../../model/problem.ts";
import { BASE } from "./fixture.ts";

// What breaks when this fails: a command goes by a catalog that is not the one that lies there, or a copy of a secret is left behind.

let root: string;
let dir: string;
let reads: number;
const put = (name: string, text: string) => writeFileSync(join(dir, name), text);
const change = (name: string, from: string, to: string) => put(name, (BASE[name] ?? "").replace(from, to));
const load = (): Catalog => {
  reads = 0;
  return keptCatalog(dir, undefined, () => {
    reads++;
    keepFindings(undefined);
    const read = loadCatalog(dir);
    keepFindings(keeping());
    return read;
  });
};
const keeping = () => ({ dir: join(root, "kept"), program: "p" });
const kept = () =>
  readdirSync(join(root, "kept"), { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => readFileSync(join(file.parentPath, file.name)));
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sitefleet-kept-catalog-"));
  dir = mkdtempSync(join(root, "catalog-"));
  for (const [name, text] of Object.entries(BASE)) put(name, text);
  keepFindings(keeping());
});
afterEach(() => {
  keepFindings(undefined);
  rmSync(root, { recursive: true, force: true });
});

it("is the same to the last field as one that is read", () => {
  const read = load();
  expect(reads).toBe(1);
  const found = load();
  expect(reads).toBe(0);
  expect(found).toStrictEqual(read);
  expect(JSON.stringify(found)).toBe(JSON.stringify(read));
});

it("is read anew when any file has changed, has come or has gone", () => {
  load();
  for (const name of Object.keys(BASE)) {
    put(name, `${BASE[name]}\n`);
    load();
    expect(reads, name).toBe(1);
  }
  const cells = [16, undefined, 16].map((number) => {
    if (number === undefined) rmSync(join(dir, "estate.yaml"));
    else put("estate.yaml", `cells: ${number}\n`);
    return load().cells;
  });
  expect(cells).toEqual([16, 64, 16]);
});

it("is never one with problems: each command lists all of them", () => {
  load();
  change("sites.csv", "stable,canary", "stabel,canary");
  for (const _ of [1, 2]) expect(load).toThrow(expect.objectContaining({ code: "catalog.invalid" }));
  expect(reads).toBe(1);
});

it("holds no value of a secret, which it takes from the file", () => {
  change("secrets.yaml", "value: 587", 'value: "pasted by mistake"');
  const { secrets } = load();
  expect(load().secrets).toStrictEqual(secrets);
  expect(reads).toBe(0);
  expect(secrets.entries[0]?.value).toBe("pasted by mistake");
  expect(kept().some((bytes) => bytes.includes("pasted by mistake"))).toBe(false);
  // Written otherwise than it reads, so that the file does not have it.
  change("secrets.yaml", "value: 587", 'value: "pasted\\x20again"');
  for (const _ of [1, 2]) expect(load().secrets.entries[0]?.value).toBe("pasted again");
  expect(reads).toBe(1);
  expect(kept().some((bytes) => bytes.includes("pasted again"))).toBe(false);
});

it("says of files that were parsed before all that is said of files that were not, with the same lines", () => {
  const told = () => {
    const [first, second] = [checkCatalog(dir), checkCatalog(dir)];
    keepFindings(undefined);
    expect(first).toStrictEqual(checkCatalog(dir));
    expect(second).toStrictEqual(first);
    keepFindings(keeping());
    return first.problems.map(({ file, rule }) => `${file.slice(dir.length + 1)} ${rule}`);
  };
  expect(told()).toEqual([]);
  // What is wrong of a file that was parsed before shows by another.
  change("hosts.yaml", "key: plesk", "key: other");
  change("limits.yaml", "vercel.project-domains", "vercel.domains");
  expect(told().length).toBeGreaterThan(0);
  // What only the parser knows of a file.
  change("zones.yaml", "kind: cname", "kind: cname\n    kind: wildcard");
  change("services.yaml", "key: main", "key: main\n    port: 0123");
  expect(told()).toEqual(expect.arrayContaining(["zones.yaml file.duplicate-key", "services.yaml file.value"]));
});

it("keeps no text of files in which a person may have written a secret", () => {
  put("notify.yaml", "receivers:\n  - { name: chat, kind: slack, url: pasted-too }\n");
  change("secrets.yaml", "value: 587", "value: 587, note: pasted");
  put("releases.yaml", `${BASE["releases.yaml"]}# seen\n`);
  expect(checkCatalog(dir).problems.length).toBeGreaterThan(0);
  const bytes = kept();
  expect(bytes.some((one) => one.includes("0123456789abcdef0123456789abcdef01234567"))).toBe(true);
  expect(bytes.some((one) => one.includes("pasted"))).toBe(false);
});

it("says of rows that were read before all that is said of rows that were not, wherever they stand now", () => {
  const [header = "", ...lines] = (BASE["sites.csv"] ?? "").trimEnd().split("\n");
  const wrong = [
    "quiz,qmoney.de,own,acme/sites,sites/quiz,nextjs,stable,Canary",
    "Zins,qmoney.de,own,acme/sites,sites/zins,,stable,",
    "x,qmoney.de,own,acme",
    ",,,,,,,",
    'y,qmoney.de,own,acme/sites,sites/y,,stable,"a;b"',
    'z,qmoney.de,own,acme/sites,sites/z,,stable,"a',
    "quiz.qmoney.de,qmoney.de,own,acme/other,sites/quiz,next,stable,a;a",
  ];
  const others = [
    "",
    "# comment",
    ...lines,
    "neu,qmoney.de,own,acme/sites,sites/neu,,stable,",
    "ä,qmoney.de,own,Acme/X,a,,stable,",
  ];
  const build = (text: string, cells: number) => {
    const { report, problems } = collector();
    const built = buildSites("sites.csv", text, cells, report);
    const sites = built?.sites.map((site) => ({ ...site.value, at: site.at("zone") }));
    return { ...built, sites, problems: sortProblems(problems) };
  };
  const rows = fc.array(fc.constantFrom(...others, ...others, ...wrong), { maxLength: 12 });
  const headers = fc.constantFrom(
    header,
    header,
    header.split(",").toReversed().join(","),
    `${header},more`,
    "name,zone",
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(headers, rows, fc.constantFrom(64, 8)), { minLength: 2, maxLength: 4 }), (texts) => {
      for (const [first, rest, cells] of texts) {
        const text = [...rest.filter((row) => row.startsWith("#")), first, ...rest].join("\n");
        const found = build(text, cells);
        keepFindings(undefined);
        expect(found).toEqual(build(text, cells));
        keepFindings(keeping());
      }
    }),
    { numRuns: 150 },
  );
});

it("knows a copy that was made to be checked as the catalog that it is of, and keeps nothing of its own for it", () => {
  checkCatalog(dir);
  const before = readdirSync(join(root, "kept"), { recursive: true });
  const found = checkTexts(new Map(Object.entries(BASE)), dir);
  expect(found.problems).toEqual([]);
  expect(readdirSync(join(root, "kept"), { recursive: true })).toEqual(before);
});

it("looks at rows of sites.csv that are new, and at no others", () => {
  const text = BASE["sites.csv"] ?? "";
  const sites = () => buildSites("sites.csv", text, 64, collector().report)?.sites.map(({ value }) => value.host);
  const all = sites();
  const known = new KnownSites("sites.csv", text, 64);
  expect(known.sites().map(({ host }) => host)).toEqual(all);
  expect(known.others(text).trim()).toBe(text.split("\n")[0]);
  expect(sites()).toEqual(all);
});
