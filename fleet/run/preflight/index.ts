/** What must be known before anything is called: mass change and protection, over a whole run. See docs/reference/preflight.md. */
export { shrunkSince } from "./declared.ts";
export { judgeRun, refusals } from "./judge.ts";
export { lookAhead } from "./look.ts";
export { clearRun, refuseEarly } from "./preflight.ts";
export { type Finding, type Rules, SAFEGUARDS, type StackFacts } from "./types.ts";
export { agentOf, whoRuns } from "./who.ts";
export { findingLines, preflightError, readSafeguard } from "./words.ts";
