import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { hasCode } from "../../../../errors/index.ts";
import {
  buildChangeSet,
  changeSetJson,
  checkWritable,
  readChangeSet,
  sameChanges,
  writeDocument,
} from "../../../../fleet/change-set/index.ts";
import { changeSetJsonSchema, changeSetShape } from "../../../../fleet/change-set/shape.ts";
import {
  anyTold,
  DEPLOYMENT,
  DOMAIN,
  event,
  outputs,
  PROJECT,
  RECORD,
  result,
  run,
  SECRET_TYPE,
  setOf,
  type Told,
} from "./world.ts";

// What breaks when these fail: an approval holds for something else than what was read, or the worst stands last.

const createdAt = new Date(0);
const dir = mkdtempSync(join(tmpdir(), "sitefleet-change-set-"));
afterAll(() => rmSync(dir, { recursive: true }));

describe("rank", () => {
  it("puts protection that is taken away before DNS, whoever set it", () => {
    const environment = "github:index/repositoryEnvironment:RepositoryEnvironment";
    const wait = (old: number | undefined, next: number | undefined, name: string): Told => ({
      op: "update",
      name,
      type: environment,
      old: { repository: "r", ...(old === undefined ? {} : { waitTimer: old }) },
      new: { repository: "r", ...(next === undefined ? {} : { waitTimer: next }) },
      diffs: ["waitTimer"],
    });
    const set = setOf(
      { op: "update", name: "*.qmoney.de/CNAME", type: RECORD, parent: "qmoney.de", old: {}, new: {} },
      wait(undefined, 30, "more"),
      wait(30, undefined, "less"),
      {
        op: "update",
        name: "open",
        type: PROJECT,
        old: { vercelAuthentication: { deploymentType: "all_deployments" } },
        new: { vercelAuthentication: { deploymentType: "none" } },
        diffs: ["vercelAuthentication.deploymentType"],
      },
      { op: "create", name: "new", type: environment, new: { repository: "r" } },
    );
    const groups = set.changes.map(({ group, name }) => `${group} ${name}`);
    expect(groups.slice(0, 3)).toEqual(["protection open", "protection less", "apex *.qmoney.de/CNAME"]);
    expect(groups).toContain("update more");
    expect(groups).toContain("create new");
  });

  it("puts what can hurt first", () => {
    const set = setOf(
      { op: "create", name: "new", type: PROJECT, new: {} },
      {
        op: "update",
        name: "edited",
        type: PROJECT,
        old: { framework: "a" },
        new: { framework: "b" },
        diffs: ["framework"],
      },
      { op: "update", name: "TOKEN", type: SECRET_TYPE, old: {}, new: {} },
      { op: "create", name: "shop.qmoney.de", type: DOMAIN, new: {} },
      { op: "update", name: "*.qmoney.de/CNAME", type: RECORD, parent: "qmoney.de", old: {}, new: {} },
      { op: "update", name: "x.qmoney.de/CNAME", type: RECORD, parent: "qmoney.de", old: {}, new: {} },
      { op: "replace", name: "live", type: DEPLOYMENT, old: {}, new: {} },
      { op: "replace", name: "moved.qmoney.de", type: DOMAIN, old: {}, new: {} },
      { op: "delete", name: "gone", type: DEPLOYMENT, old: {} },
      { op: "delete", name: "gone", type: PROJECT, old: {} },
      { op: "delete", name: "qmoney.de/TXT/v=spf1", type: RECORD, parent: "qmoney.de", old: {} },
      { op: "delete", name: "guarded", type: DEPLOYMENT, old: {}, protect: true },
      { op: "delete", name: "site", type: "sitefleet:vercel:Site", custom: false, old: {} },
    );
    expect(set.changes.map(({ group, name }) => `${group} ${name}`)).toEqual([
      "delete guarded",
      "delete qmoney.de/TXT/v=spf1",
      "delete gone",
      "delete gone",
      "replace moved.qmoney.de",
      "replace live",
      "apex *.qmoney.de/CNAME",
      "domain x.qmoney.de/CNAME",
      "domain shop.qmoney.de",
      "secret TOKEN",
      "update edited",
      "create new",
      "grouping site",
    ]);
    expect(set.groups.map(({ changes }) => changes).reduce((a, b) => a + b)).toBe(set.changes.length);
    expect(set.total).toMatchObject({ created: 2, changed: 4, replaced: 2, deleted: 5 });
  });

  it("tells what an earlier, broken replacement has left as a delete", () => {
    expect(setOf({ op: "delete-replaced", name: "old", old: { a: 1 } }).changes).toMatchObject([
      { op: "delete", name: "old" },
    ]);
    const both: Told[] = [
      { op: "replace", name: "x", old: {}, new: {} },
      { op: "delete-replaced", name: "x", old: {} },
    ];
    expect(setOf(...both).changes.map(({ op }) => op)).toEqual(["replace"]);
  });
});

describe("digest", () => {
  it("depends on no order, no time and no stack without changes (property)", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(anyTold, { maxLength: 6 }), { minLength: 1, maxLength: 4 }).chain((stacks) =>
          fc.tuple(
            fc.constant(stacks),
            fc.shuffledSubarray(
              stacks.map((_, i) => i),
              { minLength: stacks.length },
            ),
            fc.infiniteStream(fc.nat()),
          ),
        ),
        ([stacks, order, noise]) => {
          const results = stacks.map((told, index) => {
            const stack = `prod-cell-0${index}`;
            // A URN has one step.
            const unique = [...new Map(told.map((one) => [`${one.type} ${one.name}`, one])).values()];
            return { stack, events: [...unique.map((one) => event({ ...one, stack })), outputs(stack, `d${index}`)] };
          });
          const shuffled = order.map((index) => {
            const { stack, events } = results[index] as (typeof results)[number];
            const keyed = events.map((one) => ({ one, key: noise.next().value })).sort((a, b) => a.key - b.key);
            return result(
              stack,
              keyed.map(({ one }) => one),
              { warnings: ["noise"] },
            );
          });
          const a = buildChangeSet(run(...results.map(({ stack, events }) => result(stack, events))), { createdAt });
          const b = buildChangeSet(run(...shuffled, result("prod-cell-63", [outputs("prod-cell-63", "other")])), {
            createdAt: new Date(),
            unopened: [{ stack: "prod", reason: "unchanged" }],
          });
          expect(b.digest).toBe(a.digest);
          expect(b.changes).toEqual(a.changes);
          expect(sameChanges(a, b)).toMatchObject({ same: true, reasons: [] });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("differs for another value, stack, target, desired state or outcome", () => {
    const told = (to: string): Told => ({ op: "update", name: "x", old: { a: 1 }, new: { a: to }, diffs: ["a"] });
    const of = (to: string, desired: string, target: string, stack = "prod-cell-01", ok = true) =>
      buildChangeSet(run(result(stack, [event({ ...told(to), stack }), outputs(stack, desired)], { ok })), {
        createdAt,
        target,
      }).digest;
    const digests = [
      of("b", "d", "t"),
      of("c", "d", "t"),
      of("b", "e", "t"),
      of("b", "d", "u"),
      of("b", "d", "t", "prod-cell-02"),
      of("b", "d", "t", "prod-cell-01", false),
    ];
    expect(new Set(digests).size).toBe(digests.length);
    expect(of("b", "d", "t")).toBe(digests[0]);
  });
});

describe("what differs between two change sets", () => {
  const update = (to: string): Told => ({ op: "update", name: "x", old: { a: 1 }, new: { a: to }, diffs: ["a"] });

  it("is told by change and property", () => {
    const a = setOf(update("b"), { op: "delete", name: "gone", old: {} });
    const b = setOf(update("c"), { op: "create", name: "added", new: {} });
    const found = sameChanges(a, b);
    expect(found.same).toBe(false);
    expect(found.gone.map(({ name }) => name)).toEqual(["gone"]);
    expect(found.added.map(({ name }) => name)).toEqual(["added"]);
    expect(found.altered.map(({ paths }) => paths)).toEqual([["a"]]);
    expect(found.reasons).toHaveLength(3);
  });

  it("is told also where the values that differ are masked", () => {
    const set = (desired: string) =>
      buildChangeSet(
        run(result("prod-plesk", [event({ ...update("b"), stack: "prod-plesk" }), outputs("prod-plesk", desired)])),
        { createdAt },
      );
    const found = sameChanges(set("d1"), set("d2"));
    expect(found).toMatchObject({ same: false, stacks: ["prod-plesk"] });
    expect(found.reasons).toHaveLength(1);
  });

  it("is bounded in words", () => {
    const many = Array.from({ length: 500 }, (_, i): Told => ({ op: "create", name: `n${i}`, new: {} }));
    expect(sameChanges(setOf(), setOf(...many)).reasons).toHaveLength(21);
  });

  it("is never nothing when the digests differ (property)", () => {
    fc.assert(
      fc.property(fc.array(anyTold, { maxLength: 4 }), fc.array(anyTold, { maxLength: 4 }), (x, y) => {
        const { same, reasons } = sameChanges(setOf(...x), setOf(...y));
        expect(same).toBe(reasons.length === 0);
      }),
    );
  });
});

describe("the document", () => {
  const file = (text: string) => {
    const path = join(dir, "set.json");
    writeFileSync(path, text);
    return path;
  };
  const caught = (text: string) => {
    try {
      readChangeSet(file(text));
    } catch (error) {
      return error;
    }
    return undefined;
  };

  it("can be written and read back (property)", () => {
    fc.assert(
      fc.property(fc.array(anyTold, { maxLength: 8 }), (told) => {
        const set = setOf(...told);
        expect(readChangeSet(file(changeSetJson(set)))).toEqual(JSON.parse(JSON.stringify(set)));
      }),
    );
  });

  it("is refused when it was changed, is no document, or is not there", () => {
    const text = changeSetJson(setOf({ op: "delete", name: "gone", old: { a: "kept" } }));
    expect(hasCode(caught(text.replace("kept", "forged")), "change-set.digest")).toBe(true);
    expect(hasCode(caught(text.replace('"version": 1', '"version": 2')), "change-set.invalid")).toBe(true);
    expect(hasCode(caught("{"), "change-set.invalid")).toBe(true);
    expect(() => readChangeSet(join(dir, "nowhere.json"))).toThrow(
      expect.objectContaining({ code: "change-set.unreadable" }),
    );
  });

  it("is asked for its place before the run, and leaves nothing half written", () => {
    const nowhere = join(dir, "no", "set.json");
    for (const call of [() => checkWritable([nowhere]), () => writeDocument(nowhere, "x")]) {
      expect(call).toThrow(expect.objectContaining({ code: "file.unwritable" }));
    }
    checkWritable([join(dir, "new.json")]);
    writeDocument(join(dir, "new.json"), "x");
    expect(readdirSync(dir).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("says what is missing", () => {
    const failed = result("prod", [], { ok: false, errors: ["no network"] });
    const set = buildChangeSet(
      { ...run(failed), skipped: [{ stack: "prod-plesk", reason: "stopped" }] },
      { createdAt },
    );
    expect(set).toMatchObject({ complete: false, errors: [{ message: "no network", stacks: ["prod"] }] });
    expect(set.unopened).toEqual([{ stack: "prod-plesk", reason: "stopped", planned: false }]);
  });

  it("fits its published JSON Schema, which is up to date", () => {
    const published = JSON.parse(readFileSync("fleet/change-set/schema/change-set.schema.json", "utf8"));
    expect(published, "run node fleet/change-set/schema/generate.ts").toEqual(JSON.parse(changeSetJsonSchema()));
    expect(changeSetShape.safeParse(setOf({ op: "create", name: "x", new: { a: 1 } })).success).toBe(true);
  });
});
