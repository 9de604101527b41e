import { z } from "zod";
import type { ChangeSet } from "../fleet/change-set/index.ts";
import { changesOf, succeeded, summarise } from "../fleet/run/summary.ts";
import { changeSetOf } from "./fleet/change-set.ts";
import { previewDocument } from "./fleet/documents.ts";
import type { FleetRun } from "./fleet/fleet-run.ts";
import { previewOver, startedEarly } from "./fleet/over.ts";
import { fleetEvent } from "./kit/events.ts";
import { fleetFields } from "./kit/fields.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";

/** What a preview found. */
export interface Previewed {
  readonly run: FleetRun;
  readonly set: ChangeSet;
  /** The exit code tells changes apart. */
  readonly detailed: boolean;
}

/** Exit code of a preview that found changes, with `detailedExitcode`. */
const CHANGES_EXIT = 2;

/** What an update would do, over all stacks, as one change set. */
export const preview = defineOperation({
  name: "preview",
  summary: "show what `up` would do, over all stacks. Changes nothing.",
  changes: false,
  input: z.object({
    ...fleetFields(),
    refresh: flag(z.boolean().optional(), "--refresh", "compare with what is live as well"),
    detailedExitcode: flag(
      z.boolean().optional(),
      "--detailed-exitcode",
      "exit with 0 = no changes, 2 = changes, 1 = error",
    ),
    // Without a flag: an update's preview tells what that run would lift.
    allow: z.array(z.string()).optional().describe("safeguards that the update would lift"),
  }),
  events: fleetEvent,
  output: previewDocument,
  async run({ detailedExitcode = false, ...options }, tools): Promise<Previewed> {
    const warm = startedEarly(tools.estate, options);
    try {
      const run = await previewOver(tools, options, undefined, { warm });
      return { run, set: changeSetOf(run), detailed: detailedExitcode };
    } finally {
      await warm?.close();
    }
  },
  document({ run, set }) {
    const { unopened, reasons } = run;
    const steps = run.results.flatMap(({ stack, steps }) => steps.map((step) => ({ stack, ...step })));
    return {
      ok: succeeded(run),
      digest: set.digest,
      ...summarise(run),
      unopened: [...unopened],
      reasons,
      steps,
      notes: set.notes ?? [],
      preflight: set.preflight ?? [],
      gates: set.gates,
      cost: set.cost,
    };
  },
  exitCode({ run, detailed }) {
    if (!succeeded(run)) return 1;
    return detailed && changesOf(run.results) > 0 ? CHANGES_EXIT : 0;
  },
});
