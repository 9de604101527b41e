export { type Deployments, deploymentsOf } from "./deployments.ts";
export { findRun, groupStreams, listReported } from "./find.ts";
export { renderReport } from "./markdown.ts";
export { type Progress, progressOf } from "./progress.ts";
export { publishing } from "./published.ts";
export { type RunStream, reportOf } from "./report.ts";
export { type Report, reportSchema } from "./shape.ts";
export { keepFigures, trendBefore } from "./trend.ts";
