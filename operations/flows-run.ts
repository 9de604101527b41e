import { z } from "zod";
import { loadCatalog } from "../model/index.ts";
import { chosenFlows, requiredFlows, targetOf } from "./flows/declared.ts";
import { documentOfFlows, flowEnded, flowsDocument, takenAwayText } from "./flows/documents.ts";
import { type PerformedFlows, performFlows } from "./flows/perform.ts";
import { wholeNumber } from "./kit/fields.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";
import { flowEvents } from "./kit/proof-events.ts";

/** How flows go on. */
const event = z.discriminatedUnion("event", [
  z.object({ event: z.literal("begun"), total: z.int().min(0).describe("flows") }),
  ...flowEvents,
  z.object({ event: z.literal("notice"), text: z.string() }),
  z.object({ event: z.literal("done") }),
]);
/** See {@link event}. */
export type FlowEvent = z.infer<typeof event>;

/** What visitors do, in a browser. */
export const flowsRun = defineOperation({
  name: "flows run",
  summary: "go through the user flows of flows.yaml in a browser, as a visitor would, and take away what they leave",
  changes: true,
  input: z.object({
    flow: flag(z.array(z.string()).optional(), "--flow <key>", "only this flow; may be given several times"),
    staging: flag(z.boolean().optional(), "--staging", "at the staging addresses of flows.yaml"),
    concurrency: flag(
      z.int().min(1).max(8).optional(),
      "--concurrency <n>",
      "flows at once (default: 2)",
      wholeNumber("--concurrency"),
    ),
  }),
  events: event,
  output: flowsDocument,
  async run({ flow, staging, concurrency }, { estate, emit, signal }): Promise<PerformedFlows> {
    const { services } = loadCatalog(estate.catalogDir);
    const flows = requiredFlows(estate.catalogDir);
    const chosen = chosenFlows(flows, flow);
    emit({ event: "begun", total: chosen.length });
    try {
      return await performFlows({
        flows,
        chosen,
        services,
        staging,
        concurrency,
        signal,
        target: targetOf(estate.configFile),
        onTakenAway: (what) => emit({ event: "notice", text: takenAwayText(what) }),
        onStart: (key) => emit({ event: "flow-started", flow: key }),
        onEnd: (result) => emit(flowEnded(result)),
      });
    } finally {
      emit({ event: "done" });
    }
  },
  document: documentOfFlows,
  exitCode: ({ results }) => {
    if (results.some(({ state }) => state === "fail")) return 1;
    return results.some(({ state }) => state === "not-run") ? 4 : 0;
  },
});
