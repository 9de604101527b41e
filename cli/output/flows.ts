import type { FlowEvent } from "../../operations/flows-run.ts";
import type { ProofEvent } from "../../operations/kit/proof-events.ts";
import { forPeople } from "./style.ts";

/** How a flow has ended, in lines for people: its evidence below it. Pure but for colours. */
export function flowLines(event: Extract<FlowEvent, { event: "flow-ended" }>): string[] {
  const { flow, state, reason, milliseconds, evidence } = event;
  const mark = state === "pass" ? forPeople.green("pass") : state === "fail" ? forPeople.red("fail") : state;
  const why = reason === "" ? "" : `: ${reason}`;
  return [`${flow} ${mark}, ${(milliseconds / 1000).toFixed(1)} s${why}`, ...evidence.map((file) => `  ${file}`)];
}

/** What is told of services after a deployment, in lines for people. Pure. */
export function proofLines(event: Extract<ProofEvent, { event: "smoke-tested" | "proved" | "taken-back" }>): string[] {
  switch (event.event) {
    case "smoke-tested":
      return [
        `${event.asked - event.failing.length} of ${event.asked} services answer`,
        ...event.failing.map(({ service, reason }) => `  ${service}: ${reason}`),
      ];
    case "proved":
      return [`${event.ok ? "proved" : forPeople.red("not proved")}: ${event.reason}`];
    case "taken-back":
      return [`${event.ok ? "went back" : forPeople.red("going back failed")}: ${event.what}`];
  }
}
