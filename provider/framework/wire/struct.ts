import protobuf from "protobufjs/minimal.js";
import type { Properties, Property, Props } from "../properties.ts";
import { OUTPUT, REFERENCE, SECRET, SIGNATURE, UNKNOWN, UNKNOWNS } from "../values.ts";

type Reader = protobuf.Reader;
type Writer = protobuf.Writer;

/** Where secrets were in a value. The children of a list are merged under `*`, so that reordering keeps them secret. */
export interface SecretPaths {
  whole: boolean;
  readonly children: Map<string, SecretPaths>;
}

/** Plain values and, when there were any, where the secrets are. */
export interface Decoded {
  readonly props: Props;
  readonly secrets: SecretPaths | undefined;
}

// While decoding: the path is one growing and shrinking stack, read only when a secret is met.
interface State {
  readonly path: string[];
  secrets: SecretPaths | undefined;
}

/**
 * Reads the bytes of a `google.protobuf.Struct` straight into plain values: secrets opened, unknowns of every type as
 * {@link UNKNOWN}, nulls left out of objects. Half the work of a provider is this conversion; through the generated
 * classes it took three times as long.
 */
export function decode(bytes: Uint8Array | undefined): Decoded {
  if (bytes === undefined || bytes.length === 0) return { props: {}, secrets: undefined };
  const reader = protobuf.Reader.create(bytes);
  const state: State = { path: [], secrets: undefined };
  const props = readStruct(reader, reader.len, state) as Props;
  return { props, secrets: state.secrets };
}

function mark(state: State): void {
  state.secrets ??= { whole: false, children: new Map() };
  let node = state.secrets;
  for (const part of state.path) {
    let next = node.children.get(part);
    if (next === undefined) {
      next = { whole: false, children: new Map() };
      node.children.set(part, next);
    }
    node = next;
  }
  node.whole = true;
}

function readStruct(reader: Reader, end: number, state: State): unknown {
  const result: Props = {};
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag !== 10) {
      reader.skipType(tag & 7);
      continue;
    }
    const entryEnd = reader.uint32() + reader.pos;
    let key = "";
    let value: unknown = null;
    while (reader.pos < entryEnd) {
      const part = reader.uint32();
      if (part === 10) {
        key = reader.string();
      } else if (part === 18) {
        state.path.push(key);
        value = readValue(reader, reader.uint32() + reader.pos, state);
        state.path.pop();
      } else reader.skipType(part & 7);
    }
    if (value !== null) result[key] = value;
  }
  const signature = result[SIGNATURE];
  return signature === undefined ? result : unwrap(signature, result, state);
}

function unwrap(signature: unknown, wrapped: Props, state: State): unknown {
  switch (signature) {
    case SECRET:
      mark(state);
      return wrapped.value ?? null;
    case OUTPUT:
      if (wrapped.secret === true) mark(state);
      return wrapped.value ?? UNKNOWN;
    case REFERENCE:
      return wrapped.id ?? wrapped.urn ?? null;
    default:
      return wrapped;
  }
}

function readValue(reader: Reader, end: number, state: State): unknown {
  let value: unknown = null;
  while (reader.pos < end) {
    const tag = reader.uint32();
    switch (tag) {
      case 17:
        value = reader.double();
        break;
      case 26: {
        const text = reader.string();
        value = text.length === UNKNOWN.length && UNKNOWNS.has(text) ? UNKNOWN : text;
        break;
      }
      case 32:
        value = reader.bool();
        break;
      case 42:
        value = readStruct(reader, reader.uint32() + reader.pos, state);
        break;
      case 50:
        value = readList(reader, reader.uint32() + reader.pos, state);
        break;
      default:
        reader.skipType(tag & 7);
    }
  }
  return value;
}

function readList(reader: Reader, end: number, state: State): unknown[] {
  const items: unknown[] = [];
  state.path.push("*");
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === 10) items.push(readValue(reader, reader.uint32() + reader.pos, state));
    else reader.skipType(tag & 7);
  }
  state.path.pop();
  return items;
}

/**
 * Writes plain values as the bytes of a `google.protobuf.Struct`; what the schema or `secrets` calls secret is wrapped.
 * Undefined is left out.
 *
 * @param kind `inputs` leaves what is secret only as an output unwrapped. @default "outputs"
 */
export function encode(
  props: Props,
  properties?: Properties,
  secrets?: SecretPaths,
  kind: "inputs" | "outputs" = "outputs",
): Uint8Array {
  const writer = protobuf.Writer.create();
  writeStruct(writer, props, properties, undefined, secrets, kind === "outputs");
  return writer.finish();
}

function writeStruct(
  writer: Writer,
  props: Props,
  properties: Properties | undefined,
  element: Property | undefined,
  secrets: SecretPaths | undefined,
  outputs: boolean,
): void {
  for (const key in props) {
    const value = props[key];
    if (value === undefined) continue;
    writer.uint32(10).fork().uint32(10).string(key).uint32(18).fork();
    writeValue(
      writer,
      value,
      properties === undefined ? element : properties[key],
      secrets?.children.get(key),
      outputs,
    );
    writer.ldelim().ldelim();
  }
}

function writeValue(
  writer: Writer,
  value: unknown,
  property: Property | undefined,
  secrets: SecretPaths | undefined,
  outputs: boolean,
): void {
  const declared = property?.secret === true || (outputs && property?.secret === "output");
  if (value !== null && (declared || secrets?.whole === true)) {
    writer.uint32(42).fork();
    writer.uint32(10).fork().uint32(10).string(SIGNATURE).uint32(18).fork().uint32(26).string(SECRET).ldelim().ldelim();
    writer.uint32(10).fork().uint32(10).string("value").uint32(18).fork();
    // Secrets inside a secret need no marks of their own.
    writePlain(writer, value, undefined, undefined, outputs);
    writer.ldelim().ldelim().ldelim();
    return;
  }
  writePlain(writer, value, property, secrets, outputs);
}

function writePlain(
  writer: Writer,
  value: unknown,
  property: Property | undefined,
  secrets: SecretPaths | undefined,
  outputs: boolean,
): void {
  switch (typeof value) {
    case "string":
      writer.uint32(26).string(value);
      break;
    case "number":
      writer.uint32(17).double(value);
      break;
    case "boolean":
      writer.uint32(32).bool(value);
      break;
    case "object":
      if (value === null) writer.uint32(8).int32(0);
      else if (Array.isArray(value)) {
        const inner = secrets?.children.get("*");
        writer.uint32(50).fork();
        for (const item of value) {
          writer.uint32(10).fork();
          writeValue(writer, item, property?.element, inner, outputs);
          writer.ldelim();
        }
        writer.ldelim();
      } else {
        writer.uint32(42).fork();
        writeStruct(writer, value as Props, property?.fields, property?.element, secrets, outputs);
        writer.ldelim();
      }
      break;
    default:
      writer.uint32(8).int32(0);
  }
}
