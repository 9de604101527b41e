import fc from "fast-check";
import { expect, it } from "vitest";
import type { Deployment, Resource } from "../../../../../fleet/backend/service/deployment.ts";
import { type Entry, KIND } from "../../../../../fleet/backend/service/entry.ts";
import { referredIn } from "../../../../../fleet/backend/service/references.ts";
import { Replay } from "../../../../../fleet/backend/service/replay.ts";
import { StatePart } from "../../../../../fleet/backend/service/state-part.ts";

// What breaks when these fail: an update of some sites loses or changes what belongs to another one, or an engine refuses the part.

const STACK = "urn:pulumi:prod-cell-07::sitefleet::pulumi:pulumi:Stack::sitefleet-prod-cell-07";
const PROVIDER = "urn:pulumi:prod-cell-07::sitefleet::pulumi:providers:vercel::default";
const siteUrn = (host: string) => `urn:pulumi:prod-cell-07::sitefleet::sitefleet:vercel:Site::${host}`;
const childUrn = (host: string, name: string) =>
  `urn:pulumi:prod-cell-07::sitefleet::sitefleet:vercel:Site$vercel:index/x:X::${host}/${name}`;

const ROOT: readonly Resource[] = [
  { urn: STACK, type: "pulumi:pulumi:Stack" },
  { urn: PROVIDER, type: "pulumi:providers:vercel", parent: STACK, id: "id" },
];

/** A site with so many resources, each of which names the one before. */
function siteOf(host: string, children: number): Resource[] {
  const names = Array.from({ length: children }, (_, index) => childUrn(host, String(index)));
  return [
    { urn: siteUrn(host), type: "sitefleet:vercel:Site", parent: STACK },
    ...names.map((urn, index) => ({
      urn,
      type: "vercel:index/x:X",
      parent: siteUrn(host),
      provider: `${PROVIDER}::id`,
      dependencies: index === 0 ? [] : [names[index - 1] ?? ""],
    })),
  ];
}

/** Sites whose resources stand among each other, as engines write what is registered side by side; parents before children. */
const cell = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,6}$/), fc.integer({ min: 0, max: 4 })), {
    minLength: 2,
    maxLength: 8,
    selector: ([name]) => name,
  })
  .chain((sites) => {
    const lists = sites.map(([name, children]) => siteOf(`${name}.example`, children));
    const turns = lists.flatMap((list, index) => list.map(() => index));
    return fc.record({
      hosts: fc.constant(sites.map(([name]) => `${name}.example`)),
      chosen: fc.subarray(
        sites.map(([name]) => `${name}.example`),
        { minLength: 1 },
      ),
      resources: fc.shuffledSubarray(turns, { minLength: turns.length }).map((order) => {
        const left = lists.map((list) => [...list]);
        return [...ROOT, ...order.flatMap((index) => left[index]?.shift() ?? [])];
      }),
    });
  });

const base = (resources: readonly Resource[]): Deployment => ({ resources, metadata: {} });
const given = (part: StatePart) => part.deployment.resources ?? [];

it("has all that its sites and what they name need, in order, and says what is missing", () => {
  fc.assert(
    fc.property(cell, ({ resources, chosen, hosts }) => {
      const part = StatePart.of(base(resources), chosen);
      expect(part === undefined).toBe(chosen.length === hosts.length);
      if (part === undefined) return;
      const left = new Set(given(part));
      expect(given(part)).toEqual(resources.filter((one) => left.has(one)));
      expect(part.left.resources).toBe(resources.length - given(part).length);
      const urns = new Set(given(part).map(({ urn }) => urn));
      for (const one of given(part)) for (const urn of referredIn(one)) expect(urns).toContain(urn);
      for (const host of chosen)
        for (const { urn } of resources) if (urn.includes(`::${host}`)) expect(urns).toContain(urn);
      expect(urns).toContain(part.left.witness);
      expect(chosen.some((host) => part.left.witness.endsWith(`::${host}`))).toBe(false);
    }),
  );
});

it("leaves the state that the same steps leave where all of it was given, at whatever step the engine ends", () => {
  const steps = fc.array(fc.tuple(fc.nat(), fc.constantFrom("update", "delete", "mark", "create", "fail")), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(cell, steps, fc.boolean(), ({ resources, chosen }, told, writes) => {
      const part = StatePart.of(base(resources), chosen);
      if (part === undefined) return;
      const whole = new Replay(base(resources));
      const partly = new Replay(base(resources));
      if (writes) {
        const write = { version: 1, kind: KIND.write, sequenceID: 0, operationID: 0 };
        partly.add(part.widened({ ...write, newSnapshot: base(given(part)) }));
        const others = resources.filter((one) => !given(part).includes(one));
        whole.add({ ...write, newSnapshot: base([...given(part), ...others]) });
      }
      const now = writes ? [...given(part), ...resources.filter((one) => !given(part).includes(one))] : resources;
      const gone = new Set<number>();
      told.forEach(([at, kind], index) => {
        const place = at % given(part).length;
        const old = given(part)[place] as Resource;
        if (gone.has(place) && kind !== "create") return;
        const common = { version: 1, sequenceID: index + 1, operationID: index + 1 };
        const entry = (where: number): Entry => {
          if (kind === "fail") return { ...common, kind: KIND.failure };
          if (kind === "create")
            return { ...common, kind: KIND.success, state: { urn: childUrn("new.example", `${index}`) } };
          if (kind === "mark") return { ...common, kind: KIND.success, deleteOld: where, pendingReplacementOld: where };
          const state = kind === "update" ? { state: { ...old, changed: index } } : {};
          return { ...common, kind: KIND.success, removeOld: where, ...state };
        };
        if (kind === "update" || kind === "delete") gone.add(place);
        partly.add(part.widened(entry(place)));
        whole.add(entry(now.indexOf(old)));
        expect(partly.deployment()).toEqual(whole.deployment());
      });
      const others = resources.filter((one) => !given(part).includes(one));
      const after = partly.deployment().deployment.resources ?? [];
      expect(after.filter((one) => others.some(({ urn }) => urn === one.urn))).toEqual(others);
    }),
  );
});

const [A, B] = [siteOf("a.example", 2), siteOf("b.example", 2)];
const last = (list: readonly Resource[]) => list[list.length - 1] as Resource;
const changed = (list: readonly Resource[], fields: Partial<Resource>) => [
  ...list.slice(0, -1),
  { ...last(list), ...fields },
];

it.each<readonly [string, Deployment]>([
  [
    "a site's resource depends on another site's",
    base([...ROOT, ...A, ...changed(B, { dependencies: [last(A).urn] })]),
  ],
  ["another site's depends on the site's", base([...ROOT, ...B, ...changed(A, { deletedWith: last(B).urn })])],
  [
    "a property of one comes from another site",
    base([...ROOT, ...A, ...changed(B, { propertyDependencies: { x: [last(A).urn] } })]),
  ],
  ["something waits for its deletion", base([...ROOT, ...A, ...changed(B, { delete: true })])],
  ["something was deleted and is to be made again", base([...ROOT, ...changed(A, { pendingReplacement: true }), ...B])],
  ["something is to be replaced", base([...ROOT, ...changed(A, { taint: true }), ...B])],
  ["two have one name", base([...ROOT, ...A, ...B, last(A)])],
  [
    "an update was cut off",
    { ...base([...ROOT, ...A, ...B]), pending_operations: [{ type: "creating", resource: last(A) }] },
  ],
  ["the state has pieces of program", { ...base([...ROOT, ...A, ...B]), snippets: [{}] }],
  ["the state has extensions", { ...base([...ROOT, ...A, ...B]), extensions: { x: {} } }],
  [
    "one names what is not there",
    base([...ROOT, ...changed(A, { dependencies: [childUrn("a.example", "none")] }), ...B]),
  ],
  ["one stands before what it names", base([...ROOT, ...[...A].reverse(), ...B])],
  ["one has a provider that is not there", base([...ROOT, ...changed(A, { provider: `${PROVIDER}::other` }), ...B])],
  ["one has no provider", base([...ROOT, ...changed(A, { custom: true, id: "x", provider: undefined }), ...B])],
  ["one has no id", base([...ROOT, ...changed(A, { custom: true }), ...B])],
  [
    "a resource of the site's name stands below another site",
    base([...ROOT, ...changed(A, { urn: siteUrn("a.example").replace("::a.", "$x:y:Z::b.") }), ...B]),
  ],
  ["there are no sites", base(ROOT)],
  ["nothing is there", {}],
  ["lists are null", JSON.parse('{"resources":null,"pending_operations":null,"snippets":null,"extensions":null}')],
])("is no part where %s", (_, whole) => {
  expect(StatePart.of(whole, ["b.example"])).toBeUndefined();
});

it("is a part for a site that is not there yet", () => {
  const part = StatePart.of(base([...ROOT, ...A, ...B]), ["new.example"]);
  expect(part && given(part)).toEqual([...ROOT, A[0]]);
});

const common = (sequenceID: number) => ({ version: 1, sequenceID, operationID: sequenceID });

it("refuses what cannot be said of the whole state", () => {
  const part = StatePart.of(base([...ROOT, ...A, ...B]), ["b.example"]);
  expect(() => part?.widened({ ...common(1), kind: KIND.success, removeOld: 6 })).toThrow(/was not given/);
  // Where the engine was not given what it declares, it must not make that a second time.
  const resource = last(A);
  const begins = { ...common(2), kind: KIND.begin, operation: { type: "creating", resource } };
  expect(() => part?.widened(begins)).toThrow(/for new/);
  expect(() => part?.widened({ ...common(3), kind: KIND.success, state: resource })).toThrow(/for new/);
  const state = { ...resource, urn: childUrn("b.example", "new"), aliases: [resource.urn] };
  expect(() => part?.widened({ ...common(4), kind: KIND.success, state })).toThrow(/for new/);
});

it("follows an engine that makes the state anew, and says again what it said before of an entry that comes again", () => {
  const whole = base([...ROOT, ...B, ...A]);
  const part = StatePart.of(whole, ["a.example"]) as StatePart;
  const replay = new Replay(whole);
  const take = (entry: Entry) => {
    const wide = part.widened(entry);
    replay.add(wide);
    return wide;
  };
  // The part is the stack, its provider, the witness, and the three of the site.
  const gone = { ...common(1), kind: KIND.refreshSuccess, removeOld: 4, isRefresh: true };
  const first = take(gone);
  replay.add({ ...common(2), kind: KIND.rebuiltBaseState });
  part.rebased(replay.deployment().deployment.resources ?? []);
  expect(part.widened(gone)).toEqual(first);
  take({ ...common(3), kind: KIND.success, removeOld: 4 });
  expect(replay.deployment().deployment.resources).toEqual([...ROOT, ...B, A[0]]);
});
