import * as pulumi from "@pulumi/pulumi";
import { type HostOverrides, readHostOverrides } from "../catalog/index.ts";
import { SKEW_PROTECTION, type SkewProtection } from "../components/vercel-site/project-plan.ts";
import { environment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";

/** What a stack is configured with: the `sitefleet:` keys of Pulumi.prod.yaml. */
export interface Settings {
  /** Which estate this is, in a word of your own; never defaulted, so that no run reaches real accounts by accident. */
  readonly target: string;
  /** Slug or id of the Vercel team; undefined = the token's personal account. */
  readonly vercelTeam: string | undefined;
  /** For every project; `off` for a plan of Vercel's without it. @default "12 hours" */
  readonly skewProtection: SkewProtection | undefined;
  /** Cloudflare account for zones of mode `create`. */
  readonly cloudflareAccountId: string;
  /** Pause between two writes to GitHub, ms. GitHub's secondary limit is 80 content-creating calls a minute. */
  readonly githubWriteDelayMs: number;
  /** What is otherwise of the catalog's hosts. @default nothing */
  readonly hosts: HostOverrides;
  /** Values of the secrets with source `config`, by name. */
  readonly secrets: pulumi.Output<Record<string, string>>;
}

/** Which keys a kind of stack needs. */
export type SettingKey = "vercelTeam" | "cloudflareAccountId";

const HINTS: Readonly<Record<SettingKey | "target" | "secrets", string>> = {
  target: "which estate this is, e.g. production",
  vercelTeam: "slug of the Vercel team, or `none` for a personal account",
  cloudflareAccountId: "the Cloudflare account's id",
  secrets: "see docs/guides/bring-up-an-estate.md for setting secrets from a file or stdin",
};

/**
 * Reads what the stack needs; all that is missing or wrong is reported at once.
 *
 * @throws SitefleetError `settings.missing`
 */
export function readSettings(needed: readonly SettingKey[], requiredSecrets: readonly string[] = []): Settings {
  const config = new pulumi.Config("sitefleet");
  const missing: string[] = [];
  const require = (key: SettingKey | "target", value: string | undefined): string => {
    const wanted = key === "target" || needed.includes(key);
    if (wanted && (value === undefined || value.trim() === ""))
      missing.push(`sitefleet:${key} is not set: ${HINTS[key]}`);
    return value ?? "";
  };
  const plain = (key: string) => config.get(key);
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
  const team = require("vercelTeam", plain("vercelTeam"));
  const settings: Settings = {
    target: require("target", plain("target") ?? environment().SITEFLEET_TARGET),
    vercelTeam: team === "none" || team === "" ? undefined : team,
    skewProtection: readSkewProtection(plain("skewProtection"), missing),
    cloudflareAccountId: require("cloudflareAccountId", plain("cloudflareAccountId")),
    githubWriteDelayMs: config.getNumber("githubWriteDelayMs") ?? 1000,
    hosts: readHostOverrides(config.getObject("hosts")),
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

function readSkewProtection(given: string | undefined, wrong: string[]): SkewProtection | undefined {
  const allowed: readonly string[] = ["off", ...SKEW_PROTECTION];
  if (given === undefined || allowed.includes(given)) return given as SkewProtection | undefined;
  wrong.push(`sitefleet:skewProtection is none of ${allowed.join(", ")}: ${given}`);
  return undefined;
}
