/** The web as the sandbox has it: every host name answered by what is live there, or told why not. */
export { createPhp, type Php } from "./php.ts";
export { serveRedirects, serveSecureWeb, serveWeb } from "./server.ts";
export type { Applications, Dns, Listed, WebSources } from "./sources.ts";
