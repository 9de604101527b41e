import { createMcpHandler, type Server } from "@modelcontextprotocol/server";
import { refuseForeign, refuseWithoutToken } from "../operations/kit/loopback.ts";

/** Bytes of a request. */
const LARGEST = 1024 * 1024;

/**
 * Answers MCP over HTTP on this machine: only for its own names in Host and Origin, so that no page of a browser reaches it under another
 * name, and only with the token.
 */
export function httpHandler(
  make: () => Server,
  token: string,
): { fetch(request: Request): Promise<Response>; close(): Promise<void> } {
  const handler = createMcpHandler(make, { maxRequestBodySize: LARGEST });
  return {
    fetch: async (request) =>
      refuseForeign(request, "local") ?? refuseWithoutToken(request, token) ?? handler.fetch(request),
    close: () => handler.close(),
  };
}
