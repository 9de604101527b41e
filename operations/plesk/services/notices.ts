import type { FleetEvent } from "../../kit/events.ts";
import type { ServiceEvent } from "./events.ts";

/** What opening services tells, in a run over stacks: why a secret is not known. Pure. */
export const noticesOnly =
  (emit: (event: FleetEvent) => void) =>
  (event: ServiceEvent): void => {
    if (event.event === "unknown-secret") emit({ event: "notice", text: event.reason });
  };
