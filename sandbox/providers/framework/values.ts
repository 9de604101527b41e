import type { Struct as PbStruct, Value as PbValue } from "google-protobuf/google/protobuf/struct_pb.js";
import structPb from "google-protobuf/google/protobuf/struct_pb.js";
import type { Properties, Property, Props } from "./properties.ts";

const { ListValue, NullValue, Struct, Value } = structPb;

/** Stands for a value that only the update will know; the engine's marker for unknown strings. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

// The engine marks the other types of unknown differently (sdk/go/common/resource/plugin/rpc.go); one marker is enough
// for us, because what we send back may be unknown of any type.
const UNKNOWNS = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e";

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

/** True for an unknown value itself (not for one that holds an unknown somewhere). */
export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN;
}

/** True when a value is unknown or holds an unknown anywhere. */
export function hasUnknown(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value === UNKNOWN;
  if (Array.isArray(value)) return value.some(hasUnknown);
  for (const key in value) if (hasUnknown((value as Props)[key])) return true;
  return false;
}

/** True for JSON objects: not null, not a list. */
export function isObject(value: unknown): value is Props {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// The path is one growing and shrinking stack: it is read only when a secret is met.
type Mark = (path: readonly string[]) => void;

/** Makes plain values out of a protobuf struct: secrets unwrapped, unknowns of every type as {@link UNKNOWN}, nulls dropped from objects. */
export function decode(struct: PbStruct | undefined): Decoded {
  let secrets: SecretPaths | undefined;
  const mark: Mark = (path) => {
    secrets ??= { whole: false, children: new Map() };
    let node = secrets;
    for (const part of path) {
      let next = node.children.get(part);
      if (next === undefined) {
        next = { whole: false, children: new Map() };
        node.children.set(part, next);
      }
      node = next;
    }
    node.whole = true;
  };
  const props = struct === undefined ? {} : (fromStruct(struct, [], mark) as Props);
  return { props, secrets };
}

function fromStruct(struct: PbStruct, path: string[], mark: Mark): unknown {
  const fields = struct.getFieldsMap();
  const signature = fields.get(SIGNATURE)?.getStringValue();
  if (signature === SECRET || signature === OUTPUT) {
    const inner = fields.get("value");
    if (signature === SECRET || fields.get("secret")?.getBoolValue()) mark(path);
    return inner === undefined ? UNKNOWN : fromValue(inner, path, mark);
  }
  if (signature === REFERENCE) {
    const id = fields.get("id");
    return id === undefined ? fields.get("urn")?.getStringValue() : fromValue(id, path, mark);
  }
  const result: Props = {};
  fields.forEach((value, key) => {
    path.push(key);
    const plain = fromValue(value, path, mark);
    path.pop();
    if (plain !== undefined && plain !== null) result[key] = plain;
  });
  return result;
}

function fromValue(value: PbValue, path: string[], mark: Mark): unknown {
  switch (value.getKindCase()) {
    case Value.KindCase.STRING_VALUE: {
      const text = value.getStringValue();
      return text.length === 36 && UNKNOWNS.has(text) ? UNKNOWN : text;
    }
    case Value.KindCase.NUMBER_VALUE:
      return value.getNumberValue();
    case Value.KindCase.BOOL_VALUE:
      return value.getBoolValue();
    case Value.KindCase.STRUCT_VALUE:
      return fromStruct(value.getStructValue()!, path, mark);
    case Value.KindCase.LIST_VALUE: {
      path.push("*");
      const items = value
        .getListValue()!
        .getValuesList()
        .map((item) => fromValue(item, path, mark));
      path.pop();
      return items;
    }
    default:
      return null;
  }
}

/** Makes a protobuf struct out of plain values; what the schema or `secrets` calls secret is wrapped. Undefined is left out. */
export function encode(props: Props, properties?: Properties, secrets?: SecretPaths): PbStruct {
  const struct = new Struct();
  const fields = struct.getFieldsMap();
  for (const key in props) {
    const value = props[key];
    if (value === undefined) continue;
    fields.set(key, toValue(value, properties?.[key], secrets?.children.get(key)));
  }
  return struct;
}

function toValue(value: unknown, property: Property | undefined, secrets: SecretPaths | undefined): PbValue {
  if ((property?.secret || secrets?.whole) && value !== null) {
    const wrapped = new Struct();
    const fields = wrapped.getFieldsMap();
    fields.set(SIGNATURE, new Value().setStringValue(SECRET));
    fields.set("value", toValue(value, property && { ...property, secret: false }, undefined));
    return new Value().setStructValue(wrapped);
  }
  switch (typeof value) {
    case "string":
      return new Value().setStringValue(value);
    case "number":
      return new Value().setNumberValue(value);
    case "boolean":
      return new Value().setBoolValue(value);
    case "object":
      if (value === null) return new Value().setNullValue(NullValue.NULL_VALUE);
      if (Array.isArray(value)) {
        const items = value.map((item) => toValue(item, property?.element, secrets?.children.get("*")));
        return new Value().setListValue(new ListValue().setValuesList(items));
      }
      if (property?.element !== undefined) {
        const fields = Object.fromEntries(Object.keys(value).map((key) => [key, property.element!]));
        return new Value().setStructValue(encode(value as Props, fields, secrets));
      }
      return new Value().setStructValue(encode(value as Props, property?.fields, secrets));
    default:
      return new Value().setNullValue(NullValue.NULL_VALUE);
  }
}
