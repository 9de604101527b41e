/**
 * What must be green before and after a deployment: one adapter a tool. Each says pass, fail, or that nothing is known; a report that is
 * broken, empty or too old is never green. It knows neither the fleet nor where results are kept.
 */
export { audit } from "./dependencies/audit.ts";
export { type OsvRecord, readOsv } from "./dependencies/osv.ts";
export { describeMeasure, missed, notRun } from "./judge.ts";
export { judgeLogs, type LogLine } from "./logs/personal.ts";
export { planMeasuring } from "./page/cost.ts";
export { type QualityDocument, type QualityResult, resultSchema } from "./render/document.ts";
export { renderJunit } from "./render/junit.ts";
export { renderMarkdown, saidOf } from "./render/markdown.ts";
export { renderSarif } from "./render/sarif.ts";
export { checkRepository } from "./source/index.ts";
export { orNotRun } from "./source/read.ts";
export type { Judged, PageSubject, Subject } from "./types.ts";
