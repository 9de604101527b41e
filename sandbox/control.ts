/** Starting, stopping and asking for the sandbox: the one way in for commands and tests. */
export { sandboxEnv } from "./daemon/env.ts";
export { type PartName, readInfo, type SandboxInfo, type SandboxPorts } from "./daemon/info.ts";
export { type SandboxPaths, sandboxDir, sandboxPaths } from "./daemon/paths.ts";
export { type StartOptions, startSandbox } from "./daemon/start.ts";
export { type PartStatus, type SandboxStatus, sandboxStatus } from "./daemon/status.ts";
export { type StopOptions, type StopResult, stopSandbox } from "./daemon/stop.ts";
