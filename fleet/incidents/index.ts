/** What a person must look at: raised once, repeated until acknowledged, closed when its cause is gone. */
export { readIncidents, setIncident, takeObservations } from "./book.ts";
export { incidentMessage } from "./message.ts";
export { ofCost, ofDrift, ofFigures, ofHostKey } from "./rules.ts";
export { type Incident, incidentSchema, type Observation, RULE_IDS, type Told } from "./types.ts";
