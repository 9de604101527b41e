/**
 * What all vendors of the sandbox share: the interface they fulfil, the server in front of them (log, latency,
 * faults, limits), events between them, and the file their state survives in.
 */
export { type ContextParts, createContext } from "./context.ts";
export { createEventBus, type EventBus, type EventListener, type SandboxEvent } from "./events.ts";
export {
  type FaultAction,
  type FaultConfig,
  type FaultConfigInput,
  type FaultRule,
  faultConfigSchema,
  type LatencyRule,
  type LimitRule,
} from "./fault-config.ts";
export { createFaultController, type FaultController, type FaultCount, type FaultStatus } from "./faults.ts";
export {
  createRequestLog,
  type RequestEntry,
  type RequestLog,
  type RequestSummary,
  type RouteCount,
  type VendorCount,
} from "./log.ts";
export { SUBJECT_NAMES, type SubjectName, VENDOR_NAMES, type VendorName } from "./names.ts";
export { type Persistence, type PersistOptions, persist, readState, type Saved } from "./persist.ts";
export { type Connection, createPipeline, type Pipeline, type PipelineParts } from "./pipeline.ts";
export { limitRules, type PresetOptions, type RateLimit } from "./presets.ts";
export { routesOf } from "./routes.ts";
export { listen, type NodeListener, nodeListener, type Served, type ServeOptions, serve } from "./serve.ts";
export type {
  ChatSeed,
  CloudflareSeed,
  DnsView,
  GithubSeed,
  Inventory,
  InventoryItem,
  Vendor,
  VendorContext,
  VendorFactory,
  VendorOptions,
  VercelSeed,
  ZonePlan,
  ZoneSeed,
} from "./vendor.ts";
