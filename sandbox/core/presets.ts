import type { FaultConfigInput } from "./fault-config.ts";
import type { VendorName } from "./names.ts";

/** One entry of catalog/limits.yaml, as far as it matters here. */
export interface RateLimit {
  readonly id: string;
  readonly amount: number;
  /** Seconds; null when it is not a rate. */
  readonly per: number | null;
}

/** Options of {@link limitRules}. */
export interface PresetOptions {
  /** Multiplies every amount; 0.5 halves them without a word to the clients. @default 1 */
  readonly factor?: number;
  /** Only these vendors. @default all */
  readonly vendors?: readonly VendorName[];
  /** Whether answers tell what is left; see `announce` of a limit rule. @default true */
  readonly announce?: boolean;
}

type LimitInput = NonNullable<FaultConfigInput["limits"]>[number];
type Where = Pick<LimitInput, "vendor" | "method" | "path" | "scope" | "kind"> & {
  /** Id of the limit that says for how many seconds everything is refused once this one was passed. */
  readonly block?: string;
};

/**
 * Which calls a limit of the catalog is about. Only places, no numbers: those are data. Limits that are no rates
 * of calls (records of a zone, secrets of an environment) are the vendors' own and stand in their seeds; certificates a
 * week are issued in the background and fail no call.
 */
const PLACES: Readonly<Record<string, Where>> = {
  "vercel.project-create": { vendor: "vercel", method: "POST", path: "^/v\\d+/projects/?$", scope: "all" },
  "vercel.project-domain-add": {
    vendor: "vercel",
    method: "POST",
    path: "^/v\\d+/projects/[^/]+/domains/?$",
    scope: "all",
  },
  "vercel.deployment-create-5min": { vendor: "vercel", method: "POST", path: "^/v\\d+/deployments/?$", scope: "all" },
  "vercel.deployment-create-hour": { vendor: "vercel", method: "POST", path: "^/v\\d+/deployments/?$", scope: "all" },
  "vercel.deployment-create-day": { vendor: "vercel", method: "POST", path: "^/v\\d+/deployments/?$", scope: "all" },
  "vercel.variable-create": {
    vendor: "vercel",
    method: "POST",
    path: "^/v\\d+/(?:projects/[^/]+/)?env/?$",
    scope: "all",
  },
  "vercel.variable-read": {
    vendor: "vercel",
    method: "GET",
    path: "^/v\\d+/(?:projects/[^/]+/)?env(?:/|$)",
    scope: "all",
  },
  "cloudflare.api-calls": { vendor: "cloudflare", path: "^/client/v4/", scope: "all", block: "cloudflare.api-block" },
  "github.content-create": { vendor: "github", method: ["POST", "PUT", "PATCH"], scope: "token", kind: "secondary" },
  "github.workflow-token-calls": { vendor: "github", scope: "token" },
};

/**
 * Rules that enforce the catalog's rate limits in the sandbox.
 * @example faults.set({ limits: limitRules(catalog.limits), timeScale: 3600 }) // an hour is a second
 */
export function limitRules(limits: readonly RateLimit[], options: PresetOptions = {}): LimitInput[] {
  const { factor = 1, vendors, announce = true } = options;
  return limits.flatMap((limit) => {
    const place = PLACES[limit.id];
    if (place === undefined || limit.per === null) return [];
    if (vendors !== undefined && !vendors.includes(place.vendor)) return [];
    const { block: blockId, ...where } = place;
    const block = limits.find((other) => other.id === blockId)?.amount;
    const amount = limit.amount * factor;
    return [{ id: limit.id, ...where, amount, per: limit.per, announce, ...(block === undefined ? {} : { block }) }];
  });
}
