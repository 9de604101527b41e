import { z } from "zod";
import { type Incident, incidentSchema } from "../../fleet/incidents/index.ts";

/** An incident for programs. */
export const incidentDocument = z.object({ incident: incidentSchema });

/** Incidents for programs, those that are open first, then the newest first. */
export const incidentsDocument = z.object({ incidents: z.array(incidentSchema) });

/** Open ones first, then the newest first. Pure. */
export function ranked(incidents: readonly Incident[]): Incident[] {
  const rank = { open: 0, acknowledged: 1, closed: 2 };
  return [...incidents].sort((a, b) => rank[a.state] - rank[b.state] || (a.raisedAt < b.raisedAt ? 1 : -1));
}
