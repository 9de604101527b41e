import { randomBytes as bytes } from "node:crypto";
import { defineResource, integer, string } from "../framework/index.ts";
import { atLeast, keepers } from "./keepers.ts";

// The real provider (4.21) takes the value itself as the id, and ids are never encrypted: a program that stores a secret this way
// shall see it in the sandbox already.
const outputs = (value: Buffer) => ({
  id: value.toString("base64"),
  outputs: { base64: value.toString("base64"), hex: value.toString("hex"), length: value.length },
});

/** `RandomBytes`: cryptographic bytes. Import by their base64 form. */
export const randomBytes = defineResource<undefined>({
  properties: {
    length: integer({ required: true, replaces: true, validate: atLeast(1) }),
    keepers,
    base64: string({ output: true, secret: true }),
    hex: string({ output: true, secret: true }),
  },
  create: async ({ inputs }) => outputs(bytes(inputs.length as number)),
  read: async ({ id, state, importing }) => (importing ? outputs(Buffer.from(id, "base64")) : { id, outputs: state }),
});
