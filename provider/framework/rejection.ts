import type { ServiceError } from "@grpc/grpc-js";
import { Metadata, status } from "@grpc/grpc-js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import statusPb from "@pulumi/pulumi/proto/status_pb.js";
import anyPb from "google-protobuf/google/protobuf/any_pb.js";
import structPb from "google-protobuf/google/protobuf/struct_pb.js";
import { redact } from "./redact.ts";

/** A {@link PartialFailure} with its outputs and inputs already encoded: the engine keeps the resource in the state. */
export class InitFailed extends Error {
  readonly id: string;
  readonly outputs: Uint8Array;
  readonly inputs: Uint8Array | undefined;
  readonly reasons: readonly string[];

  constructor(id: string, outputs: Uint8Array, inputs: Uint8Array | undefined, reasons: readonly string[]) {
    super(reasons.join("; "));
    this.id = id;
    this.outputs = outputs;
    this.inputs = inputs;
    this.reasons = reasons;
  }
}

/** The gRPC error for something thrown, with every secret blacked out. */
export function rejection(error: unknown, secrets: readonly string[]): Partial<ServiceError> {
  const text = redact(error instanceof Error ? error.message : String(error), secrets);
  const metadata = new Metadata();
  if (error instanceof InitFailed) {
    const detail = new pb.ErrorResourceInitFailed()
      .setId(error.id)
      .setProperties(toStruct(error.outputs))
      .setInputs(error.inputs && toStruct(error.inputs))
      .setReasonsList(error.reasons.map((reason) => redact(reason, secrets)));
    const any = new anyPb.Any();
    any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const body = new statusPb.Status().setCode(status.UNKNOWN).setMessage(text);
    body.addDetails(any); // gives back what was added, not the status
    const bytes = (body as unknown as { serializeBinary(): Uint8Array }).serializeBinary();
    metadata.add("grpc-status-details-bin", Buffer.from(bytes));
  }
  return { code: status.UNKNOWN, details: text, message: text, metadata };
}

// The generated reader takes no Buffer.
const toStruct = (bytes: Uint8Array) => structPb.Struct.deserializeBinary(new Uint8Array(bytes));
