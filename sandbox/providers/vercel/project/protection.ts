import type { Props } from "../../framework/index.ts";

const TO_API: Readonly<Record<string, string>> = {
  standard_protection: "prod_deployment_urls_and_all_previews",
  standard_protection_new: "all_except_custom_domains",
  all_deployments: "all",
  only_preview_deployments: "preview",
  only_production_deployments: "production",
};
const FROM_API = Object.fromEntries(Object.entries(TO_API).map(([ours, theirs]) => [theirs, ours]));
const MODE_TO_API: Readonly<Record<string, string>> = {
  trusted_ip_required: "additional",
  trusted_ip_optional: "exclusive",
};
const MODE_FROM_API = Object.fromEntries(Object.entries(MODE_TO_API).map(([ours, theirs]) => [theirs, ours]));

/** A deployment type in the API's words; unknown ones pass. */
const typeToApi = (type: unknown): unknown => TO_API[type as string] ?? type;
/** A deployment type in the provider's words; unknown ones pass. */
export const typeFromApi = (type: unknown): unknown => FROM_API[type as string] ?? type;

/** `vercelAuthentication` as the API's `ssoProtection`; the default is Standard Protection. */
export function ssoProtection(value: unknown): Props {
  return { deploymentType: typeToApi((value as Props | undefined)?.deploymentType ?? "standard_protection_new") };
}

/** `passwordProtection` for the API; null (which removes it) when not declared. */
export function passwordProtection(value: unknown): Props | null {
  if (value === undefined) return null;
  const { deploymentType, password } = value as Props;
  return { deploymentType: typeToApi(deploymentType), password };
}

/** `trustedIps` for the API; null (which removes it) when not declared. */
export function trustedIps(value: unknown): Props | null {
  if (value === undefined) return null;
  const { addresses, deploymentType, protectionMode } = value as Props & { addresses: Props[] };
  return {
    addresses: addresses.map((address) => ({ value: address.value, note: address.note ?? null })),
    deploymentType: typeToApi(deploymentType),
    protectionMode: MODE_TO_API[protectionMode as string] ?? protectionMode,
  };
}

/** `trustedIps` out of the API's answer. */
export function trustedIpsFromApi(value: Props): Props {
  const addresses = (value.addresses as Props[] | undefined) ?? [];
  return {
    addresses: addresses.map((address) => ({
      value: address.value,
      ...(address.note != null && { note: address.note }),
    })),
    deploymentType: typeFromApi(value.deploymentType),
    protectionMode: MODE_FROM_API[value.protectionMode as string] ?? value.protectionMode,
  };
}

/** `trustedSources` for the API; null (which removes them) when not declared. */
export function trustedSources(value: unknown): Props | null {
  if (value === undefined) return null;
  const { projects, externalSources } = value as { projects?: Props[]; externalSources?: Props[] };
  const result: Props = {};
  if (projects !== undefined) {
    result.projects = Object.fromEntries(
      projects.map(({ projectId, label, customAllows }) => [
        projectId,
        { ...(label !== undefined && { label }), ...(customAllows !== undefined && { customAllow: customAllows }) },
      ]),
    );
  }
  if (externalSources !== undefined) {
    const byIssuer: Record<string, Props[]> = {};
    for (const { issuer, ...rest } of externalSources) {
      byIssuer[issuer as string] ??= [];
      byIssuer[issuer as string]!.push(rest);
    }
    result.oidcProviders = byIssuer;
  }
  return result;
}

/** `trustedSources` out of the API's answer. */
export function trustedSourcesFromApi(value: Props): Props {
  const projects = value.projects as Record<string, Props> | undefined;
  const issuers = value.oidcProviders as Record<string, Props[]> | undefined;
  return {
    ...(projects && {
      projects: Object.entries(projects).map(([projectId, { label, customAllow }]) => ({
        projectId,
        ...(label != null && { label }),
        ...(customAllow != null && { customAllows: customAllow }),
      })),
    }),
    ...(issuers && {
      externalSources: Object.entries(issuers).flatMap(([issuer, list]) => list.map((item) => ({ issuer, ...item }))),
    }),
  };
}
