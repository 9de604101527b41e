/** Taking over what exists: reading it, holding it against the catalog, taking it into the states and out again. */
export { type AppliedAdoption, adoptionOf, applyAdoption } from "./apply.ts";
export { adoptedUrns } from "./kept.ts";
export { type Matching, match } from "./match.ts";
export { type PlannedRows, type PlannedSite, planRows } from "./rows.ts";
export {
  aboutOf,
  driftScanFile,
  type Inventory,
  scanFile,
  scanVendors,
  wholeInventory,
} from "./scan.ts";
export { type UndoneStack, undoAdoption } from "./undo.ts";
export { type Wanted, wantedOf, withoutGiven } from "./wanted.ts";
