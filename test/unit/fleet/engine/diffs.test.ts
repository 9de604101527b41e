import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffsOf, type StepMetadata } from "../../../../fleet/engine/diffs.ts";
import { parsePath } from "../../../../fleet/engine/property-path.ts";
import { MAX_VALUE } from "../../../../fleet/engine/values.ts";
import { PROJECT_ROOT } from "../../../../stacks/root.ts";
import { event, masked, SECRET_TYPE, type Told } from "../change-set/world.ts";

// What breaks when these fail: reviewers see wrong values, or a secret stands in a comment of a pull request.

const diffs = (told: Told) => diffsOf(event(told).resourcePreEvent?.metadata as StepMetadata);
const update = (old: Record<string, unknown>, next: Record<string, unknown>, ...paths: string[]) =>
  diffs({ op: "update", name: "x", old, new: next, diffs: paths });

describe("values of a step", () => {
  it("are old and new at the path, as canonical JSON", () => {
    expect(
      update(
        { ttl: 1, git: { repo: "a", type: "t" } },
        { ttl: 300, git: { type: "t", repo: "b" } },
        "ttl",
        "git.repo",
        "git",
      ),
    ).toEqual([
      { path: "git", kind: "update", old: '{"repo":"a","type":"t"}', new: '{"repo":"b","type":"t"}' },
      { path: "git.repo", kind: "update", old: '"a"', new: '"b"' },
      { path: "ttl", kind: "update", old: "1", new: "300" },
    ]);
  });

  it("are all inputs of what is created or deleted", () => {
    expect(diffs({ op: "create", name: "x", new: { a: 1, __defaults: [], "b.c": true } })).toEqual([
      { path: '["b.c"]', kind: "add", new: "true" },
      { path: "a", kind: "add", new: "1" },
    ]);
    expect(diffs({ op: "delete", name: "x", old: { a: 1 } })).toEqual([{ path: "a", kind: "delete", old: "1" }]);
  });

  it("come from the state where the engine compared with the state, from the inputs where with these", () => {
    const told = { op: "update", name: "x", old: { a: "input" }, oldOutputs: { a: "live" }, new: { a: "new" } };
    const of = (inputDiff: boolean) => diffs({ ...told, diff: { a: { diffKind: "update", inputDiff } } })[0]?.old;
    expect([of(false), of(true)]).toEqual(['"live"', '"input"']);
  });

  it("show what is not known yet as such, and no folder of this machine", () => {
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const found = update({ a: "x", b: 1 }, { a: unknown, b: `${PROJECT_ROOT}/plesk/main.ts` }, "a", "b");
    expect(found.map((diff) => diff.new)).toEqual(["[unknown]", '"<project>/plesk/main.ts"']);
  });

  it("are bounded, and different long values stay different", () => {
    const long = (end: string) => `${"x".repeat(5000)}${end}`;
    const [diff] = update({ a: long("1") }, { a: long("2") }, "a");
    expect(diff?.old?.length).toBeLessThanOrEqual(MAX_VALUE);
    expect(diff?.old).not.toBe(diff?.new);
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, i]));
    expect(diffs({ op: "create", name: "x", new: many }).length).toBeLessThan(70);
  });

  it("read the engine's property paths", () => {
    expect(parsePath('a.b[0]["odd. \\"key"].c')).toEqual(["a", "b", 0, 'odd. "key', "c"]);
    expect(parsePath('["x"]')).toEqual(["x"]);
    expect(parsePath("]]")).toEqual(["]]"]);
    fc.assert(fc.property(fc.string(), (path) => Array.isArray(parsePath(path))));
  });
});

// A published provider reports these at each update; a review of one field that lists seven is not read.
describe("what nobody declared and nothing is sent of", () => {
  const type = "vercel:index/project:Project";
  const computed = (...paths: string[]) =>
    Object.fromEntries(paths.map((path) => [path, { diffKind: "update", inputDiff: false }]));
  const told = (inputs: Record<string, unknown>, state: Record<string, unknown>) =>
    diffs({
      op: "update",
      name: "x",
      type,
      old: { framework: "astro", ...inputs },
      oldOutputs: { framework: "astro", ...inputs, ...state },
      new: { framework: "vite", ...inputs },
      diff: computed(
        "framework",
        ...Object.keys(state),
        "gitProviderOptions",
        "previewComments",
        "enablePreviewFeedback",
      ),
    });

  it("is no change: one changed field is one line", () => {
    const state = { resourceConfig: { fluid: true }, buildMachineType: "standard", serverlessFunctionRegion: "iad1" };
    expect(told({}, state)).toEqual([{ path: "framework", kind: "update", old: '"astro"', new: '"vite"' }]);
  });

  it("is told as soon as somebody declares it", () => {
    const paths = told({ buildMachineType: "standard" }, {}).map(({ path }) => path);
    expect(paths).toEqual(["framework"]);
    const changed = diffs({
      op: "update",
      name: "x",
      type,
      old: {},
      oldOutputs: { buildMachineType: "standard" },
      new: { buildMachineType: "turbo" },
      diff: computed("buildMachineType"),
    });
    expect(changed.map(({ path }) => path)).toEqual(["buildMachineType"]);
  });

  it("is told where null is sent for it, which removes what a person has set", () => {
    const found = diffs({
      op: "update",
      name: "x",
      type,
      old: {},
      oldOutputs: { buildCommand: "make" },
      new: {},
      diff: { buildCommand: { diffKind: "delete", inputDiff: false } },
    });
    expect(found).toEqual([{ path: "buildCommand", kind: "delete", old: '"make"' }]);
  });
});

describe("secrets", () => {
  it("stay masked", () => {
    expect(update({ a: masked }, { a: masked }, "a")).toEqual([
      { path: "a", kind: "update", old: "[secret]", new: "[secret]" },
    ]);
  });

  it("are masked on both sides when one side is: what was a secret may still be one", () => {
    expect(JSON.stringify(update({ a: masked }, { a: "hunter2" }, "a"))).not.toContain("hunter2");
    expect(JSON.stringify(update({ a: "hunter2" }, { a: masked }, "a"))).not.toContain("hunter2");
    const list = (value: unknown) => ({
      environments: [
        { key: "A", value: "x" },
        { key: "B", value },
      ],
    });
    // Another place in the list, another path, the list as a whole: still the same position.
    expect(
      JSON.stringify(
        update(
          list(masked),
          { environments: [{ key: "B", value: "hunter2" }] },
          "environments",
          "environments[0].value",
        ),
      ),
    ).not.toContain("hunter2");
    expect(JSON.stringify(update(list(masked), { environments: "hunter2" }, "environments"))).not.toContain("hunter2");
    expect(JSON.stringify(update({ a: masked }, { a: { b: ["hunter2"] } }, "a", "a.b[0]"))).not.toContain("hunter2");
  });

  it("inside a document on stdin are masked, one by one where it can be read, else as a whole", () => {
    const document = { service: "api", host: { privateKey: "hunter2" }, env: { DB: "hunter2" }, password: "hunter2" };
    const [diff] = diffs({
      op: "create",
      name: "x",
      type: "command:local:Command",
      new: { stdin: JSON.stringify(document) },
    });
    expect(diff?.new).toContain('"service":"api"');
    expect(diff?.new).not.toContain("hunter2");
    const [plain] = diffs({ op: "create", name: "x", new: { stdin: "DB_PASSWORD=hunter2" } });
    expect(plain?.new).toBe("[secret]");
    const before = JSON.stringify({ mail: { code: "[secret]" } });
    expect(
      JSON.stringify(update({ stdin: before }, { stdin: JSON.stringify({ mail: { code: "hunter2" } }) }, "stdin")),
    ).not.toContain("hunter2");
  });

  it("are masked by name even where nobody declared them as such; names and switches are not", () => {
    const inputs = {
      password: "hunter2",
      apiKey: "hunter2",
      secretName: "DB_PASSWORD",
      sensitive: false,
      tokenType: "bot",
    };
    const text = JSON.stringify(diffs({ op: "create", name: "x", new: inputs }));
    expect(text).not.toContain("hunter2");
    for (const shown of ["DB_PASSWORD", "false", "bot"]) expect(text).toContain(shown);
    expect(
      JSON.stringify(diffs({ op: "create", name: "x", type: SECRET_TYPE, new: { plaintextValue: "hunter2" } })),
    ).not.toContain("hunter2");
  });

  it("never come through from the position of a secret, wherever it is (property)", () => {
    const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.string({ maxLength: 5 }));
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        leaf,
        fc.array(tie("tree"), { minLength: 1, maxLength: 3 }),
        fc.dictionary(fc.constantFrom("a", "b", "c", "odd.key"), tie("tree"), { minKeys: 1, maxKeys: 3 }),
      ),
    }));
    const put = (value: unknown, steps: readonly number[], leafValue: unknown): unknown => {
      if (value === null || typeof value !== "object") return leafValue;
      const keys = Object.keys(value);
      const key = keys[(steps[0] ?? 0) % keys.length] as string;
      const below = put((value as Record<string, unknown>)[key], steps.slice(1), leafValue);
      return Array.isArray(value) ? value.with(Number(key), below) : { ...value, [key]: below };
    };
    fc.assert(
      fc.property(
        tree,
        fc.array(fc.nat(), { maxLength: 6 }),
        fc.boolean(),
        fc.boolean(),
        (value, steps, swap, asText) => {
          const wrap = (one: unknown) => ({ p: asText ? JSON.stringify({ d: one }) : one });
          const [hidden, open] = [wrap(put(value, steps, "[secret]")), wrap(put(value, steps, "hunter2-sentinel"))];
          const found = swap ? update(open, hidden, "p") : update(hidden, open, "p");
          expect(JSON.stringify(found)).not.toContain("hunter2-sentinel");
        },
      ),
    );
  });
});
