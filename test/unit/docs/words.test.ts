import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

// What breaks when this fails: a reader must guess who acts. A comment or a message names the person, run, process or vendor.
it("code names who acts, and not nobody, somebody or whoever", () => {
  const vague = /\b(?:[Nn]obody|[Ss]omebody|[Ww]hoever|[Aa]nybody|[Ee]verybody)\b/;
  // The name of a user of Unix, and a word that no secret is.
  const names = new Set(["errors/redact.ts", "sandbox/ssh/host-tree.ts"]);
  const files = execFileSync("git", ["ls-files", "*.ts"], { encoding: "utf8" })
    .split("\n")
    .filter((file) => file !== "" && !file.startsWith("test/") && !names.has(file));
  const found = files.flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .flatMap((line, index) => (vague.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
  expect(found).toEqual([]);
});
