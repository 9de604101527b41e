// Breaks when a property reaches the API under another name, or comes back under one that no SDK knows.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBody, toBody, toSnake } from "../../../../sandbox/providers/cloudflare/names.ts";
import { boolean, object, string } from "../../../../sandbox/providers/framework/index.ts";

describe("toSnake", () => {
  it.each([
    ["zoneId", "zone_id"],
    ["ipv4Only", "ipv4_only"],
    ["flattenCname", "flatten_cname"],
    ["commentModifiedOn", "comment_modified_on"],
    ["ttl", "ttl"],
  ])("%s is %s", (camel, snake) => expect(toSnake(camel)).toBe(snake));
});

describe("toBody and fromBody", () => {
  const properties = { zoneId: string(), name: string(), settings: object({ ipv4Only: boolean() }) };

  it("leave out what travels in the path, what is not known to the schema, and what the API says is null", () => {
    const inputs = { zoneId: "z", name: "n", settings: { ipv4Only: true }, stray: 1 };
    expect(toBody(inputs, properties, ["zoneId"])).toEqual({ name: "n", settings: { ipv4_only: true } });
    expect(fromBody({ name: null, zone_id: "z", other: 1 }, properties)).toEqual({ zoneId: "z" });
  });

  it("are each other's inverse", () => {
    const settings = fc.record({ ipv4Only: fc.boolean() }, { requiredKeys: [] });
    const inputs = fc.record({ zoneId: fc.string(), name: fc.string(), settings }, { requiredKeys: [] });
    fc.assert(
      fc.property(inputs, (given) => {
        expect(fromBody(toBody(given, properties), properties)).toEqual(given);
      }),
    );
  });
});
