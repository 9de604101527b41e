/** Budgets: what the vendors allow, what a run needs of it, and who may go when. See docs/reference/limits.md. */
export { type Deadline, deadlineSignal } from "./deadline.ts";
export { type KnownStack, redeploySteps, stepsFromNothing } from "./expected.ts";
export type { LedgerState, Standing as BudgetStanding } from "./ledger-state.ts";
export type { WorkStep } from "./need.ts";
export { type Budget, openBudget, readLedger } from "./open.ts";
export { budgetStandings, readBudgets } from "./peek.ts";
export type { BudgetPicture } from "./picture.ts";
export { type FleetPlan, PLAN_DEFAULTS, planFleet } from "./plan.ts";
export type { PlannedRun, WorkWindow } from "./runs.ts";
export { ASSUMED_BUILD_SECONDS, BUILDS, CERTIFICATES, idOfKey, limitSpecs } from "./spec.ts";
export { plannedWork } from "./work.ts";
