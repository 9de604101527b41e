import { expect, it } from "vitest";
import { BASE, check } from "./fixture.ts";

// What breaks when this fails: a file that a spreadsheet saved gives nine problems and none says that its separator is wrong.

const sites = BASE["sites.csv"] as string;

it.each([
  ["semicolons", sites.replaceAll(",", ";")],
  ["tabs", sites.replaceAll(",", "\t")],
  ["vertical bars", sites.replaceAll(",", "|")],
  [
    "semicolons",
    `# a comment\n\n${sites
      .split("\n")
      .map((line) =>
        line === ""
          ? ""
          : line
              .split(",")
              .map((one) => `"${one}"`)
              .join(";"),
      )
      .join("\n")}`,
  ],
])("names %s as the separator, once", (name, text) => {
  const problems = check({ "sites.csv": text }).lines;
  expect(problems.filter((problem) => problem.includes("sites.csv"))).toHaveLength(1);
  expect(problems[0]).toMatch(new RegExp(`header: is separated by ${name}.*commas: name,zone.*\\[file\\.column\\]`));
});

it("reports rows of commas once, however many and however long", () => {
  const empty = Array.from({ length: 20 }, (_, index) => ",".repeat(index % 2 === 0 ? 7 : 3));
  const problems = check({ "sites.csv": `${sites}${empty.join("\n")}\n` }).lines;
  expect(problems).toEqual([
    expect.stringMatching(
      /sites\.csv:6: row: holds nothing but commas, as do lines 7, 8, 9, 10, 11, … \(20 rows\).*\[file\.empty\]/,
    ),
  ]);
});

it.each([
  ["location: plesk", "location: external"],
  ["location: external", "location: plesk"],
])("refuses one database name with %s and %s: both may be the same server", (first, second) => {
  const service = (key: string, place: string) =>
    `  - key: ${key}\n    host: ${key}.example.at\n    path: /www/htdocs/w01/${key}\n    kind: php\n    database: { name: mo_x, engine: mariadb, ${place} }\n`;
  const of = (...places: string[]) =>
    check({
      "services.yaml": `services:\n${places.map((place, index) => service(`s${index}`, place)).join("")}`,
      "checks.yaml": BASE["checks.yaml"]?.replace(/services:\n.*\n/, "") ?? "",
    }).lines;
  expect(of(first, second).filter((problem) => problem.includes("service.unique"))).toEqual([
    expect.stringMatching(/services\.yaml:11: services\[1\]\.database\.name: .*line 6 .*same server/),
  ]);
  expect(of(first).filter((problem) => problem.includes("service.unique"))).toEqual([]);
});
