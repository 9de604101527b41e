import type { BudgetVendor } from "./spec.ts";

/** An API call as far as limits look at it. */
export interface ApiCall {
  readonly vendor: BudgetVendor;
  readonly method: string;
  /** Path without query, as the vendor sees it. */
  readonly path: string;
}

interface Place {
  readonly id: string;
  readonly vendor: BudgetVendor;
  /** @default all methods */
  readonly methods?: readonly string[];
  readonly path: RegExp;
}

const DEPLOYMENTS = /^\/v\d+\/deployments\/?$/;

/** Which calls count against which limit of limits.yaml: only places, the numbers are data. */
const PLACES: readonly Place[] = [
  { id: "vercel.project-create", vendor: "vercel", methods: ["POST"], path: /^\/v\d+\/projects\/?$/ },
  {
    id: "vercel.project-domain-add",
    vendor: "vercel",
    methods: ["POST"],
    path: /^\/v\d+\/projects\/[^/]+\/domains\/?$/,
  },
  { id: "vercel.deployment-create-5min", vendor: "vercel", methods: ["POST"], path: DEPLOYMENTS },
  { id: "vercel.deployment-create-hour", vendor: "vercel", methods: ["POST"], path: DEPLOYMENTS },
  { id: "vercel.deployment-create-day", vendor: "vercel", methods: ["POST"], path: DEPLOYMENTS },
  { id: "vercel.variable-create", vendor: "vercel", methods: ["POST"], path: /^\/v\d+\/(?:projects\/[^/]+\/)?env\/?$/ },
  {
    id: "vercel.variable-read",
    vendor: "vercel",
    methods: ["GET"],
    path: /^\/v\d+\/(?:projects\/[^/]+\/)?env(?:\/|$)/,
  },
  { id: "cloudflare.api-calls", vendor: "cloudflare", path: /^\/client\/v4\// },
  { id: "github.content-create", vendor: "github", methods: ["POST", "PUT", "PATCH"], path: /^\// },
  { id: "github.workflow-token-calls", vendor: "github", path: /^\// },
];

/** Ids of the limits that a call counts against; empty when none is known. Pure. */
export function limitsOfCall(call: ApiCall): string[] {
  return PLACES.filter(
    ({ vendor, methods, path }) =>
      vendor === call.vendor && (methods === undefined || methods.includes(call.method)) && path.test(call.path),
  ).map(({ id }) => id);
}
