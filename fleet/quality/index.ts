/** Results of quality checks: what was proven for which artifact, the trend of figures, and what must be proven. */
export { askedChecks, asksBefore, checksOfService, newestOf, type StandingCheck, standing } from "./asked.ts";
export { keepResult, readResults, readTrend, type TrendPoint, unmeasuredLongest } from "./kept.ts";
