import { z } from "zod";

/** Folder of agents' calls in the store of our own objects: one file a session. */
export const FOLDER = "agents";

/** One call of an agent, as it is kept. Texts are one line, without secrets. */
export const agentCall = z.object({
  at: z.string().describe("ISO 8601"),
  agent: z.string(),
  set: z.string().describe("which tools the session has"),
  kind: z.enum(["tool", "resource", "prompt"]),
  what: z.string().describe("name of the tool, or address of the resource, as it was asked for"),
  /** `refused`: nothing of it was done. `failed`: its operation said why not. */
  outcome: z.enum(["done", "failed", "refused"]),
  code: z.string().optional().describe("of the error"),
  milliseconds: z.number(),
  said: z.string().describe("what the call was given, cut short"),
});
/** See {@link agentCall}. */
export type AgentCall = z.infer<typeof agentCall>;
