/** Money: what the estate costs, what a change adds, what was charged, what the cycle will come to. */
export { type Advice, adviceFor } from "./advice.ts";
export { type ChangeCost, costOfChanges } from "./change.ts";
export { addDays, dateOf } from "./charges/day.ts";
export { type Kept, keepCharges, keptDays, readKept } from "./charges/keep.ts";
export { type ChargeProblem, ChargeTable, type Series } from "./charges/table.ts";
export { type Estimate, estimate } from "./estimate.ts";
export { type Forecast, forecastCycle } from "./forecast/forecast.ts";
export { completeDays } from "./forecast/series.ts";
export { type CostGate, costGates } from "./gates.ts";
export { type CostGroup, GROUPINGS, groupEstimate } from "./groups.ts";
export { measuredUse } from "./measured.ts";
export { money } from "./money.ts";
export { cyclePicture } from "./picture.ts";
export { projectsOf } from "./projects.ts";
export { type PriceRange, priceRange } from "./range.ts";
export { type ChangeRun, findSpikes, type Spike } from "./spikes.ts";
export { type TargetAnswer, targetAnswer } from "./target.ts";
export { usageFrom } from "./usage.ts";
