import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import {
  createMcpHandler,
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  originValidationResponse,
  type Server,
} from "@modelcontextprotocol/server";

/** Bytes of a request. */
const LARGEST = 1024 * 1024;

/** A token for one start of the server. */
export const newToken = (): string => randomBytes(32).toString("base64url");

/**
 * Answers MCP over HTTP on this machine: only for its own names in Host and Origin, so that no page of a browser reaches it under another
 * name, and only with the token.
 */
export function httpHandler(
  make: () => Server,
  token: string,
): { fetch(request: Request): Promise<Response>; close(): Promise<void> } {
  const handler = createMcpHandler(make, { maxRequestBodySize: LARGEST });
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const wanted = digest(`Bearer ${token}`);
  return {
    async fetch(request) {
      const foreign =
        hostHeaderValidationResponse(request, localhostAllowedHostnames()) ??
        originValidationResponse(request, localhostAllowedOrigins());
      if (foreign !== undefined) return foreign;
      const said = request.headers.get("authorization") ?? "";
      if (!timingSafeEqual(digest(said), wanted))
        return new Response(JSON.stringify({ error: "the token that was printed at the start is missing" }), {
          status: 401,
          headers: { "content-type": "application/json", "www-authenticate": "Bearer" },
        });
      return handler.fetch(request);
    },
    close: () => handler.close(),
  };
}
