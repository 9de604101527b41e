// Breaks when generated values stop staying, stop being secret, or are made of the wrong characters.
import { compare } from "bcryptjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { random } from "../../../sandbox/providers/random/index.ts";
import { isSecret, reveal, TestEngine } from "./engine.ts";

const type = (name: string) => `random:index/${name[0]!.toLowerCase()}${name.slice(1)}:${name}`;
let bytes: TestEngine;
let password: TestEngine;
let text: TestEngine;
let id: TestEngine;
beforeAll(async () => {
  bytes = await TestEngine.start(random, type("RandomBytes"));
  [password, text, id] = [
    bytes.for(type("RandomPassword")),
    bytes.for(type("RandomString")),
    bytes.for(type("RandomId")),
  ];
});
afterAll(async () => {
  await Promise.all([password.stop(), text.stop(), id.stop()]);
  await bytes.stop();
});

describe("RandomBytes", () => {
  it("makes as many bytes as asked for, secret in both forms", async () => {
    const { properties } = await bytes.create({ length: 24 });
    expect([isSecret(properties.hex), isSecret(properties.base64)]).toEqual([true, true]);
    const hex = reveal(properties.hex) as string;
    expect(hex).toMatch(/^[0-9a-f]{48}$/);
    expect(Buffer.from(reveal(properties.base64) as string, "base64").toString("hex")).toBe(hex);
  });

  it("is imported by its base64 form", async () => {
    const found = await bytes.read(Buffer.from("hello").toString("base64"));
    expect(reveal(found)).toMatchObject({ properties: { hex: "68656c6c6f", length: 5 }, inputs: { length: 5 } });
  });

  it("keeps its value in a refresh and replaces for length and keepers", async () => {
    const { id: made, properties } = await bytes.create({ length: 8, keepers: { a: "1" } });
    expect((await bytes.read(made, properties, { length: 8, keepers: { a: "1" } })).properties).toEqual(properties);
    expect((await bytes.diff(properties, { length: 8, keepers: { a: "1" } })).changes).toBe(false);
    expect((await bytes.diff(properties, { length: 9, keepers: { a: "1" } })).replaces).toEqual(["length"]);
    expect((await bytes.diff(properties, { length: 8, keepers: { a: "2" } })).detailed).toEqual({
      "keepers.a": "UPDATE_REPLACE",
    });
  });

  it("refuses a length below one", async () => {
    expect((await bytes.check({ length: 0 })).failures).toEqual([
      { property: "length", reason: "value must be at least 1, got: 0" },
    ]);
  });
});

describe("RandomPassword and RandomString", () => {
  it("hold the characters that were asked for", async () => {
    const { id: made, properties } = await password.create({ length: 40, special: false, minUpper: 5, minNumeric: 5 });
    const value = reveal(properties.result) as string;
    expect(made).toBe("none");
    expect([isSecret(properties.result), isSecret(properties.bcryptHash)]).toEqual([true, true]);
    expect(value).toMatch(/^[A-Za-z0-9]{40}$/);
    expect(value.replace(/[^A-Z]/g, "").length).toBeGreaterThanOrEqual(5);
    expect(value.replace(/[^0-9]/g, "").length).toBeGreaterThanOrEqual(5);
    expect(await compare(value, reveal(properties.bcryptHash) as string)).toBe(true);
  });

  it("uses the special characters given", async () => {
    const { id: made, properties } = await text.create({
      length: 12,
      upper: false,
      lower: false,
      numeric: false,
      overrideSpecial: "_",
    });
    expect([made, properties.result, properties.number]).toEqual(["____________", "____________", false]);
  });

  it("refuses minimums that do not fit, and no characters at all", async () => {
    expect((await text.check({ length: 3, minUpper: 2, minLower: 2 })).failures).toHaveLength(1);
    await expect(
      text.create({ length: 3, upper: false, lower: false, numeric: false, special: false }),
    ).rejects.toThrow("empty");
  });

  it("shows no difference afterwards", async () => {
    const { properties } = await text.create({ length: 5 });
    expect((await text.diff(properties, { length: 5 })).changes).toBe(false);
  });
});

describe("RandomId", () => {
  it("puts the prefix before every form but the id, and imports it back", async () => {
    const { id: made, properties } = await id.create({ byteLength: 4, prefix: "x-" });
    expect(properties.hex).toMatch(/^x-[0-9a-f]{8}$/);
    expect(properties.b64Url).toBe(`x-${made}`);
    const imported = await id.read(`x-,${made}`);
    expect(imported.properties).toEqual(properties);
    expect(imported.inputs).toEqual({ byteLength: 4, prefix: "x-" });
  });
});
