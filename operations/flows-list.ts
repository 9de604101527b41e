import { z } from "zod";
import { environment } from "../environment/index.ts";
import { requiredFlows, targetOf } from "./flows/declared.ts";
import { refusal } from "./flows/perform.ts";
import { noEvents } from "./kit/events.ts";
import { defineOperation } from "./kit/operation.ts";

/** The flows that are declared. */
export const flowsList = defineOperation({
  name: "flows list",
  summary: "list the user flows of flows.yaml, and which of them run on this estate",
  changes: false,
  input: z.object({}),
  events: noEvents,
  output: z.object({
    flows: z.array(
      z.object({
        flow: z.string(),
        title: z.string(),
        service: z.string(),
        safe: z.boolean(),
        steps: z.int(),
        refused: z.string().nullable().describe("why it is not run here; null when it is"),
      }),
    ),
  }),
  async run(_input, { estate: { catalogDir, configFile } }) {
    const flows = requiredFlows(catalogDir);
    const mailbox = flows.mailbox && environment()[flows.mailbox.url];
    const target = targetOf(configFile);
    return flows.flows.map((flow) => ({
      flow: flow.key,
      title: flow.title,
      service: flow.service,
      safe: flow.safe,
      steps: flow.steps.length,
      refused: refusal(flow, { flows, target }, mailbox) ?? null,
    }));
  },
  document: (flows) => ({ flows }),
});
