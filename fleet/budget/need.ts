import { getDomain } from "tldts";
import { isInZone, type Zone } from "../../model/index.ts";
import type { CostOperation, StackKind } from "../../vendors/calls.ts";
import { resourceType, roleOf, VENDORS, vendorOfType } from "../../vendors/index.ts";
import { limitsOfCall } from "./limits-of-call.ts";
import { addNeeds, BUILDS, CERTIFICATES, limitKey, type Need } from "./spec.ts";

/** A change of one resource, in the engine's words: what a preview finds, or what is expected. */
export interface WorkStep {
  /** `create`, `update`, `replace`, `delete`, `import`, … */
  readonly op: string;
  /** Pulumi type, e.g. `random:index/randomPassword:RandomPassword`. */
  readonly type: string;
  /** Logical name; of domains the host. */
  readonly name: string;
}

/** Registered domain that a host's new certificate counts against; undefined when the host needs none of its own. */
export type CertificateDomain = (host: string) => string | undefined;

const PARTS: Readonly<Record<string, readonly CostOperation[]>> = {
  create: ["create"],
  update: ["update"],
  delete: ["delete"],
  import: ["read"],
  read: ["read"],
  refresh: ["read"],
  replace: ["delete", "create"],
  "import-replacement": ["delete", "read"],
};
const perCall = new Map<string, readonly string[]>();

/**
 * Which hosts need a certificate of their own. In a zone of kind `wildcard` the names one label below the apex are
 * covered by the certificate of `*.zone`. Private suffixes count as Let's Encrypt counts them. Pure.
 */
export function certificateDomains(zones: readonly Pick<Zone, "name" | "kind">[]): CertificateDomain {
  const wildcards = zones.filter(({ kind }) => kind === "wildcard").map(({ name }) => name);
  return (host) => {
    const plain = host.replace(/^\*\./, "");
    const zone = wildcards.find((name) => isInZone(host, name));
    const below = zone === undefined || host.startsWith("*.") ? "" : host.slice(0, -zone.length - 1);
    if (below !== "" && !below.includes(".")) return undefined;
    return getDomain(plain, { allowPrivateDomains: true }) ?? plain;
  };
}

/** What one change costs. Types without calls of a budgeted vendor cost nothing. Pure. */
export function needOfStep(step: WorkStep, certificateOf: CertificateDomain = () => undefined): Need {
  const calls = resourceType(step.type)?.calls;
  const vendor = vendorOfType(step.type)?.name ?? "";
  const role = roleOf(step.type);
  const parts = PARTS[step.op];
  if (calls === undefined || parts === undefined) return {};
  const need: Record<string, number> = {};
  const add = (key: string) => {
    need[key] = (need[key] ?? 0) + 1;
  };
  for (const part of parts) {
    for (const pattern of calls[part]) for (const id of limitsOfPattern(vendor, pattern)) add(id);
    if (role === "release" && (part === "create" || part === "update")) add(BUILDS);
    if (part !== "create") continue;
    if (role === "deployment") add(BUILDS);
    const domain = role === "site-domain" ? certificateOf(step.name) : undefined;
    if (domain !== undefined) add(limitKey(CERTIFICATES, domain));
  }
  return need;
}

/** Sum over steps. Pure. */
export function needOfSteps(steps: Iterable<WorkStep>, certificateOf?: CertificateDomain): Record<string, number> {
  const needs: Need[] = [];
  for (const step of steps) needs.push(needOfStep(step, certificateOf));
  return addNeeds(needs);
}

/** What opening a stack costs before any change. Pure. */
export function needOfOpening(kind: StackKind): Record<string, number> {
  return addNeeds(
    VENDORS.flatMap(({ name, api }) =>
      (api?.opening?.[kind] ?? []).map((call) =>
        Object.fromEntries(limitsOfPattern(name, call).map((id): [string, number] => [id, 1])),
      ),
    ),
  );
}

/** Calls of a step, all of them, limited or not. Pure. */
export function callsOfStep(step: WorkStep): number {
  const calls = resourceType(step.type)?.calls;
  return (PARTS[step.op] ?? []).reduce((sum, part) => sum + (calls?.[part].length ?? 0), 0);
}

function limitsOfPattern(vendor: string, pattern: string): readonly string[] {
  const key = `${vendor} ${pattern}`;
  let ids = perCall.get(key);
  if (ids === undefined) {
    const [method = "", path = ""] = pattern.split(" ");
    ids = limitsOfCall({ vendor, method, path: path.replaceAll("*", "x") });
    perCall.set(key, ids);
  }
  return ids;
}
