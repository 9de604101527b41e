/**
 * The desired state as data: reads `catalog/`, checks it, and derives from it what the rest of sitefleet goes by.
 * This is the only module through which other parts see the catalog.
 */

export { canonicalContent } from "./canonical.ts";
export {
  CANARY,
  CELL_COUNT,
  type CellKey,
  type CellName,
  cellNames,
  cellOf,
  sitesByCell,
  stackOf,
  stackOfCell,
} from "./cells.ts";
export type { Check, CheckLayer, Checks, Vantage } from "./check-types.ts";
export { checkOfDeployment, checkOfService, checkOfSite, layered } from "./checks.ts";
export { caaData, isInZone, type NameResult, normaliseName } from "./dns.ts";
export { FRAMEWORKS, type Framework } from "./frameworks.ts";
export { type HostOverrides, overrideHosts, readHostOverrides, requireHostKeys } from "./hosts.ts";
export { findLimit, limitsOf } from "./limits.ts";
export { checkCatalog, invalidCatalog, loadCatalog } from "./load.ts";
export { PROJECT_NAME_MAX, projectName, sharedProjectKey, sharedProjectName } from "./names.ts";
export { formatProblem, type Problem } from "./problem.ts";
export { type SharedProject, sharedProjects } from "./projects.ts";
export { type ReadableServices, readServices } from "./readable.ts";
export { releaseRef } from "./releases.ts";
export type { RolloutLimits, RolloutRules, WaveRule } from "./rollout-types.ts";
export { RULES, type RuleId } from "./rules/ids.ts";
export type {
  BuildStep,
  Catalog,
  CatchAll,
  CdnSettings,
  Database,
  DnsRecord,
  Endpoint,
  Host,
  HostProfile,
  Limit,
  Limits,
  LimitVendor,
  RecordType,
  Release,
  Releases,
  SecretEntry,
  Secrets,
  Service,
  ServiceBuild,
  ServiceKind,
  ServiceStep,
  Site,
  Zone,
  ZonePlan,
} from "./types.ts";
export { HOST_PROFILES, ON_REMOVAL, SAFEGUARDS, SERVICE_KINDS, STEP_PHASES, VENDORS } from "./types.ts";
