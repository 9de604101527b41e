// What would break: a service would run with another password than its database has, or a step with another than the service.
import { execFileSync } from "node:child_process";
import { parseEnv } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { envProblem, renderEnv } from "../../../plesk/env-file.ts";

test("the file is exactly this", () => {
  const env = { A: "plain-1.2/x=y", B: "it's\nnew", C: "two words $(id)", D: 'q"`$\\x', E: "", F: "it's" };
  expect(renderEnv(env)).toBe("A=plain-1.2/x=y\nB=\"it's\nnew\"\nC='two words $(id)'\nD='q\"`$\\x'\nE=\nF=\"it's\"\n");
});

test.each([
  ["both ' and \"", /single quote/],
  ["line\nbreak and $", /line break/],
  ["ends with \\", /backslash/],
  ["two \\\\ of them", /backslash/],
  [`a $${"{NAME}"} in it`, /python-dotenv replaces/],
  ["carriage\rreturn", /carriage return/],
  ["bell \u0007", /control character/],
])("%j is refused with the reason, and without the value", (value, reason) => {
  expect(envProblem(value)).toMatch(reason);
  expect(() => renderEnv({ NAME: value })).toThrow("the value of NAME cannot be written to a .env file");
});

/** Passwords of our own are hex and base64; those of people hold a sign of this kind or two. */
test.each([
  "hunter2",
  "p@ss w0rd",
  'say "hi"',
  "it's",
  "$ecret",
  "back\\slash",
  "a`b",
  "-----BEGIN KEY-----\nabc=\n",
  "{}",
  "$5",
])("%j can be written", (value) => {
  expect(envProblem(value)).toBeUndefined();
});

/** How python-dotenv 1.2 reads one value (`dotenv/parser.py`, `dotenv/variables.py`). */
function python(text: string): string | undefined {
  const raw = /^V=(.*)$/s.exec(text)?.[1] ?? "";
  const quoted =
    raw[0] === "'" ? /^'((?:\\'|[^'])*)'/s.exec(raw) : raw[0] === '"' ? /^"((?:\\"|[^"])*)"/s.exec(raw) : null;
  if (raw[0] === "'" || raw[0] === '"') {
    if (!quoted || !/^[^\S\r\n]*(#.*)?\n/.test(raw.slice(quoted[0].length))) return undefined;
    const escapes = raw[0] === "'" ? /\\[\\']/g : /\\[\\'"abfnrtv]/g;
    return interpolated((quoted[1] ?? "").replace(escapes, (pair) => pair.slice(1)));
  }
  return interpolated(
    raw
      .split("\n", 1)[0]!
      .replace(/\s+#.*/, "")
      .trimEnd(),
  );
}
const interpolated = (text: string): string => text.replace(/\$\{[^}:]*(?::-([^}]*))?\}/g, "$1");

/** How phpdotenv 5 reads one value (`src/Parser/Lines.php`, `EntryParser.php`): only double quotes span lines. */
function php(text: string): string | undefined {
  const raw = /^V=(.*)\n$/s.exec(text)?.[1] ?? "";
  if (raw[0] === "'") return /^'[^'\n]*'$/.test(raw) ? raw.slice(1, -1) : undefined;
  if (raw[0] === '"') return /^"[^"\\$]*"$/.test(raw) ? raw.slice(1, -1) : undefined;
  return /[\s#'"\\$]/.test(raw) ? undefined : raw;
}

describe("every value that is not refused is read the same by", () => {
  const sign = fc.constantFrom(..."'\"$`\\\n\r\t #={}!~&;%aé".split(""), `$${"{A}"}`, "$A", "\\n");
  const value = fc
    .array(fc.oneof(sign, fc.string({ maxLength: 3 })), { maxLength: 10 })
    .map((parts) => parts.join(""))
    .filter((text) => envProblem(text) === undefined);

  test("Node, python-dotenv and phpdotenv", () => {
    fc.assert(
      fc.property(value, (text) => {
        const file = renderEnv({ V: text });
        expect([parseEnv(`${file}Z=1\n`), python(file), php(file)]).toEqual([{ V: text, Z: "1" }, text, text]);
      }),
      { numRuns: 1000 },
    );
  });

  test("a shell that sources it: that is how the remote steps get them", () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 50 }), (texts) => {
        const input = texts.map((text) => `${renderEnv({ V: text })}printf '%s\\0' "$V"\n`).join("");
        for (const shell of ["sh", "bash"]) {
          const out = execFileSync(shell, ["-s"], { input, encoding: "utf8" });
          expect(out.split("\0").slice(0, -1)).toEqual(texts);
        }
      }),
      { numRuns: 10 },
    );
  });
});
