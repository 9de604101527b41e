import * as pulumi from "@pulumi/pulumi";
import { environment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { type HostOverrides, readHostOverrides } from "../model/hosts.ts";
import type { StackKind } from "../vendors/calls.ts";
import { VENDORS } from "../vendors/index.ts";
import type { SettingValues } from "../vendors/setup.ts";

/** What a stack is configured with: the `sitefleet:` keys of Pulumi.prod.yaml. */
export interface Settings {
  /** Which estate this is, in a word of your own; never defaulted, so that no run reaches real accounts by accident. */
  readonly target: string;
  /** What the vendors are set up with, by key; what is not set is undefined. */
  readonly values: SettingValues;
  /** What is otherwise of the catalog's hosts. @default nothing */
  readonly hosts: HostOverrides;
  /** Values of secrets that the configuration has, by name. */
  readonly secrets: pulumi.Output<Record<string, string>>;
  /** Names of those. */
  readonly configured: ReadonlySet<string>;
}

const HINTS = {
  target: "which estate this is, e.g. production",
  secrets: "see docs/guides/bring-up-an-estate.md for setting secrets from a file or stdin",
} as const;

/** What a stack's program is going to use. */
export interface Use {
  readonly kind: StackKind;
  /** Vendors at which it makes zones. @default none */
  readonly newZonesAt?: readonly string[];
  /** Names of the secrets that must be configured. @default none */
  readonly secrets?: readonly string[];
}

/**
 * Reads what the stack needs; all that is missing or wrong is reported at once.
 *
 * @throws SitefleetError `settings.missing`
 */
export function readSettings({ kind, newZonesAt = [], secrets: requiredSecrets = [] }: Use): Settings {
  const config = new pulumi.Config("sitefleet");
  const missing: string[] = [];
  const secrets = config.getSecretObject<Record<string, unknown>>("secrets");
  // Only the names are looked at, so the raw value is right here; `getObject` would warn that it holds secrets.
  const given = Object.entries(JSON.parse(pulumi.runtime.allConfig()["sitefleet:secrets"] ?? "{}") as object);
  const names = new Set(given.map(([name]) => name));
  for (const [name, value] of given) {
    // A whole number is a port. Of anything else YAML has made another value than the one that was written.
    if (typeof value === "string" || Number.isSafeInteger(value)) continue;
    missing.push(`sitefleet:secrets.${name} is no text: put it in quotes`);
  }
  for (const name of requiredSecrets) {
    if (!names.has(name)) missing.push(`sitefleet:secrets.${name} is not set: ${HINTS.secrets}`);
  }
  const target = config.get("target") ?? environment().SITEFLEET_TARGET ?? "";
  if (target.trim() === "") missing.push(`sitefleet:target is not set: ${HINTS.target}`);
  const values: Record<string, string | undefined> = {};
  for (const { name, settings: declared = [] } of VENDORS) {
    for (const { key, hint, stacks, required, check } of declared) {
      const value = config.get(key);
      values[key] = value;
      const wanted = required === "always" || (required === "new-zones" && newZonesAt.includes(name));
      const absent = value === undefined || value.trim() === "";
      if (absent && wanted && stacks.includes(kind)) missing.push(`sitefleet:${key} is not set: ${hint}`);
      const wrong = value === undefined ? undefined : check?.(value);
      if (wrong !== undefined) missing.push(`sitefleet:${key} ${wrong}`);
    }
  }
  const settings: Settings = {
    target,
    values,
    hosts: readHostOverrides(config.getObject("hosts")),
    configured: names,
    secrets: pulumi.secret(
      pulumi
        .output(secrets ?? {})
        .apply((values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))),
    ),
  };
  if (missing.length > 0) {
    throw new SitefleetError({
      code: "settings.missing",
      message: `the stack's configuration lacks ${missing.length === 1 ? "a value" : `${missing.length} values`}`,
      subject: pulumi.getStack(),
      hint: "set them in Pulumi.prod.yaml: pulumi config set -s prod --config-file Pulumi.prod.yaml sitefleet:KEY VALUE (docs/reference/configuration.md)",
      details: missing,
    });
  }
  return settings;
}
