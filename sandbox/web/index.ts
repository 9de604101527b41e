/** The web as the sandbox has it: every host name answered by what is live there, or told why not. */
export { RELEASE_HEADER } from "./answer.ts";
export { serveWeb } from "./server.ts";
export type { Dns, Listed, LiveSite, WebSources } from "./sources.ts";
