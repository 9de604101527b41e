import sdkProto from "@pulumi/pulumi/proto/resource_pb.js";

// Default import: see `quiet-sdk.ts`.

/** The field of a `pulumirpc.RegisterResourceResponse` that has a resource's outputs, a `google.protobuf.Struct`. */
const OBJECT = 3;
/** Wire types of protobuf. */
const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5];

/** Values as the SDK has them of a `google.protobuf.Struct`. */
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * The SDK makes five objects of each value of a resource's outputs before it reads them: an eighth of the CPU time of a runner. In our
 * runners they are read from the bytes of the engine's answer. Plain `pulumi` makes them all.
 */
export function readAnswersPlainly(): void {
  const { RegisterResourceResponse: answers } = sdkProto as unknown as { RegisterResourceResponse: Answers };
  const { deserializeBinary } = answers;
  answers.deserializeBinary = (bytes) => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const object = objectIn(buffer);
    if (object === undefined) return deserializeBinary.call(answers, bytes);
    const rest = Buffer.concat([buffer.subarray(0, object.field), buffer.subarray(object.end)]);
    const answer = deserializeBinary.call(answers, rest);
    answer.getObject = () => ({ toJavaScript: () => new Reader(buffer, object.start).struct(object.end) });
    return answer;
  };
}

/** Where an answer's outputs stand; undefined where they do not stand there once, or the answer cannot be read. */
function objectIn(
  buffer: Buffer,
): { readonly field: number; readonly start: number; readonly end: number } | undefined {
  const reader = new Reader(buffer, 0);
  let found: ReturnType<typeof objectIn>;
  while (reader.at < buffer.length) {
    const field = reader.at;
    const tag = reader.varint();
    if (tag >>> 3 === OBJECT) {
      if (found !== undefined || (tag & 7) !== BYTES) return undefined;
      const end = reader.length();
      found = { field, start: reader.at, end };
      reader.at = end;
    } else if (!reader.skip(tag & 7)) return undefined;
  }
  return reader.at === buffer.length ? found : undefined;
}

/** Reads protobuf. */
class Reader {
  at: number;
  readonly #buffer: Buffer;

  constructor(buffer: Buffer, at: number) {
    this.#buffer = buffer;
    this.at = at;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#buffer[this.at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  /** Reads how long what follows is. @returns where it ends */
  length(): number {
    const length = this.varint();
    return this.at + length;
  }

  /** @returns false for a wire type that is not known */
  skip(type: number): boolean {
    if (type === VARINT) this.varint();
    else if (type === FIXED64) this.at += 8;
    else if (type === BYTES) this.at = this.length();
    else if (type === FIXED32) this.at += 4;
    else return false;
    return true;
  }

  struct(end: number): { [key: string]: Json } {
    const result: { [key: string]: Json } = {};
    while (this.at < end) {
      this.varint();
      const entryEnd = this.length();
      let key = "";
      let value: Json = null;
      while (this.at < entryEnd) {
        const tag = this.varint();
        const partEnd = this.length();
        if (tag === KEY) key = this.#text(partEnd);
        else value = this.#value(partEnd);
      }
      result[key] = value;
    }
    return result;
  }

  /** Of `google.protobuf.Value`; null is its first kind. */
  #value(end: number): Json {
    let value: Json = null;
    while (this.at < end) {
      const tag = this.varint();
      if (tag === NUMBER) {
        value = this.#buffer.readDoubleLE(this.at);
        this.at += 8;
      } else if (tag === TEXT) value = this.#text(this.length());
      else if (tag === BOOL) value = this.varint() !== 0;
      else if (tag === STRUCT) value = this.struct(this.length());
      else if (tag === LIST) value = this.#list(this.length());
      else this.skip(tag & 7);
    }
    return value;
  }

  #list(end: number): Json[] {
    const items: Json[] = [];
    while (this.at < end) {
      this.varint();
      items.push(this.#value(this.length()));
    }
    return items;
  }

  #text(end: number): string {
    const text = this.#buffer.toString("utf8", this.at, end);
    this.at = end;
    return text;
  }
}

/** Tags of `google.protobuf.Struct` and `Value`. */
const KEY = (1 << 3) | BYTES;
const NUMBER = (2 << 3) | FIXED64;
const TEXT = (3 << 3) | BYTES;
const BOOL = (4 << 3) | VARINT;
const STRUCT = (5 << 3) | BYTES;
const LIST = (6 << 3) | BYTES;

/** The part of the SDK's messages that is changed here. */
interface Answers {
  deserializeBinary(bytes: Uint8Array): { getObject(): { toJavaScript(): unknown } | undefined };
}
