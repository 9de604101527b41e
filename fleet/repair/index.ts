// Repair: what to do with a stack whose last operation was interrupted, and with objects that a failed create left behind.

export { adoptConflicts, refusalOf, repairStack } from "./repair.ts";
