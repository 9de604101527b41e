/** The metrics that sitefleet exposes: their names, and the text that Prometheus reads. */
export { FAMILIES, type FamilyName } from "./families.ts";
export { known, renderMetrics, type Sample, sample } from "./text.ts";
