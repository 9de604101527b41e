import protobuf from "protobufjs/minimal.js";
import type { Failure } from "../check.ts";
import type { Diff } from "../resource.ts";
import { topLevel } from "../resource.ts";

type Writer = protobuf.Writer;

// Numbers from pulumi/provider.proto.
const KINDS = { add: [0, 1], delete: [2, 3], update: [4, 5] } as const;
const DIFF_NONE = 1;
const DIFF_SOME = 2;

/** The bytes of a message with nothing in it. */
export const EMPTY_MESSAGE: Uint8Array = new Uint8Array(0);

function text(writer: Writer, field: number, value: string): void {
  if (value !== "") writer.uint32((field << 3) | 2).string(value);
}

function message(writer: Writer, field: number, value: Uint8Array | undefined): void {
  if (value !== undefined) writer.uint32((field << 3) | 2).bytes(value);
}

/** CheckResponse, and InvokeResponse, which has the same form. */
export function checkResponse(inputs: Uint8Array | undefined, failures: readonly Failure[]): Uint8Array {
  const writer = protobuf.Writer.create();
  message(writer, 1, inputs);
  for (const { property, reason } of failures) {
    writer.uint32(18).fork();
    text(writer, 1, property);
    text(writer, 2, reason);
    writer.ldelim();
  }
  return writer.finish();
}

/** CreateResponse; ReadResponse when there are `inputs`. */
export function stateResponse(id: string, properties: Uint8Array | undefined, inputs?: Uint8Array): Uint8Array {
  const writer = protobuf.Writer.create();
  text(writer, 1, id);
  message(writer, 2, properties);
  message(writer, 3, inputs);
  return writer.finish();
}

/** UpdateResponse. */
export function updateResponse(properties: Uint8Array): Uint8Array {
  const writer = protobuf.Writer.create();
  message(writer, 1, properties);
  return writer.finish();
}

/** DiffResponse of provider configuration: the keys that changed. */
export function diffConfigResponse(changed: readonly string[]): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(32).int32(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
  for (const key of changed) text(writer, 5, key);
  return writer.finish();
}

/** DiffResponse with its detailed form. */
export function diffResponse(diff: Diff): Uint8Array {
  const writer = protobuf.Writer.create();
  const replaces = new Set(diff.replaces);
  const tops = new Set(replaces);
  for (const property of replaces) text(writer, 1, property);
  if (diff.deleteBeforeReplace) writer.uint32(24).bool(true);
  for (const { path } of diff.differences) tops.add(topLevel(path));
  writer.uint32(32).int32(tops.size > 0 ? DIFF_SOME : DIFF_NONE);
  for (const top of tops) text(writer, 5, top);
  for (const { path, kind } of diff.differences) {
    writer.uint32(50).fork().uint32(10).string(path).uint32(18).fork();
    writer.uint32(8).int32(KINDS[kind][replaces.has(topLevel(path)) ? 1 : 0]);
    writer.ldelim().ldelim();
  }
  return writer.uint32(56).bool(true).finish();
}
