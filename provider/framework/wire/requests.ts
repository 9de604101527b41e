import protobuf from "protobufjs/minimal.js";

/** A `google.protobuf.Struct` that was not looked into yet; see {@link decode}. */
export type Packed = Uint8Array | undefined;

/** Parts that all calls about a resource have. */
export interface ResourceRequest {
  readonly urn: string;
  /** Seconds; 0 for none. */
  readonly timeout: number;
  readonly preview: boolean;
  readonly id: string;
  readonly ignoreChanges: readonly string[];
  /** Inputs of a create; state of a read or delete. */
  readonly properties: Packed;
  /** Inputs before of a check; state of a diff or update. */
  readonly olds: Packed;
  readonly news: Packed;
  /** Inputs of a read. */
  readonly inputs: Packed;
  readonly oldInputs: Packed;
  readonly randomSeed: Uint8Array;
  /** Token and arguments of an invoke; arguments of a configure. */
  readonly token: string;
  readonly args: Packed;
}

type Field = keyof ResourceRequest;

// Field numbers by message, from pulumi/provider.proto. What is not listed is skipped without being looked into.
const SHAPES = {
  check: { 1: "urn", 2: "olds", 3: "news", 5: "randomSeed" },
  checkConfig: { 1: "urn", 2: "olds", 3: "news" },
  diff: { 1: "id", 2: "urn", 3: "olds", 4: "news", 5: "ignoreChanges", 6: "oldInputs" },
  diffConfig: { 1: "id", 2: "urn", 3: "olds", 4: "news", 6: "oldInputs" },
  create: { 1: "urn", 2: "properties", 3: "timeout", 4: "preview" },
  read: { 1: "id", 2: "urn", 3: "properties", 4: "inputs", 10: "timeout" },
  update: { 1: "id", 2: "urn", 3: "olds", 4: "news", 5: "timeout", 6: "ignoreChanges", 7: "preview", 8: "oldInputs" },
  delete: { 1: "id", 2: "urn", 3: "properties", 4: "timeout" },
  configure: { 2: "args" },
  invoke: { 1: "token", 2: "args" },
} as const satisfies Record<string, Record<number, Field>>;

/** The calls whose requests are read here. */
export type Method = keyof typeof SHAPES;

/** The names of {@link Method}. */
export const METHODS = Object.keys(SHAPES) as Method[];

/** Reads a request's own fields and leaves its structs packed: many of them are never needed. */
export function readRequest(method: Method, bytes: Uint8Array): ResourceRequest {
  const shape: Record<number, Field> = SHAPES[method];
  const reader = protobuf.Reader.create(bytes);
  const ignoreChanges: string[] = [];
  const request: { -readonly [Key in Field]: ResourceRequest[Key] } = {
    urn: "",
    timeout: 0,
    preview: false,
    id: "",
    ignoreChanges,
    properties: undefined,
    olds: undefined,
    news: undefined,
    inputs: undefined,
    oldInputs: undefined,
    randomSeed: EMPTY,
    token: "",
    args: undefined,
  };
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const field = shape[tag >>> 3];
    switch (field) {
      case undefined:
        reader.skipType(tag & 7);
        break;
      case "urn":
      case "id":
      case "token":
        request[field] = reader.string();
        break;
      case "timeout":
        request.timeout = reader.double();
        break;
      case "preview":
        request.preview = reader.bool();
        break;
      case "ignoreChanges":
        ignoreChanges.push(reader.string());
        break;
      default:
        request[field] = reader.bytes();
    }
  }
  return request;
}

const EMPTY = new Uint8Array(0);
