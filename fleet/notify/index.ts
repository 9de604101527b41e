/** Telling people and programs what runs do: receivers, and what waits for them. */
export { evenGrace } from "./grace.ts";
export { CLAIM_MS, type Kept, messageSchema, readKept } from "./kept.ts";
export type { Message } from "./message.ts";
export { Notifier, type NotifyReport } from "./notifier.ts";
export { variablesOf } from "./receivers/index.ts";
export { type Tried, tryReceivers } from "./try.ts";
