import { z } from "zod";
import { SitefleetError } from "../errors/index.ts";
import { type StackVersion, stackVersions, wholeState } from "../fleet/releases/rollback/index.ts";
import { stackKind } from "../stacks/names.ts";
import { noEvents } from "./kit/events.ts";
import { defineOperation } from "./kit/operation.ts";
import { versionsDocument } from "./rollback/documents.ts";

/** The versions of stacks that the backend remembers, the newest first. */
export const rollbackList = defineOperation({
  name: "rollback list",
  summary: "list the versions of stacks, and which of them are restorable. Changes nothing.",
  changes: false,
  input: z.object({ stack: z.array(z.string()).min(1).describe("these stacks") }),
  events: noEvents,
  output: versionsDocument,
  async run({ stack }) {
    const unknown = stack.find((name) => stackKind(name) === undefined);
    if (unknown !== undefined)
      throw new SitefleetError({ code: "stack.unknown", message: "this is no stack of the project", subject: unknown });
    const all = await Promise.all(stack.map(async (name) => Promise.all((await stackVersions(name)).map(rowOf))));
    return all.flat();
  },
  document: (rows) => rows,
});

async function rowOf(version: StackVersion): Promise<z.infer<typeof versionsDocument>[number]> {
  const { startedAt, succeeded: ok } = await version.record();
  const whole = (await wholeState(version)) !== undefined;
  return { stack: version.stack, version: version.version, startedAt: new Date(startedAt).toISOString(), ok, whole };
}
