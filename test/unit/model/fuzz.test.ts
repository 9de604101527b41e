import fc from "fast-check";
import { expect, test } from "vitest";
import { BASE, type Change, check } from "./fixture.ts";

const files = Object.keys(BASE);

/** Damage of every kind: cut, inserted, doubled, swapped, dropped lines, foreign values, raw bytes. */
const damage = fc.record({
  file: fc.constantFrom(...files),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.constantFrom("cut", "insert", "double", "drop", "value", "bytes"),
  text: fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom(
      "null",
      "[]",
      "{}",
      "- ",
      "'",
      '"',
      ",",
      ":",
      "&a *a",
      "\t",
      "\r",
      "\0",
      "\ufeff",
      "__proto__",
      "-1",
      "1e999",
      "!!set {}",
      "<<: *a",
      "xn--",
      "ü",
      "|\n",
      "? x",
    ),
  ),
  bytes: fc.uint8Array({ maxLength: 6 }),
});

function apply(
  text: string,
  change: { at: number; kind: string; text: string; bytes: Uint8Array },
): string | Uint8Array {
  const offset = Math.floor(change.at * text.length);
  const lines = text.split("\n");
  const line = Math.floor(change.at * lines.length);
  switch (change.kind) {
    case "cut":
      return text.slice(0, offset);
    case "insert":
      return text.slice(0, offset) + change.text + text.slice(offset);
    case "double":
      return [...lines.slice(0, line + 1), ...lines.slice(line)].join("\n");
    case "drop":
      return lines.filter((_, index) => index !== line).join("\n");
    case "value":
      return lines
        .map((item, index) => (index === line ? item.replace(/(:|,)[^:,]*$/, `$1 ${change.text}`) : item))
        .join("\n");
    default:
      return Buffer.concat([Buffer.from(text.slice(0, offset)), change.bytes, Buffer.from(text.slice(offset))]);
  }
}

// Breaks when a library's error escapes, a problem has no place, or a broken catalog is accepted as one without problems.
test("a damaged catalog never throws, and every problem has a file, a line of it, a field and both halves", () => {
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (changes) => {
      const damaged: Record<string, Change> = {};
      for (const change of changes) {
        const now = damaged[change.file] ?? BASE[change.file];
        if (typeof now === "string") damaged[change.file] = apply(now, change) as Change;
      }
      const { catalog, problems, lines } = check(damaged);
      expect(catalog === undefined).toBe(problems.length > 0);
      for (const problem of problems) {
        expect(files).toContain(problem.file);
        const text = damaged[problem.file] ?? BASE[problem.file];
        const count = Buffer.from(text as string | Uint8Array)
          .toString("latin1")
          .split(/\r\n|\r|\n/).length;
        expect(problem.line).toBeGreaterThanOrEqual(1);
        expect(problem.line).toBeLessThanOrEqual(count + 1);
        expect(problem.field).not.toBe("");
        expect(problem.wrong).not.toBe("");
        expect(problem.allowed).not.toBe("");
      }
      for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\u2028-\u202e]/u);
    }),
    { numRuns: 200 },
  );
}, 120_000);

// Breaks when the report depends on anything but the files.
test("the same catalog gives the same report", () => {
  const changes = {
    "sites.csv": (text: string) => `${text}A,b,c\nB,qmoney.de,x,y,..,z,Q,;\n`,
    "zones.yaml": "zones: [{ name: X }, { kind: 1 }]\n",
  };
  expect(check(changes).lines).toEqual(check(changes).lines);
});
