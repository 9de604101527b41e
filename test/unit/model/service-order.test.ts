import fc from "fast-check";
import { expect, test } from "vitest";
import { circleOf, serviceGroups } from "../../../model/service-order.ts";
import { check } from "./fixture.ts";

// Breaks when a service goes out before one that it logs in by, twice or never, or a circle is taken for an order.

const order = (given: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(given).map(([key, after]) => ({ key, after }));

test("what others wait for goes alone and first, everything else together and last", () => {
  const services = order({ crm: ["idp"], docs: [], idp: [], games: ["idp", "crm"], status: [] });
  const all = new Set(services.map(({ key }) => key));
  expect(serviceGroups(services, all)).toEqual([["idp"], ["crm"], ["docs", "games", "status"]]);
  expect(serviceGroups(services, new Set(["docs", "crm"]))).toEqual([["crm", "docs"]]);
  // Through crm, which does not go out.
  expect(serviceGroups(order({ idp: [], crm: ["idp"], games: ["crm"] }), new Set(["idp", "games"]))).toEqual([
    ["idp"],
    ["games"],
  ]);
  expect(serviceGroups(services, new Set())).toEqual([]);
});

test("in any order without a circle each wanted service is in one group, after all that it comes after", () => {
  const graphs = fc.integer({ min: 1, max: 9 }).chain((count) =>
    fc.record({
      after: fc.array(fc.array(fc.nat(count)), { minLength: count, maxLength: count }),
      wanted: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
    }),
  );
  fc.assert(
    fc.property(graphs, ({ after, wanted }) => {
      // Only smaller numbers: no circle.
      const services = after.map((list, index) => ({
        key: `s${index}`,
        after: [...new Set(list.filter((one) => one < index))].map((one) => `s${one}`),
      }));
      const keys = services.flatMap(({ key }, index) => (wanted[index] ? [key] : []));
      const groups = serviceGroups(services, new Set(keys));
      expect(groups.flat().toSorted()).toEqual(keys.toSorted());
      const place = new Map(groups.flatMap((group, index) => group.map((key) => [key, index] as const)));
      for (const service of services) {
        expect(circleOf(services, service.key)).toBeUndefined();
        for (const earlier of service.after)
          if (place.has(service.key) && place.has(earlier))
            expect(place.get(earlier)).toBeLessThan(place.get(service.key) as number);
      }
    }),
    { numRuns: 60 },
  );
});

test("a circle is refused at each service of it, with the way round; a service that only leads there is not", () => {
  const text = (after: string) => `services:
  - { key: main, host: example.at, path: /www/htdocs/w01/example.at, kind: php, after: [${after}] }
  - key: docs
    host: docs.example.at
    path: /www/htdocs/w01/docs
    kind: static
    after: [main]
  - { key: crm, host: crm.example.at, path: /www/htdocs/w01/crm, kind: php, after: [docs] }
`;
  const told = (after: string) =>
    check({ "services.yaml": text(after) }).lines.filter((line) => line.includes("service.after"));
  expect(told("docs")).toEqual([
    expect.stringMatching(/services\.yaml:2: services\[0\]\.after: main after docs after main is a circle/),
    expect.stringMatching(/services\.yaml:7: services\[1\]\.after: docs after main after docs is a circle/),
  ]);
  expect(told("main")).toEqual([expect.stringContaining("main after main is a circle")]);
});
