import { createHash } from "node:crypto";
import type { CloudflareSeed } from "../core/index.ts";
import { CloudflareError } from "./reply.ts";

/**
 * Checks the credentials of a call.
 * @returns the token, or the key where the call uses key and e-mail
 * @throws CloudflareError 400 when there are none or they are malformed, 403 when they are not accepted
 */
export function authenticate(headers: Headers, seed: CloudflareSeed): string {
  const authorization = headers.get("authorization");
  const key = headers.get("x-auth-key");
  if (authorization === null) {
    if (key === null || headers.get("x-auth-email") === null) {
      throw new CloudflareError(400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers");
    }
    if (!accepted(key, seed)) throw new CloudflareError(403, 9103, "Unknown X-Auth-Key or X-Auth-Email");
    return key;
  }
  const token = /^Bearer ([A-Za-z0-9_.-]+)$/.exec(authorization)?.[1];
  if (token === undefined) {
    const chain = [{ code: 6111, message: "Invalid format for Authorization header" }];
    throw new CloudflareError(400, 6003, "Invalid request headers", ...chain);
  }
  if (!accepted(token, seed)) throw new CloudflareError(403, 10000, "Authentication error");
  return token;
}

function accepted(credential: string, seed: CloudflareSeed): boolean {
  return seed.tokens === undefined || seed.tokens.includes(credential);
}

/** Id under which a token is shown: made from it, so that it is stable and says nothing about it. */
export function tokenId(token: string): string {
  return createHash("sha256").update(`token ${token}`).digest("hex").slice(0, 32);
}
