import sdkProto from "@pulumi/pulumi/proto/resource_pb.js";
import fc from "fast-check";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { expect, it } from "vitest";
import { readAnswersPlainly } from "../../../../fleet/engine/plain-answers.ts";

// What breaks when this fails: a program in a runner reads other outputs than one of plain `pulumi`.

const { RegisterResourceResponse } = sdkProto;
const { deserializeBinary } = RegisterResourceResponse;
const plain = (bytes: Uint8Array) => deserializeBinary.call(RegisterResourceResponse, bytes);
const value = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<never>;

it("an answer that is read from its bytes says what the SDK reads in it", () => {
  readAnswersPlainly();
  fc.assert(
    fc.property(fc.string(), fc.option(fc.dictionary(fc.string(), value)), fc.boolean(), (id, outputs, stable) => {
      const message = new RegisterResourceResponse();
      message.setUrn("urn:1");
      message.setId(id);
      if (outputs) message.setObject(struct.Struct.fromJavaScript(outputs));
      message.setStable(stable);
      message.setStablesList(["a", id]);
      message
        .getPropertydependenciesMap()
        .set("p", new RegisterResourceResponse.PropertyDependencies().setUrnsList(["u", id]));
      const bytes = message.serializeBinary();
      const [read, wanted] = [RegisterResourceResponse.deserializeBinary(bytes), plain(bytes)];
      expect(read.getObject()?.toJavaScript()).toEqual(wanted.getObject()?.toJavaScript());
      const rest = (one: typeof read) => [
        one.getUrn(),
        one.getId(),
        one.getStable(),
        one.getStablesList(),
        one.getPropertydependenciesMap().get("p")?.getUrnsList(),
      ];
      expect(rest(read)).toEqual(rest(wanted));
    }),
  );
});

it.each([
  ["numbers at the edges", { a: -0, b: 1e300, c: 5e-324, d: 2 ** 53 }],
  ["texts of every length of a character", { "": "ä€😀\u0000", ключ: "" }],
  ["a text longer than a short length tells", { long: "x".repeat(20_000), list: Array(200).fill("y") }],
  [
    "what marks a secret",
    { s: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: [1] } },
  ],
])("%s are read as the SDK reads them", (_what, outputs) => {
  readAnswersPlainly();
  const message = new RegisterResourceResponse().setObject(struct.Struct.fromJavaScript(outputs as never));
  const read = RegisterResourceResponse.deserializeBinary(message.serializeBinary());
  expect(read.getObject()?.toJavaScript()).toEqual(outputs);
});
