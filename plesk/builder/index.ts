/** Builds of the artifacts that the driver deploys: what the command line may use of them. */
export { buildService } from "./build.ts";
export { outputPaths } from "./layout.ts";
export { prune } from "./prune.ts";
export type { BuildOptions, BuildResult } from "./types.ts";
