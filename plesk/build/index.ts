/** Builds of the artifacts that the driver deploys: what the command line may use of them. */
export { buildService } from "./build.ts";
export { outputPaths } from "./layout.ts";
export { type PruneRequest, prune } from "./prune.ts";
export type { BuildOptions, BuildRequest, BuildResult } from "./types.ts";
