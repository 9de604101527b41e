import pb from "@pulumi/pulumi/proto/provider_pb.js";
import structPb from "google-protobuf/google/protobuf/struct_pb.js";
import { SitefleetError } from "../../../errors/index.ts";
import { nameOfUrn, typeOfUrn } from "../../../provider/framework/urn.ts";
import type { AdoptionOf } from "../../../vendors/adoptable.ts";
import { resourceType } from "../../../vendors/index.ts";
import type { Props } from "../../../vendors/live.ts";

/** An object that is taken into a state. */
export interface Adopted {
  readonly urn: string;
  /** As the scan has it. */
  readonly id: string;
  /** What only its owner knows of it, see `Adoptable`. @default nothing */
  readonly value?: string;
}

/** Marks a value as secret between engine and providers (sdk/go/common/resource/plugin/rpc.go). */
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

/**
 * Answers a create with what a read finds.
 *
 * @param request as the engine sent it
 * @throws SitefleetError `adopt.left`, `adopt.changed`
 */
export async function createByReading(
  request: Buffer,
  adopted: ReadonlyMap<string, Adopted>,
  passOn: (method: string, request: Buffer) => Promise<Buffer>,
): Promise<Buffer> {
  const create = pb.CreateRequest.deserializeBinary(request);
  const urn = create.getUrn();
  const inputs = (create.getProperties()?.toJavaScript() ?? {}) as Props;
  const wanted = adopted.get(urn);
  const how = wanted && (await resourceType(typeOfUrn(urn))?.adopt?.(inputs, wanted.id, wanted.value));
  if (how === undefined) {
    const message = "it is not among what is adopted: the next update makes it";
    throw new SitefleetError({ code: "adopt.left", message, subject: nameOfUrn(urn) });
  }
  if (how.by === "declaration") {
    const hidden = how.secret.map((key) => [key, { ...SECRET, value: how.outputs[key] ?? "" }]);
    return answerOf(how.id, { ...how.outputs, ...Object.fromEntries(hidden) });
  }
  const found = pb.ReadResponse.deserializeBinary(await passOn("Read", readOf(urn, inputs, how)));
  if (found.getId() === "") {
    throw new SitefleetError({
      code: "adopt.changed",
      message: "it is not there any more",
      subject: nameOfUrn(urn),
      hint: "sitefleet adopt scan --again, then adopt match",
    });
  }
  const outputs = (found.getProperties()?.toJavaScript() ?? {}) as Props;
  const kept = how.by === "import" ? (how.keep ?? []).map((key) => [key, inputs[key]]) : [];
  return answerOf(found.getId(), { ...outputs, ...Object.fromEntries(kept) });
}

function readOf(urn: string, inputs: Props, how: Exclude<AdoptionOf, { by: "declaration" }>): Buffer {
  const read = new pb.ReadRequest().setId(how.id).setUrn(urn).setName(nameOfUrn(urn)).setType(typeOfUrn(urn));
  // Without a state and inputs the provider imports.
  read.setProperties(structOf(how.by === "read" ? how.properties : {}));
  if (how.by === "read") read.setInputs(structOf(inputs));
  return Buffer.from(read.serializeBinary());
}

function answerOf(id: string, outputs: Props): Buffer {
  return Buffer.from(new pb.CreateResponse().setId(id).setProperties(structOf(outputs)).serializeBinary());
}

const structOf = (props: Props) =>
  structPb.Struct.fromJavaScript(props as Parameters<typeof structPb.Struct.fromJavaScript>[0]);
