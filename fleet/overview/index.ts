/** What the estate is and does now, in one document: made from what runs, checks and the ledger have kept. See docs/guides/dashboard.md. */
export { overviewOf } from "./build.ts";
export { type HostFacts, type LiveStack, type OverviewFacts, unknown } from "./facts.ts";
export { type Overview, overviewSchema, type SiteDetail } from "./shape.ts";
