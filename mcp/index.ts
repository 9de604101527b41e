/** The interface for agents: docs/reference/mcp.md. */
export { DEFAULT_LIMITS } from "./limits.ts";
export { SETS, type ToolSet } from "./sets.ts";
export { openSession, serveOnHttp, serveOnStdio } from "./start.ts";
