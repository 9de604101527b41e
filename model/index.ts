/**
 * The desired state as data: reads `catalog/`, checks it, and derives from it what the rest of sitefleet goes by.
 * This is the only module through which other parts see the catalog.
 */

export { readAlerts } from "./assemble/alerts.ts";
export { readFlows } from "./assemble/flows.ts";
export { readGates } from "./assemble/gates.ts";
export { defaultNotify, readNotify } from "./assemble/notify.ts";
export { canonicalContent } from "./canonical.ts";
export {
  CANARY,
  cellNames,
  cellOf,
  DEFAULT_CELLS,
  MOST_CELLS,
  NEW_CELLS,
  sitesByCell,
  stackOf,
  stackOfCell,
} from "./cells.ts";
export type { Check, CheckLayer, Vantage } from "./check-types.ts";
export { checkOfDeployment, checkOfService, checkOfSite, layered } from "./checks.ts";
export { caaData, isInZone, normaliseName } from "./dns.ts";
export { DEFAULT_DNS } from "./dns-vendors.ts";
export { FRAMEWORKS } from "./frameworks.ts";
export { type HostOverrides, overrideHosts, readHostOverrides, requireHostKeys } from "./hosts.ts";
export { findLimit } from "./limits.ts";
export { checkCatalog, checkTexts, invalidCatalog, loadCatalog } from "./load.ts";
export { PROJECT_NAME_MAX, projectName, sharedProjectName } from "./names.ts";
export { secretsText } from "./new-estate.ts";
export { formatProblem, type Problem } from "./problem.ts";
export { sharedProjects } from "./projects.ts";
export { emptyCatalog, readServices } from "./readable.ts";
export { releaseRef } from "./releases.ts";
export type { RolloutLimits, RolloutRules } from "./rollout-types.ts";
export { DEFAULT_ROTATION, FIRST, generationsOf, loginOf, type Rotation } from "./rotation.ts";
export { RULES, type RuleId } from "./rule-ids.ts";
export { secretsHome } from "./secrets-home.ts";
export { serviceGroups } from "./service-order.ts";
export type { BuildStep, Service, ServiceBuild, ServiceKind } from "./service-types.ts";
export type { AlertRule } from "./shape/alerts.ts";
export type { Flow, FlowStep, Flows } from "./shape/flows.ts";
export {
  type Approver,
  type Approvers,
  AREAS,
  type Area,
  accountOf,
  type Freeze,
  GATE_IDS,
  type GateId,
  type Gates,
  type GateWindow,
} from "./shape/gates.ts";
export { HOST_PROFILES } from "./shape/hosts.ts";
export {
  type IncidentLimits,
  type Notify,
  type NotifyReceiver,
  type Publish,
  TOPICS,
  type Topic,
} from "./shape/notify.ts";
export { DRIVERS, type Driver, type Price, type Prices } from "./shape/prices.ts";
export {
  QUALITY_CHECKS,
  type Quality,
  type QualityCheck,
  type QualityRepository,
} from "./shape/quality.ts";
export { UNKNOWN_COMMIT } from "./shape/releases.ts";
export { BY_HAND } from "./shape/secrets.ts";
export { SAFEGUARDS, SERVICE_KINDS, STEP_PHASES } from "./shape/services.ts";
export type {
  Catalog,
  Host,
  Limits,
  SecretEntry,
  Site,
  Zone,
} from "./types.ts";
