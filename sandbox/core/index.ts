/**
 * What all vendors of the sandbox share: the interface they fulfil, the server in front of them (log, latency,
 * faults, limits), events between them, and the file their state survives in.
 */
export { createContext } from "./context.ts";
export { createEventBus } from "./events.ts";
export {
  type FaultConfigInput,
  faultConfigSchema,
  type LimitRule,
} from "./fault-config.ts";
export { createFaultController, type FaultController } from "./faults.ts";
export {
  createRequestLog,
  type RequestLog,
} from "./log.ts";
export { VENDOR_NAMES, type VendorName } from "./names.ts";
export { type Persistence, persist, readState } from "./persist.ts";
export { limitRules } from "./presets.ts";
export { routesOf } from "./routes.ts";
export { listen, type NodeListener, nodeListener, type Served, serve } from "./serve.ts";
export type {
  ChatSeed,
  CloudflareSeed,
  DnsView,
  GithubSeed,
  Inventory,
  Vendor,
  VendorContext,
  VendorOptions,
  ZonePlan,
  ZoneSeed,
} from "./vendor.ts";
