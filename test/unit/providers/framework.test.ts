// Breaks when the stand-ins stop speaking the engine's protocol: unknowns, secrets, differences, partial failures.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Props } from "../../../sandbox/providers/framework/index.ts";
import {
  ApiError,
  boolean,
  defineProvider,
  integer,
  list,
  map,
  object,
  PartialFailure,
  set,
  string,
  UNKNOWN,
} from "../../../sandbox/providers/framework/index.ts";
import { isSecret, reveal, secret, TestEngine } from "./engine.ts";

const TYPE = "toy:index/thing:Thing";
let things: Map<string, Props>;
let seen: Props[];

const toy = defineProvider<{ token: string }>({
  name: "toy",
  version: "1.0.0",
  config: { token: string({ secret: true, required: true, env: ["TOY_TOKEN"] }), retries: integer({ default: 3 }) },
  configure: ({ token }) => ({ token: String(token) }),
  resources: {
    [TYPE]: {
      deleteBeforeReplace: true,
      properties: {
        name: string({ required: true }),
        zone: string({ replaces: true }),
        size: integer({ default: 1 }),
        password: string({ secret: true }),
        tags: set(string()),
        steps: list(string()),
        labels: map(string()),
        entries: set(
          object({ key: string({ required: true }), value: string({ secret: true }), id: string({ computed: true }) }),
        ),
        mode: string({ computed: true, allowed: ["fast", "slow"] }),
        link: object({ repo: string({ required: true }), branch: string({ computed: true }) }),
        enabled: boolean(),
        url: string({ output: true }),
        revision: integer({ output: true, volatile: true }),
      },
      async create({ inputs, client }) {
        seen.push(inputs);
        if (inputs.name === "explode") throw new Error(`refused ${inputs.password} with ${client.token}`);
        const id = `thing-${things.size + 1}`;
        const outputs = { ...inputs, mode: inputs.mode ?? "fast", url: `https://${inputs.name}`, revision: 1 };
        things.set(id, outputs);
        if (inputs.name === "half")
          throw new PartialFailure({ id, outputs, reasons: [`not ready: ${inputs.password}`] });
        return { id, outputs: { ...outputs, by: undefined } };
      },
      async read({ id }) {
        const outputs = things.get(id);
        if (outputs === undefined) throw new ApiError({ status: 404, apiCode: "gone", message: "gone" });
        return { id, outputs };
      },
      async update({ id, inputs, changed }) {
        seen.push({ ...inputs, changed: [...changed].sort() });
        const outputs = { ...things.get(id), ...inputs, revision: 2 };
        things.set(id, outputs);
        return outputs;
      },
      async delete({ id }) {
        if (!things.delete(id)) throw new ApiError({ status: 404, apiCode: "gone", message: "gone" });
      },
    },
  },
  functions: {
    "toy:index/getThing:getThing": {
      inputs: { name: string({ required: true }) },
      outputs: { name: string(), key: string({ secret: true }) },
      invoke: async ({ inputs, client }) => ({ name: inputs.name, key: client.token }),
    },
  },
});

let engine: TestEngine;
beforeAll(async () => {
  engine = await TestEngine.start(toy, TYPE, { token: "configured-token" });
});
afterAll(() => engine.stop());
beforeEach(() => {
  things = new Map();
  seen = [];
});

describe("check", () => {
  it("keeps unknowns, marks secrets of the schema, and writes no defaults into the inputs", async () => {
    const { inputs, failures } = await engine.check({ name: UNKNOWN, password: "pw", tags: [UNKNOWN, "a"] });
    expect(failures).toEqual([]);
    expect(inputs).toEqual({ name: UNKNOWN, password: secret("pw"), tags: [UNKNOWN, "a"] });
  });

  it("keeps secrets where the user put them", async () => {
    const { inputs } = await engine.check({ name: secret("n"), labels: { a: secret("x"), b: "y" } });
    expect(inputs).toEqual({ name: secret("n"), labels: { a: secret("x"), b: "y" } });
  });

  it("treats every type of unknown alike", async () => {
    const { inputs, failures } = await engine.check({
      name: "n",
      size: "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
      steps: "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    });
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject({ size: UNKNOWN, steps: UNKNOWN });
  });

  it("reports every problem with its path", async () => {
    const { failures } = await engine.check({
      size: "many",
      mode: "odd",
      entries: [{ key: "k" }, { value: "v" }],
      url: "x",
      nope: 1,
      tags: "a",
    });
    expect(failures.map(({ property }) => property).sort()).toEqual([
      "entries[1].key",
      "mode",
      "name",
      "nope",
      "size",
      "tags",
      "url",
    ]);
  });

  it("converts numbers and booleans given as text", async () => {
    const { inputs } = await engine.check({ name: 5, size: "2", enabled: "true" });
    expect(inputs).toEqual({ name: "5", size: 2, enabled: true });
  });
});

describe("diff", () => {
  const state = { name: "n", size: 1, mode: "fast", url: "u", revision: 1, tags: ["a", "b"], zone: "z" };
  const inputs = { name: "n", tags: ["b", "a"], zone: "z" };

  it("finds nothing when defaults, provider-filled values and a set's order are all that is new", async () => {
    expect(await engine.diff(state, inputs)).toMatchObject({ changes: false, replaces: [], detailed: {} });
  });

  it("shows nested paths with what happens there", async () => {
    const diff = await engine.diff(
      { ...state, link: { repo: "a/b", branch: "main" }, steps: ["x", "y"], labels: { k: "1", gone: "2" } },
      { ...inputs, link: { repo: "a/c" }, steps: ["x", "z", "w"], labels: { k: "1", "new key": "3" } },
    );
    expect(diff.detailed).toEqual({
      "link.repo": "UPDATE",
      "steps[1]": "UPDATE",
      "steps[2]": "ADD",
      "labels.gone": "DELETE",
      'labels["new key"]': "ADD",
    });
    expect(diff.replaces).toEqual([]);
  });

  it("replaces, and deletes first where the type says so", async () => {
    const diff = await engine.diff(state, { ...inputs, zone: "other" });
    expect(diff).toMatchObject({
      changes: true,
      replaces: ["zone"],
      deleteBeforeReplace: true,
      detailed: { zone: "UPDATE_REPLACE" },
    });
  });

  it("takes an unknown for a change", async () => {
    expect(await engine.diff(state, { ...inputs, zone: UNKNOWN })).toMatchObject({ replaces: ["zone"] });
  });

  it("compares the elements of a set without what the provider filled in", async () => {
    const entries = [
      { key: "a", value: secret("1"), id: "e1" },
      { key: "b", value: secret("2"), id: "e2" },
    ];
    const same = await engine.diff(
      { ...state, entries },
      {
        ...inputs,
        entries: [
          { key: "b", value: "2" },
          { key: "a", value: "1" },
        ],
      },
    );
    expect(same.changes).toBe(false);
    const changed = await engine.diff(
      { ...state, entries },
      {
        ...inputs,
        entries: [
          { key: "a", value: "1" },
          { key: "b", value: "3" },
        ],
      },
    );
    expect(changed.detailed).toEqual({ "entries[1].value": "UPDATE" });
  });

  it("sees drift: the state differs from inputs that did not change", async () => {
    expect((await engine.diff({ ...state, size: 9 }, inputs)).detailed).toEqual({ size: "UPDATE" });
  });

  it("leaves ignored properties alone", async () => {
    const diff = await engine.diff(
      { ...state, size: 9 },
      { ...inputs, zone: "other" },
      { ignoreChanges: ["size", "zone"] },
    );
    expect(diff.changes).toBe(false);
  });

  it("shows the removal of an optional property", async () => {
    expect((await engine.diff({ ...state, steps: ["x"] }, inputs)).detailed).toEqual({ steps: "DELETE" });
  });
});

describe("create, update, read, delete", () => {
  it("previews with inputs, defaults and unknown outputs, and calls nothing", async () => {
    const { id, properties } = await engine.create({ name: "n", password: secret("pw") }, { preview: true });
    expect(id).toBe("");
    expect(properties).toEqual({
      name: "n",
      size: 1,
      password: secret("pw"),
      mode: UNKNOWN,
      url: UNKNOWN,
      revision: UNKNOWN,
    });
    expect(seen).toEqual([]);
  });

  it("gives the definition plain values and the engine its secrets back", async () => {
    const { id, properties } = await engine.create({ name: secret("n"), entries: [{ key: "k", value: "v" }] });
    expect(seen).toEqual([{ name: "n", size: 1, entries: [{ key: "k", value: "v" }] }]);
    expect(id).toBe("thing-1");
    expect(isSecret(properties.name)).toBe(true);
    expect(properties.entries).toEqual([{ key: "k", value: secret("v") }]);
    expect(properties).toMatchObject({ mode: "fast", size: 1, revision: 1 });
  });

  it("blacks secrets out of errors, also those of the configuration", async () => {
    const error = await engine.create({ name: "explode", password: "hunter2-secret" }).catch((cause: Error) => cause);
    expect(String(error)).toContain("refused [secret] with [secret]");
    expect(JSON.stringify(error)).not.toMatch(/hunter2|configured-token/);
  });

  it("keeps what exists when a create fails half way", async () => {
    const error = (await engine
      .create({ name: "half", password: "hunter2-secret" })
      .catch((cause: unknown) => cause)) as { partial: Props };
    expect(error.partial).toMatchObject({ id: "thing-1", reasons: ["not ready: [secret]"] });
    expect(reveal((error.partial.properties as Props).password)).toBe("hunter2-secret");
  });

  it("previews an update with stable outputs kept and volatile ones unknown", async () => {
    const { properties } = await engine.create({ name: "n" });
    const planned = await engine.update("thing-1", properties, { name: "m" }, { preview: true });
    expect(planned).toEqual({ name: "m", size: 1, mode: "fast", url: "https://n", revision: UNKNOWN });
  });

  it("tells an update what changed, and keeps ignored properties as the state has them", async () => {
    const { properties } = await engine.create({ name: "n", steps: ["a"] });
    await engine.update(
      "thing-1",
      { ...properties, size: 9 },
      { name: "m", steps: ["b"] },
      { ignoreChanges: ["size"] },
    );
    expect(seen.at(-1)).toMatchObject({ name: "m", size: 9, changed: ["name", "steps"] });
  });

  it("reads: gone is an empty id, and inputs follow the state only where they were given", async () => {
    await engine.create({ name: "n", tags: ["a"] });
    things.set("thing-1", { ...things.get("thing-1"), name: "drifted", enabled: true });
    const found = await engine.read("thing-1", { name: "n" }, { name: "n" });
    expect(found).toMatchObject({
      id: "thing-1",
      properties: { name: "drifted", enabled: true },
      inputs: { name: "drifted" },
    });
    expect(found.inputs).toEqual({ name: "drifted" });
    expect((await engine.read("thing-9", { name: "n" }, { name: "n" })).id).toBe("");
  });

  it("imports: all inputs but defaults and outputs", async () => {
    await engine.create({ name: "n", tags: ["a"], size: 1 });
    expect((await engine.read("thing-1")).inputs).toEqual({ name: "n", tags: ["a"], mode: "fast" });
  });

  it("takes a missing thing for deleted", async () => {
    await expect(engine.delete("thing-404", {})).resolves.toBeDefined();
  });
});

describe("provider", () => {
  it("checks functions' arguments and marks secret results", async () => {
    expect((await engine.invoke("toy:index/getThing:getThing", {})).failures).toEqual([
      "Missing required property 'name'",
    ]);
    expect((await engine.invoke("toy:index/getThing:getThing", { name: "x" })).result).toEqual({
      name: "x",
      key: secret("configured-token"),
    });
  });

  it("serves a schema with secrets and requirements", async () => {
    const schema = (await engine.schema()) as {
      resources: Record<string, { requiredInputs: string[]; inputProperties: Props }>;
    };
    expect(schema.resources[TYPE]!.requiredInputs).toEqual(["name"]);
    expect(Object.keys(schema.resources[TYPE]!.inputProperties)).not.toContain("url");
  });

  it("checks the configuration", async () => {
    expect(await engine.checkConfig({ retries: "4" })).toEqual(["Missing required property 'token'"]);
    expect(await engine.checkConfig({ token: "t", retries: "x" })).toHaveLength(1);
  });

  it("keeps each engine's configuration apart, and gives a new connection the last one", async () => {
    const other = new TestEngine(engine.served!.port, TYPE);
    await other.configure({ token: "other-token" });
    const token = async (of: TestEngine) =>
      reveal((await of.invoke("toy:index/getThing:getThing", { name: "x" })).result.key);
    expect(await token(engine)).toBe("configured-token");
    expect(await token(other)).toBe("other-token");
    const third = new TestEngine(engine.served!.port, TYPE);
    expect(await token(third)).toBe("other-token");
    await Promise.all([other.stop(), third.stop()]);
  });

  it("refuses types it does not know", async () => {
    await expect(engine.for("toy:index/other:Other").create({})).rejects.toThrow(
      "unrecognized resource type (toy:index/other:Other)",
    );
  });
});
