import { expect, test } from "vitest";
import { type ChangeSet, isPartOf } from "../../../../fleet/change-set/index.ts";

// Breaks when a run that goes on does more than was agreed to, or asks again for what it has left.

const change = (name: string, diffs: Record<string, string>, op = "create") => ({
  group: "create",
  stack: "prod-cell-07",
  op,
  type: "vercel:index/projectDomain:ProjectDomain",
  name,
  urn: `urn:${name}`,
  diffs: Object.entries(diffs).map(([path, value]) => ({ path, kind: "add", new: value })),
});
const set = (changes: object[], desired = "d1") =>
  ({ stacks: [{ stack: "prod-cell-07", ok: true, desired }], changes }) as unknown as ChangeSet;
const agreed = set([
  change("a", { domain: '"a.at"', projectId: "[unknown]" }),
  change("b", { domain: '"b.at"', settings: '{"id":"[unknown]","kind":"x","more":["[unknown]"]}' }),
]);

test("what is left is part of it, also where a value has become known", () => {
  expect(isPartOf(agreed, agreed)).toBe(true);
  expect(isPartOf(set([]), agreed)).toBe(true);
  expect(isPartOf(set([change("a", { domain: '"a.at"', projectId: '"prj_1"' })]), agreed)).toBe(true);
  const settings = '{"id":17,"kind":"x","more":["y","z"]}';
  expect(isPartOf(set([change("b", { domain: '"b.at"', settings })]), agreed)).toBe(true);
});

test.each([
  ["another resource", change("c", { domain: '"a.at"', projectId: '"prj_1"' })],
  ["another operation", change("a", { domain: '"a.at"', projectId: '"prj_1"' }, "replace")],
  ["another value", change("a", { domain: '"evil.at"', projectId: '"prj_1"' })],
  ["a value more", change("a", { domain: '"a.at"', projectId: '"prj_1"', git: '"x"' })],
  ["a value less", change("a", { domain: '"a.at"' })],
  [
    "another known part beside an unknown one",
    change("b", { domain: '"b.at"', settings: '{"id":1,"kind":"y","more":["z"]}' }),
  ],
  ["a value that is cut", change("b", { domain: '"b.at"', settings: '{"id":"x"}' })],
])("%s is not", (_, one) => {
  expect(isPartOf(set([one]), agreed)).toBe(false);
});

test("the same change on a stack that is declared otherwise is not", () => {
  expect(isPartOf(set([change("a", { domain: '"a.at"', projectId: "[unknown]" })], "d2"), agreed)).toBe(false);
});
