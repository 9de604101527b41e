import { z } from "zod";
import { SitefleetError } from "../errors/index.ts";
import { adoptedUrns, type UndoneStack, undoAdoption } from "../fleet/adopt/index.ts";
import { openEstate } from "./adopt/estate.ts";
import { fleetEvent } from "./kit/events.ts";
import { DEFAULT_CONCURRENCY, goneField, lockField } from "./kit/fields.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";
import { lockedFrame, overStacks } from "./kit/watch.ts";

/** What was taken out. */
export interface Undone {
  readonly stacks: readonly UndoneStack[];
  readonly before: string;
}

/** Takes what was adopted out of the states. Its caller has a person's yes. */
export const adoptUndo = defineOperation({
  name: "adopt undo",
  summary: "take what was adopted out of the stacks' states again. No vendor is called.",
  changes: true,
  input: z.object({
    stack: flag(z.array(z.string()).optional(), "--stack <name>", "only this stack; may be given several times"),
    ...lockField(),
    ...goneField(),
  }),
  events: fleetEvent,
  output: z.object({
    ok: z.boolean(),
    stacks: z.array(
      z.object({
        stack: z.string(),
        removed: z.array(z.string()),
        kept: z.array(z.string()).describe("something that was not adopted refers to it"),
        error: z.string().optional(),
      }),
    ),
    before: z.string().describe("folder with the states as they were"),
  }),
  async run({ stack, lockTimeout, gone }, tools): Promise<Undone> {
    const session = await openEstate(tools.estate);
    const all = await adoptedUrns(session);
    const urns = new Map([...all].filter(([name]) => !stack?.length || stack.includes(name)));
    if (urns.size === 0) {
      throw new SitefleetError({
        code: "adopt.not-adopted",
        message: all.size === 0 ? "no adoption is noted" : `of ${stack?.join(", ")} no adoption is noted`,
        hint: all.size === 0 ? undefined : `adopted: ${[...all.keys()].sort().join(", ")}`,
      });
    }
    return overStacks(tools, urns.size, (observer, signal) =>
      undoAdoption(session, urns, {
        concurrency: DEFAULT_CONCURRENCY,
        ...lockedFrame(tools.emit, lockTimeout),
        observer,
        signal,
        gone,
      }),
    );
  },
  document: ({ stacks, before }) => ({
    ok: stacks.every(({ error }) => error === undefined),
    stacks: stacks.map((one) => ({ ...one, removed: [...one.removed], kept: [...one.kept] })),
    before,
  }),
  exitCode: ({ stacks }) => (stacks.every(({ error }) => error === undefined) ? 0 : 1),
});
