import { z } from "zod";
import { changeSetShape } from "../fleet/change-set/index.ts";
import { succeeded, summarise } from "../fleet/run/summary.ts";
import { updateDocument } from "./fleet/documents.ts";
import { exitOf, judgedBad, settledDocument, worthTelling } from "./fleet/settled.ts";
import { updateOver } from "./fleet/update.ts";
import { fleetEvent } from "./kit/events.ts";
import { allowField, budgetFields, fleetFields, gateFields, goneField, lockField } from "./kit/fields.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";

/** Makes the estate as declared. Its caller has a person's yes. */
export const up = defineOperation({
  name: "up",
  summary: "make the estate as declared: the shared stack first, then the others, several at a time",
  changes: true,
  input: z.object({
    ...fleetFields(),
    ...budgetFields(),
    refresh: flag(z.boolean().optional(), "--refresh", "compare with what is live first"),
    changeSet: flag(
      z.string().optional(),
      "--change-set <file>",
      "do exactly what this reviewed change set (preview --out FILE.json) says, or nothing",
    ),
    resume: flag(
      z.union([z.string(), z.literal(true)]).optional(),
      "--resume [run]",
      "go on with a run (the last one when none is named): only what it left is done",
    ),
    ...lockField(),
    ...allowField(),
    ...gateFields(),
    ...goneField(),
    check: flag(z.boolean().optional(), "--no-check", "do not ask the sites that change, before and after"),
    rollback: flag(
      z.boolean().optional(),
      "--no-rollback",
      "judge and report only: what serves worse than before stays (default: rollout.yaml)",
    ),
    checkNew: flag(z.boolean().optional(), "--check-new", "ask the sites that are new as well"),
    // Without a flag: the command line asks.
    agreed: z
      .array(changeSetShape.shape.changes.element)
      .optional()
      .describe("what a preview has found and a person has agreed to"),
  }),
  events: fleetEvent,
  output: updateDocument,
  run: ({ agreed, ...options }, tools) => updateOver(tools, options, agreed),
  document(run) {
    const { calls, touched, reviewed } = run;
    return {
      ok: succeeded(run) && !judgedBad(run),
      run: run.run,
      ...summarise(run),
      unopened: [...run.unopened],
      touched: touched ? [...touched] : undefined,
      reviewed: reviewed ? reviewed.map((one) => ({ ...one, changes: [...one.changes] })) : undefined,
      ...settledDocument(worthTelling(run)),
      calls,
    };
  },
  exitCode: exitOf,
});
