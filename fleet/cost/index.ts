/** Money: what the estate costs, what a change adds, what was charged, what the cycle will come to. */
export { costOfChanges } from "./change.ts";
export { estimate } from "./estimate.ts";
export { costGates } from "./gates.ts";
export { groupEstimate } from "./groups.ts";
export { convert, money } from "./money.ts";
export { targetAnswer } from "./target.ts";
