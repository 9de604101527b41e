import { expect, it } from "vitest";
import type { Drifted } from "../../../../fleet/drift/classify.ts";
import { takeOverOf } from "../../../../fleet/drift/take-over.ts";
import { type Catalog, stackOf } from "../../../../model/index.ts";

// What breaks when this fails: taking a change over declares something else than what is live.

const site = {
  name: "a",
  zone: "example.org",
  host: "a.example.org",
  channel: "stable",
  tags: [],
  cell: "07",
  line: 2,
};
const catalog = {
  sites: [site],
  zones: [
    {
      name: "example.org",
      records: [
        { name: "www", host: "www.example.org", type: "CNAME", content: "one" },
        { name: "@", host: "example.org", type: "TXT", content: "two" },
      ],
    },
  ],
} as unknown as Catalog;
const drifted = (given: Partial<Drifted>): Drifted => ({
  class: "drift",
  name: "a.example.org",
  role: "project",
  vendor: "host",
  stack: stackOf(site as never),
  op: "update",
  diffs: [],
  reasons: [],
  who: [],
  ...given,
});
const diff = (path: string, old: unknown, next: unknown) => ({
  path,
  kind: "update",
  old: JSON.stringify(old),
  new: JSON.stringify(next),
});

it("is a column, a field, a row that goes, or a step by hand; and nothing where the declaration alone has changed", () => {
  const take = (given: Partial<Drifted>) =>
    takeOverOf(drifted(given), catalog).map(({ field, to, text }) => [field, to ?? text]);
  expect(take({ diffs: [diff("framework", "astro", "nextjs")] })).toEqual([["framework", "astro"]]);
  expect(take({ op: "create" })).toEqual([[undefined, "take the row of a.example.org out: it is gone"]]);
  expect(take({ role: "record", name: "www.example.org/target", diffs: [diff("content", "x", "one")] })).toEqual([
    ["content", "x"],
  ]);
  // Its resource is named by its content, so that another content is another resource.
  const [text] = take({
    role: "record",
    name: "example.org/TXT/two",
    urn: "urn:x",
    diffs: [diff("content", "x", "two")],
  });
  expect(text?.[0]).toBeUndefined();
  expect(text?.[1]).toContain("pulumi state delete");
  expect(take({ class: "declared", diffs: [diff("framework", "astro", "nextjs")] })).toEqual([]);
});
