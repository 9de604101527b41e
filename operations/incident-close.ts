import { byHand } from "./incident/by-hand.ts";

/** A person ends it. */
export const incidentClose = byHand(
  "incident close",
  "close an incident by hand; when its cause is seen again, a new one is raised",
  "close",
);
