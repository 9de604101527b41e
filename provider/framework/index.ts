export * from "./definition.ts";
export * from "./errors.ts";
export * from "./http.ts";
export * from "./properties.ts";
export type { Served } from "./serve.ts";
export { serveProvider } from "./serve.ts";
export { hasUnknown, isObject, isUnknown, UNKNOWN } from "./values.ts";
