import { randomBytes as bytes } from "node:crypto";
import { defineResource, integer, string } from "../framework/index.ts";
import { atLeast, keepers } from "./keepers.ts";

function outputs(value: Buffer, prefix: string) {
  const b64Url = value.toString("base64url");
  const hex = value.toString("hex");
  return {
    id: b64Url,
    outputs: {
      b64Std: prefix + value.toString("base64"),
      b64Url: prefix + b64Url,
      byteLength: value.length,
      dec: prefix + BigInt(`0x${hex}`).toString(),
      hex: prefix + hex,
    },
  };
}

/** `RandomId`: a short identifier, not secret. Import by `[prefix,]base64url`. */
export const randomId = defineResource<undefined>({
  properties: {
    byteLength: integer({ required: true, replaces: true, validate: atLeast(1) }),
    prefix: string({ replaces: true }),
    keepers,
    b64Std: string({ output: true }),
    b64Url: string({ output: true }),
    dec: string({ output: true }),
    hex: string({ output: true }),
  },
  create: async ({ inputs }) => outputs(bytes(inputs.byteLength as number), (inputs.prefix as string) ?? ""),
  read: async ({ id, state, importing }) => {
    if (!importing) return { id, outputs: state };
    const comma = id.lastIndexOf(",");
    const prefix = id.slice(0, Math.max(comma, 0));
    const made = outputs(Buffer.from(id.slice(comma + 1), "base64url"), prefix);
    return { ...made, outputs: { ...made.outputs, ...(prefix === "" ? {} : { prefix }) } };
  },
});
