import { byHand } from "./incident/by-hand.ts";

/** A person has looked at it. */
export const incidentAck = byHand(
  "incident ack",
  "it is known: it is repeated no more, and stays until its cause is gone",
  "acknowledge",
);
