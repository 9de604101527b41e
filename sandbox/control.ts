/** Starting, stopping and asking for the sandbox: the one way in for commands and tests. */
export { sandboxEnv } from "./daemon/env.ts";
export { readInfo, type SandboxInfo } from "./daemon/info.ts";
export { startSandbox } from "./daemon/start.ts";
export { sandboxStatus } from "./daemon/status.ts";
export { stopSandbox } from "./daemon/stop.ts";
export { sandboxDir, sandboxPaths } from "./machine/paths.ts";
