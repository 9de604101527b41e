/** Budgets: what the vendors allow, what a run needs of it, and who may go when. See docs/reference/limits.md. */
export { type Admit, createAdmission, type Expectation } from "./admission.ts";
export { createClock } from "./clock.ts";
export { BEFORE_LIMIT, type Deadline, deadlineSignal } from "./deadline.ts";
export { type KnownStack, redeploySteps } from "./expected.ts";
export { GATEWAY_VENDORS, type Gateway, startGateway } from "./gateway.ts";
export { Ledger } from "./ledger.ts";
export type { LedgerState } from "./ledger-state.ts";
export { certificateDomains, type WorkStep } from "./need.ts";
export { type Budget, type BudgetOptions, openBudget, readLedger } from "./open.ts";
export { type FleetPlan, PLAN_DEFAULTS, type PlannedStack, planFleet } from "./plan.ts";
export type { PlannedRun, WorkWindow } from "./runs.ts";
export { ASSUMED_BUILD_SECONDS, BUILDS, CERTIFICATES, idOfKey, type LimitSpec, limitSpecs } from "./spec.ts";
export { fileStore, memoryStore } from "./store.ts";
export { expectations, plannedWork } from "./work.ts";
