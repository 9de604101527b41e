import fc from "fast-check";
import { expect, test } from "vitest";
import { caaData, normaliseName, PROJECT_NAME_MAX, projectName, sharedProjectName } from "../../../model/index.ts";

// Breaks when a name would be stored at Cloudflare in another spelling than the catalog's and differ for ever.
test.each([
  ["quiz", "quiz"],
  ["a.b-c.d1", "a.b-c.d1"],
  ["1", "1"],
  ["müller", "xn--mller-kva"],
  ["ko\u0308ln", "xn--kln-sna"],
  ["straße", "xn--strae-oqa"],
  ["xn--mller-kva", "xn--mller-kva"],
  ["a".repeat(63), "a".repeat(63)],
])("%j is %s", (text, name) => {
  expect(normaliseName(text)).toEqual({ name });
});

test.each([
  ["", "empty"],
  ["Quiz", "upper case"],
  ["Müller", "upper case"],
  [" a", "white space"],
  ["a\n", "white space"],
  ["a b", "character"],
  ["a\nb", "character"],
  ["a_b", "character"],
  ["*", "character"],
  ["a$(id)", "character"],
  ["-a", "hyphen"],
  ["a-", "hyphen"],
  ["a..b", "empty label"],
  [".a", "empty label"],
  ["a.", "ends with a dot"],
  ["a".repeat(64), "64 characters"],
  [`${"a".repeat(63)}.`.repeat(4).slice(0, -1), "255 characters"],
  ["ab--c", "punycode"],
  ["xn--zzzz", "punycode"],
  ["ﬁnanz", 'served as "finanz"'],
  ["ｆｏｏ", 'served as "foo"'],
  ["a。b", 'served as "a.b"'],
  ["\u202eabc", "internationalised"],
])("%j is refused", (text, part) => {
  expect(normaliseName(text)).toMatchObject({ wrong: expect.stringContaining(part) });
});

// Breaks when text from a file can reach a terminal or a shell through a name.
test("whatever is accepted is LDH, lower case, and its own normal form", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: "grapheme" }), fc.domain()), (text) => {
      const result = normaliseName(text);
      if ("wrong" in result) {
        expect(`${result.wrong}${result.allowed}`).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
        return;
      }
      expect(result.name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/);
      expect(result.name.length).toBeLessThanOrEqual(253);
      expect(normaliseName(result.name)).toEqual(result);
    }),
    { numRuns: 2000 },
  );
});

// Breaks when a project is renamed, which replaces it: these are an interface.
test("project names", () => {
  expect(projectName({ name: "quiz", zone: "qmoney.de" })).toBe("quiz-qmoney-de");
  expect(projectName({ name: "@", zone: "qmoney.de" })).toBe("qmoney-de");
  expect(projectName({ name: "xn--mller-kva", zone: "qmoney.de" })).toBe("xn--mller-kva-qmoney-de");
  expect(projectName({ name: "a".repeat(60), zone: "qmoney.de" })).toBe(`${"a".repeat(43)}-2ec19e93`);
  expect(sharedProjectName({ repository: "acme/landing", rootDirectory: "apps/quiz" })).toBe(
    "shared-acme-landing-apps-quiz",
  );
  expect(sharedProjectName({ repository: "Acme/Landing.Kit", rootDirectory: "" })).toBe("shared-acme-landing-kit");
});

test("project names are always valid for the provider, and long ones stay apart", () => {
  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  fc.assert(
    fc.property(label, label, (a, b) => {
      for (const name of [
        projectName({ name: a, zone: "qmoney.de" }),
        sharedProjectName({ repository: `o/${a}`, rootDirectory: b }),
      ]) {
        expect(name).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
        expect(name).not.toContain("---");
        expect(name.length).toBeLessThanOrEqual(PROJECT_NAME_MAX);
      }
      fc.pre(a !== b && !a.includes("--") && !b.includes("--"));
      expect(projectName({ name: a, zone: "qmoney.de" })).not.toBe(projectName({ name: b, zone: "qmoney.de" }));
    }),
  );
});

test("CAA content is taken apart", () => {
  expect(caaData("0 issue letsencrypt.org")).toEqual({ flags: 0, tag: "issue", value: "letsencrypt.org" });
  expect(caaData('128 iodef "mailto:a@b.at"')).toEqual({ flags: 128, tag: "iodef", value: "mailto:a@b.at" });
  expect(caaData("256 issue x")).toBeUndefined();
  expect(caaData("letsencrypt.org")).toBeUndefined();
});
