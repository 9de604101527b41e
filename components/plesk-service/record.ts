import type { RecordSpec } from "../dns/plan.ts";

// Apart from plan.ts: the command line reads it, and the SDKs that plan.ts loads cost it more than all else together.

/** A service's DNS record. Pure. */
export function recordOfService(service: {
  readonly host: string;
  readonly origin: Pick<RecordSpec, "type" | "content">;
  readonly proxied: boolean;
}): RecordSpec {
  const { host, origin, proxied } = service;
  return { host, type: origin.type, content: origin.content, ttl: 1, proxied };
}
