import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Declared, Run } from "./engine.ts";
import { TestStack } from "./engine.ts";
import { isSecret, isUnknown, opsOf, pathsOf, shows } from "./look.ts";
import type { Plugin } from "./plugins.ts";
import { realPlugin, standIn } from "./plugins.ts";
import type { ProviderTable, TypeRow, Values } from "./types.ts";
import type { World } from "./world.ts";

/** Makes the tests of a provider's table: against the stand-in, and against the real plugin when there is one. */
export function conform(table: ProviderTable): void {
  suite(table, "stand-in", (world) => standIn(table.provider, world.env));
  const real = realPlugin(table.provider);
  describe.skipIf(real === undefined)(`${table.provider} ${table.version}: real plugin`, () => {
    if (real !== undefined) {
      suite(table, "real", async (world) => ({ ...real, env: { ...real.env, ...world.realEnv } }));
    }
  });
}

// One stack holds a resource for every row, so that each phase of the engine runs once for a provider.
function suite(table: ProviderTable, kind: string, start: (world: World) => Promise<Plugin>): void {
  describe(`${table.provider} ${table.version}: ${kind}`, () => {
    let world: World;
    let plugin: Plugin;
    let stack: TestStack;
    let passing: TestStack | undefined;
    let env: Record<string, string>;
    const rows = table.types.flatMap(rowsOf);
    const declare = (version: "from" | "to"): Declared[] =>
      rows.map((row) =>
        declared(row.type, row.name, row.inputs(world, version), row.change?.options ?? row.drift?.options),
      );

    beforeAll(async () => {
      world = await table.world();
      plugin = await start(world);
      env = { ...world.env, ...plugin.env };
      stack = await TestStack.create(env, world.config);
      stack.resources = declare("from");
    });
    afterAll(async () => {
      await stack?.remove();
      await passing?.remove();
      await plugin?.stop();
      await world?.stop();
    });

    test("a preview of new resources shows creates, and what is not known yet as unknown", async () => {
      const run = await stack.preview();
      expectOk(run);
      for (const row of rows) {
        expect(opsOf(run, row.name), row.name).toEqual(["create"]);
        if (!row.base) continue;
        const { outputs } = run.steps.find((step) => step.name === row.name)!;
        for (const name of row.type.unknown) expect(isUnknown(outputs[name]), `${row.name}.${name}`).toBe(true);
      }
    });

    test("up makes them, with the outputs and the secrets that the table states", async () => {
      expectOk(await stack.up());
      const state = await stack.state();
      for (const row of rows.filter((item) => item.base)) {
        const outputs = state[row.name]!.outputs;
        for (const [name, value] of Object.entries(row.type.outputs ?? {}))
          shows(outputs[name], value, `${row.name}.${name}`);
        for (const name of row.type.secret ?? [])
          expect(isSecret(outputs[name]), `${row.name}.${name} is secret`).toBe(true);
      }
    });

    test("a second preview is empty", async () => {
      const run = await stack.preview();
      expectOk(run);
      expect(run.steps.filter((step) => step.op !== "same").map((step) => `${step.op} ${step.name}`)).toEqual([]);
    });

    test("after a refresh, only what was changed outside differs", async () => {
      const state = await stack.state();
      for (const row of rows) if (row.drift !== undefined) await row.drift.happens(world, state[row.name]!);
      expectOk(await stack.refresh());
      const run = await stack.preview();
      expectOk(run);
      for (const row of rows) expect(changeIn(run, row.name), row.name).toBe(row.drift?.next ?? "same");
      expectOk(await stack.up());
    });

    test("changed inputs update or replace, in the order that the table states", async () => {
      stack.resources = declare("to");
      const preview = await stack.preview();
      const told = pathsOf(stack.events);
      expectOk(preview);
      const run = await stack.up();
      expectOk(run);
      const state = await stack.state();
      for (const row of rows) {
        const wanted = row.change?.becomes ?? (row.drift?.to ? "update" : "same");
        expect(changeIn(preview, row.name), `preview of ${row.name}`).toBe(wanted);
        expect(changeIn(run, row.name), row.name).toBe(wanted);
        const outputs = preview.steps.find((step) => step.name === row.name && step.op === "update")?.outputs ?? {};
        if (row.change?.tells) expect(told.get(row.name), `review of ${row.name}`).toEqual(row.change.tells);
        await row.drift?.stays?.(world, state[row.name]!);
        for (const name of row.change?.unknown ?? [])
          expect(isUnknown(outputs[name]), `${row.name}.${name} in the preview`).toBe(true);
        for (const [name, value] of Object.entries(row.change?.outputs ?? {}))
          shows(state[row.name]!.outputs[name], value, `${row.name}.${name}`);
      }
      const again = await stack.preview();
      expect(again.steps.filter((step) => step.op !== "same").map((step) => `${step.op} ${step.name}`)).toEqual([]);
    });

    test("what exists is imported by its id", async () => {
      const state = await stack.state();
      const importing = rows.filter((row) => row.base && row.type.importId !== undefined);
      if (importing.length === 0) return;
      const second = await TestStack.create(env, world.config);
      try {
        second.resources = importing.map((row) => ({
          ...declared(row.type, row.name, without(row.inputs(world, "from"), row.type.importForgets ?? [])),
          options: { ...row.type.options, import: row.type.importId!(state[row.name]!) },
        }));
        const run = await second.up();
        expectOk(run);
        for (const row of importing) {
          expect([...new Set(opsOf(run, row.name))], row.name).toEqual(["import"]);
        }
        const ids = await second.state();
        for (const row of importing) expect(ids[row.name]!.id, row.name).toBe(state[row.name]!.id);
      } finally {
        await second.remove();
      }
    });

    test("destroy removes them from the vendor", async () => {
      expectOk(await stack.destroy());
      expect(world.leftovers()).toEqual([]);
      await table.afterwards?.(world);
    });

    test.each(table.types.filter((type) => type.required.length > 0))(
      "$type: missing inputs are refused",
      async (type) => {
        await inPassing({ type: type.type, inputs: { ...type.requiredWith } }, async (other) => {
          const run = await other.preview();
          expect(run.ok).toBe(false);
          for (const name of type.required) expect(run.said).toMatch(new RegExp(`\\b${name}\\b`));
        });
      },
    );

    const invalid = table.types.flatMap((type) => (type.invalid ?? []).map((row) => ({ type, ...row })));
    test.each(invalid)("$type.type: $name is refused", async (row) => {
      await inPassing(
        { type: row.type.type, inputs: { ...row.type.inputs(world, "refused"), ...row.with } },
        async (other) => {
          const run = await other.preview();
          expect(run.ok).toBe(false);
          expect(run.said).toMatch(row.says);
        },
      );
    });

    const late = table.types.flatMap((type) => (type.failsLate ?? []).map((row) => ({ type, ...row })));
    test.each(late)("$type.type: $name passes the preview and fails in up", async (row) => {
      await inPassing(
        { type: row.type.type, inputs: { ...row.type.inputs(world, "late"), ...row.with } },
        async (other) => {
          expectOk(await other.preview());
          const run = await other.up();
          expect(run.ok).toBe(false);
          expect(run.said).toMatch(row.says);
        },
      );
    });

    // A stack for what never gets made.
    async function inPassing(
      declared: Omit<Declared, "name">,
      look: (other: TestStack) => Promise<void>,
    ): Promise<void> {
      passing ??= await TestStack.create(env, world.config);
      passing.resources = [{ ...declared, name: "passing" }];
      await look(passing);
    }
  });
}

interface Row {
  readonly type: TypeRow;
  readonly name: string;
  readonly base: boolean;
  readonly change?: TypeRow["changes"][number];
  readonly drift?: NonNullable<TypeRow["drifts"]>[number];
  readonly inputs: (world: World, version: "from" | "to") => Values;
}

function rowsOf(type: TypeRow): Row[] {
  const [, module = "", title = ""] = type.type.split(":");
  const short = (module.startsWith("index") ? title : `${module}-${title}`).toLowerCase();
  const slug = (text: string): string => `${short}-${text.replaceAll(" ", "-")}`;
  const base = (name: string) => (world: World) => type.inputs(world, name);
  return [
    { type, name: slug("base"), base: true, inputs: base(slug("base")) },
    ...type.changes.map((change) => {
      const name = slug(change.name);
      return {
        type,
        name,
        base: false,
        change,
        inputs: (world: World, version: "from" | "to") => ({
          ...type.inputs(world, name),
          ...valuesOf(change[version], world),
        }),
      };
    }),
    ...(type.drifts ?? []).map((drift) => {
      const name = slug(drift.name);
      const inputs = (world: World, version: "from" | "to") => ({
        ...type.inputs(world, name),
        ...drift.from,
        ...(version === "to" ? drift.to : {}),
      });
      return { type, name, base: false, drift, inputs };
    }),
  ];
}

function valuesOf(values: TypeRow["changes"][number]["from"], world: World): Values {
  return typeof values === "function" ? values(world) : (values ?? {});
}

function declared(type: TypeRow, name: string, inputs: Values, options?: Declared["options"]): Declared {
  return { type: type.type, name, inputs, options: { ...type.options, ...options } };
}

// What a run did with a resource, in the table's words.
function changeIn(run: Run, name: string): string {
  const ops = opsOf(run, name).filter((op) => op !== "replace");
  if (ops.length < 2) return ops[0] ?? "nothing";
  return ops[0] === "create-replacement" ? "replace, create first" : "replace, delete first";
}

function expectOk(run: Run): void {
  expect(run.ok, run.said).toBe(true);
}

function without(inputs: Values, names: readonly string[]): Values {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => !names.includes(name)));
}
