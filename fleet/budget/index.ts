/** Budgets: what the vendors allow, what a run needs of it, and who may go when. See docs/budgets.md. */
export { type Admit, createAdmission, type Expectation } from "./admission.ts";
export { createClock } from "./clock.ts";
export { BEFORE_LIMIT, type Deadline, deadlineSignal } from "./deadline.ts";
export { startGateway } from "./gateway.ts";
export { Ledger } from "./ledger.ts";
export { certificateDomains } from "./need.ts";
export { type FleetPlan, type PlannedStack, planFleet } from "./plan.ts";
export type { WorkWindow } from "./runs.ts";
export { limitSpecs } from "./spec.ts";
export { fileStore, memoryStore } from "./store.ts";
export { expectations, plannedWork } from "./work.ts";
