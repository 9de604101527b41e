import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CODES } from "../../../errors/codes.ts";
import { errorsPage } from "../../../errors/page.ts";

// What breaks when these fail: a person looks a code up and finds nothing, or finds one that no command gives.

it("docs/reference/errors.md has every code and what it means", () => {
  expect(readFileSync("docs/reference/errors.md", "utf8"), "run node toolchain/run.mjs errors/generate.ts").toBe(
    errorsPage(),
  );
});

it("every code of the list is one that the program can give", () => {
  const files = execFileSync("git", ["ls-files", "*.ts"], { encoding: "utf8" }).split("\n");
  const product = files.filter((file) => file !== "" && !/^(test|bench)\/|^errors\/(codes|page)\.ts$/.test(file));
  const text = product.map((file) => readFileSync(file, "utf8")).join("\n");
  // Two families are put together from their last words.
  const said = (code: string) => {
    const last = /^(?:release|plesk\.ssh)\.(.+)$/.exec(code)?.[1];
    return (
      text.includes(`"${code}"`) || (last !== undefined && text.includes(`"${last}"`)) || text.includes(`code: ${code}`)
    );
  };
  expect(Object.keys(CODES).filter((code) => !said(code))).toEqual([]);
});
