import { environment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { DEFAULT_DNS, type DnsVendorFacts } from "../model/dns-vendors.ts";
import { cloudflare } from "./cloudflare/index.ts";
import { codacy } from "./codacy/index.ts";
import type { DnsVendor } from "./dns.ts";
import { furtherVendors } from "./further.ts";
import { github } from "./github/index.ts";
import { type AnswerHeaders, type LimitInfo, readAnswer } from "./limits.ts";
import { plesk } from "./plesk/index.ts";
import { random } from "./random/index.ts";
import type { VendorProvider } from "./setup.ts";
import type { ResourceType, Role, Vendor } from "./vendor.ts";
import { vercel } from "./vercel/index.ts";

export type { ResourceType, Role, Vendor } from "./vendor.ts";

/** All vendors: a line each, then those that SITEFLEET_VENDORS names; it is read once a process. */
export const VENDORS: readonly Vendor[] = [
  vercel,
  cloudflare,
  github,
  plesk,
  random,
  codacy,
  ...(await furtherVendors(environment().SITEFLEET_VENDORS)),
];

const byPackage = new Map(
  VENDORS.flatMap((vendor) => Object.keys(vendor.providers).map((name) => [name, vendor] as const)),
);
const byName = new Map(VENDORS.map((vendor) => [vendor.name, vendor]));

/** The token of the first type that a vendor has for a role; empty when it has none. Pure. */
export function typeFor({ types }: Vendor, role: Role): string {
  return Object.keys(types).find((type) => types[type]?.role === role) ?? "";
}

/** The vendor that builds and serves the sites. */
export const HOSTING = hostingOf(VENDORS);

function hostingOf(vendors: readonly Vendor[]) {
  const vendor = vendors.find(({ hosting }) => hosting !== undefined);
  if (vendor?.hosting === undefined) throw new Error("vendors/index.ts lists no vendor that hosts sites");
  return { vendor, ...vendor.hosting, type: (role: Role) => typeFor(vendor, role) };
}

/** The vendor whose environment jobs get their secrets from. */
export const SECRETS = secretsOf(VENDORS);

function secretsOf(vendors: readonly Vendor[]): Vendor {
  const vendor = vendors.find((one) => typeFor(one, "environment") !== "");
  if (vendor === undefined) throw new Error("vendors/index.ts lists no vendor that keeps secrets");
  return vendor;
}

/** The Pulumi package of a resource type, or of a provider's own type. Pure. */
const packageOf = (type: string): string => type.replace(/^pulumi:providers:/, "").split(":", 1)[0] ?? "";

/** The vendor behind a resource type or a provider; undefined for components and the engine's own. Pure. */
export const vendorOfType = (type: string): Vendor | undefined => byPackage.get(packageOf(type));

/** A vendor by its name. Pure. */
export const vendorNamed = (name: string): Vendor | undefined => byName.get(name);

/** A vendor's provider by its Pulumi package. Pure. */
export const providerNamed = (name: string): VendorProvider | undefined => byPackage.get(name)?.providers[name];

/** The provider of a resource type, or behind a provider's own type. Pure. */
export const providerOfType = (type: string): VendorProvider | undefined => providerNamed(packageOf(type));

/** The vendors that zones can be at, as the catalog's rules ask for them. Pure. */
export const dnsVendors = (): DnsVendorFacts[] =>
  VENDORS.flatMap(({ name, dns }) => (dns ? [{ name, cdn: dns.settingNames !== undefined }] : []));

/** A vendor that zones are at. */
export interface ZoneVendor extends DnsVendor {
  readonly vendor: Vendor;
  /** The token of its type for a role; empty when it has none. */
  type(role: Role): string;
}

/** The DNS vendor of a zone. Pure. @throws SitefleetError `catalog.invalid` */
export function dnsOf({ dns = DEFAULT_DNS }: { readonly dns?: string }): ZoneVendor {
  const vendor = vendorNamed(dns);
  if (vendor?.dns !== undefined) return { ...vendor.dns, vendor, type: (role) => typeFor(vendor, role) };
  throw new SitefleetError({
    code: "catalog.invalid",
    message: `${dns} is no DNS vendor`,
    hint: `one of ${dnsVendors()
      .map(({ name }) => name)
      .join(", ")}`,
  });
}

/** What is known of a resource type; undefined when it is in no vendor's list. Pure. */
export const resourceType = (type: string): ResourceType | undefined => vendorOfType(type)?.types[type];

/** What a resource type is to the estate; undefined when no vendor says. Pure. */
export function roleOf(type: string): Role | undefined {
  const vendor = vendorOfType(type);
  if (vendor === undefined || type.startsWith("pulumi:")) return undefined;
  const other = () => vendor.others?.find(([pattern]) => pattern.test(type))?.[1];
  return vendor.types[type]?.role ?? other();
}

/** Whether the creates of a type can be done again, see `ResourceType.repeatable`. Pure. */
export function isRepeatable(type: string): boolean {
  return providerOfType(type)?.repeatable === true || resourceType(type)?.repeatable === true;
}

/** Whether a failed step of a type, or of a provider itself, can be taken again, see `VendorProvider.again`. Pure. */
export function canGoAgain(type: string): boolean {
  return providerOfType(type)?.again === true;
}

/** What a vendor's answer tells about its limits. Pure. @param now the machine's time, ms since 1970 */
export function readLimits(vendor: string, status: number, headers: AnswerHeaders, now: number): LimitInfo {
  return readAnswer(vendorNamed(vendor)?.limits?.read, { status, headers }, now);
}

/**
 * True for an input that is not sent when it is not declared. A difference that a provider reports of it is bookkeeping and no
 * change. Pure.
 */
export function isSilent(type: string, input: string): boolean {
  const sends = resourceType(type)?.undeclared?.[input]?.sends;
  return sends === "nothing" || sends === "kept" || sends === "off-at-first";
}

/** True when a change of an input, or of a part of it, takes protection away. Pure. */
export function takesProtection(type: string, input: string, old: unknown, next: unknown): boolean {
  return resourceType(type)?.undeclared?.[input]?.weakens?.(old, next) ?? false;
}
