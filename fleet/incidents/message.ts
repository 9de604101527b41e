import type { Message } from "../notify/index.ts";
import { INCIDENT_RULES, type Told } from "./types.ts";

/** Lines of the timeline in a message. */
const LINES = 10;

/** What is told of an incident; every message of it has the incident as its thread. Pure. */
export function incidentMessage({ change, incident }: Told, now: number): Message {
  const { id, rule, scope, state, sentence, raisedAt, evidence = [], timeline } = incident;
  const happened = timeline.slice(-LINES).map(({ at, what, by, text }) => `${at} ${what}${by && ` by ${by}`}: ${text}`);
  return {
    thread: id,
    topic: rule === "undeclared-drift" ? "drift" : "incident",
    at: new Date(now).toISOString(),
    title: `${change}: ${rule} on ${scope}`,
    lines: [
      `${INCIDENT_RULES[rule]}: ${sentence}`,
      ...evidence.map((one) => `seen: ${one}`),
      `${state}, since ${raisedAt}`,
      ...happened,
      ...(state === "open" ? [`to acknowledge: sitefleet incident ack ${id}`] : []),
    ],
    over: state === "closed",
  };
}
