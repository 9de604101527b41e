// Breaks when our reading and writing of protobuf structs differs from Pulumi's generated code.
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import fc from "fast-check";
import structPb from "google-protobuf/google/protobuf/struct_pb.js";
import { describe, expect, it } from "vitest";
import { readRequest } from "../../../provider/framework/wire/requests.ts";
import { diffResponse } from "../../../provider/framework/wire/responses.ts";
import { decode, encode } from "../../../provider/framework/wire/struct.ts";
import type { Props } from "../../../sandbox/providers/framework/index.ts";
import { list, map, object, string } from "../../../sandbox/providers/framework/index.ts";
import { reveal, secret } from "./engine.ts";

type Json = Parameters<typeof structPb.Struct.fromJavaScript>[0];

const key = fc.string({ maxLength: 8 }).filter((text) => text !== "__proto__");
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.string({ unit: "grapheme" }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
    fc.boolean(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const anyProps = fc.dictionary(key, value, { maxKeys: 5, noNullPrototype: true }) as fc.Arbitrary<Props>;

const theirs = (props: Props): Uint8Array => structPb.Struct.fromJavaScript(props as Json).serializeBinary();
const readByThem = (bytes: Uint8Array): unknown =>
  structPb.Struct.deserializeBinary(new Uint8Array(bytes)).toJavaScript();

describe("structs", () => {
  it("are read as the generated code writes them", () => {
    fc.assert(
      fc.property(anyProps, (props) => {
        expect(decode(theirs(props)).props).toEqual(props);
      }),
    );
  });

  it("are written so that the generated code reads them", () => {
    fc.assert(
      fc.property(anyProps, (props) => {
        expect(readByThem(encode(props))).toEqual(props);
      }),
    );
  });

  it("keep every secret through reading and writing, wherever it was", () => {
    const leaf = fc.oneof(fc.string(), fc.string().map(secret), fc.array(fc.string().map(secret), { maxLength: 3 }));
    const props = fc.dictionary(key, fc.oneof(leaf, fc.dictionary(key, leaf, { noNullPrototype: true })), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(props, (given) => {
        const { props: plain, secrets } = decode(theirs(given as Props));
        const back = readByThem(encode(plain, undefined, secrets));
        expect(plain).toEqual(reveal(given));
        expect(reveal(back)).toEqual(reveal(given));
        expect(JSON.stringify(back).split("1b47061264138c4ac30d75fd1eb44270").length).toBeGreaterThanOrEqual(
          JSON.stringify(given).split("1b47061264138c4ac30d75fd1eb44270").length,
        );
      }),
    );
  });

  it("keep an element's secret part secret when the list is reordered", () => {
    const { secrets } = decode(theirs({ list: [{ a: secret("x") }, { a: "y" }] }));
    expect(readByThem(encode({ list: [{ a: "y" }, { a: "x" }] }, undefined, secrets))).toEqual({
      list: [{ a: secret("y") }, { a: secret("x") }],
    });
  });

  it("mark what the schema calls secret, in lists, maps and objects", () => {
    const properties = {
      l: list(string({ secret: true })),
      m: map(string({ secret: true })),
      o: object({ s: string({ secret: true }), p: string() }),
    };
    expect(readByThem(encode({ l: ["a"], m: { k: "b" }, o: { s: "c", p: "d" } }, properties))).toEqual({
      l: [secret("a")],
      m: { k: secret("b") },
      o: { s: secret("c"), p: "d" },
    });
  });

  it("take references for their ids and outputs for their values", () => {
    const signature = "4dabf18193072939515e22adb298388d";
    const reference = { [signature]: "5cf8f73096256a8f31e491e813e4eb8e", urn: "urn:x", id: "id-1" };
    const output = { [signature]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", value: "v", secret: true };
    const { props, secrets } = decode(theirs({ reference, output }));
    expect(props).toEqual({ reference: "id-1", output: "v" });
    expect(secrets?.children.get("output")?.whole).toBe(true);
  });
});

describe("messages", () => {
  const struct = structPb.Struct.fromJavaScript({ a: "b" });

  it("of every call are read field by field", () => {
    const update = new pb.UpdateRequest()
      .setId("i")
      .setUrn("u")
      .setOlds(struct)
      .setNews(struct)
      .setTimeout(2.5)
      .setPreview(true)
      .setOldInputs(struct);
    update.setIgnorechangesList(["x", "y"]).setName("n").setType("t");
    const read = readRequest("update", update.serializeBinary());
    expect(read).toMatchObject({ id: "i", urn: "u", timeout: 2.5, preview: true, ignoreChanges: ["x", "y"] });
    expect([decode(read.olds).props, decode(read.news).props]).toEqual([{ a: "b" }, { a: "b" }]);
    const check = new pb.CheckRequest()
      .setUrn("u")
      .setNews(struct)
      .setRandomseed(new Uint8Array([7]));
    expect(readRequest("check", check.serializeBinary())).toMatchObject({
      urn: "u",
      olds: undefined,
      randomSeed: new Uint8Array([7]),
    });
  });

  it("of a difference are read back by the generated code", () => {
    const bytes = diffResponse({
      differences: [
        { path: "a.b", kind: "add", replaces: false },
        { path: "c", kind: "delete", replaces: true },
      ],
      replaces: ["c"],
      deleteBeforeReplace: true,
    });
    const message = pb.DiffResponse.deserializeBinary(new Uint8Array(bytes)).toObject();
    expect(message).toMatchObject({
      replacesList: ["c"],
      diffsList: ["c", "a"],
      changes: 2,
      deletebeforereplace: true,
      hasdetaileddiff: true,
    });
    expect(message.detaileddiffMap).toEqual([
      ["a.b", { kind: 0, inputdiff: false }],
      ["c", { kind: 3, inputdiff: false }],
    ]);
  });
});
