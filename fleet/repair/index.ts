// Repair: what to do with a stack whose last operation was interrupted, and with objects that a failed create left behind.

export { StackCli } from "./cli.ts";
export { ReadApi } from "./http.ts";
export { adoptConflicts, refusalOf, repairStack } from "./repair.ts";
export type { Exported, Resource } from "./state.ts";
