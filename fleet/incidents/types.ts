import { z } from "zod";

/** What is raised as an incident; docs/reference/incidents.md. */
export const INCIDENT_RULES = {
  "failure-rate": "more sites fail than may",
  slowdown: "sites answer slower than usual",
  "cost-spike": "a day costs more than usual",
  "security-finding": "something is not safe",
  "host-key-changed": "a host shows another key than the pinned one",
  "taken-back": "a release of services went back",
  "undeclared-drift": "something at a vendor was changed by hand",
} as const;
/** Id of a rule. */
export type IncidentRule = keyof typeof INCIDENT_RULES;
/** All ids. */
export const RULE_IDS = Object.keys(INCIDENT_RULES) as [IncidentRule, ...IncidentRule[]];

const happenedSchema = z.object({
  /** ISO 8601. */
  at: z.string(),
  what: z.enum(["raised", "seen", "repeated", "acknowledged", "closed"]),
  /** Who; empty when it happened by itself. */
  by: z.string(),
  text: z.string(),
});

export const incidentSchema = z.object({
  id: z.string().describe("also the id of its messages' thread"),
  rule: z.enum(RULE_IDS),
  scope: z.string().describe("what it is about: estate, release, a host, an account"),
  state: z.enum(["open", "acknowledged", "closed"]),
  sentence: z.string().describe("as it stands now, with the figures"),
  raisedAt: z.string(),
  lastToldAt: z.string(),
  lastSeenAt: z.string(),
  closedAt: z.string().optional(),
  evidence: z.array(z.string()).optional().describe("where what was seen lies: files, an address"),
  timeline: z.array(happenedSchema).describe("what happened and what was done, oldest first"),
});
/** Something that a person must look at, until its cause is gone. */
export type Incident = z.infer<typeof incidentSchema>;

/** What was seen of a rule in a scope. */
export interface Observation {
  readonly rule: IncidentRule;
  readonly scope: string;
  /** The cause is there. */
  readonly firing: boolean;
  /** With the figures. */
  readonly sentence: string;
  /** Where what was seen lies: files, an address. */
  readonly evidence?: readonly string[] | undefined;
}

/** What is to be told of an incident. */
export interface Told {
  readonly change: "raised" | "repeated" | "acknowledged" | "closed";
  readonly incident: Incident;
}
