import type { Catalog } from "../../../model/index.ts";
import type { StackKind } from "../../../vendors/calls.ts";
import { fault, type Line, ok } from "../../../vendors/checkup.ts";
import { VENDORS } from "../../../vendors/index.ts";
import type { SettingValues } from "../../../vendors/setup.ts";
import { listed } from "../preflight/words.ts";

/** Secrets that are named in one line. */
const NAMED = 6;

/** The settings that stand in clear, by key; of what is neither a text nor a number none. Pure. @param file its content */
export function plainSettings(file: Readonly<Record<string, unknown>>): SettingValues {
  const config = Object.entries((file.config ?? {}) as Readonly<Record<string, unknown>>);
  return Object.fromEntries(
    config.flatMap(([key, value]) =>
      typeof value === "string" || typeof value === "number" ? [[key.replace(/^sitefleet:/, ""), String(value)]] : [],
    ),
  );
}

/** What the configuration file has and lacks for these kinds of stack. Pure. @param file its content */
export function settingLines(
  file: Readonly<Record<string, unknown>>,
  kinds: ReadonlySet<StackKind>,
  { zones = [] }: Partial<Pick<Catalog, "zones">>,
  env: NodeJS.ProcessEnv,
): Line[] {
  const config = (file.config ?? {}) as Readonly<Record<string, unknown>>;
  const given = (key: string) => String(config[`sitefleet:${key}`] ?? "").trim();
  const target = given("target") || (env.SITEFLEET_TARGET ?? "").trim();
  const newZonesAt = new Set(zones.flatMap(({ mode, dns }) => (mode === "create" ? [dns] : [])));
  const ofVendors = VENDORS.flatMap(({ name, settings = [] }) =>
    settings.flatMap(({ key, hint, required, stacks, check }): Line[] => {
      const id = `settings.${key}`;
      const value = given(key);
      const wrong = value === "" ? undefined : check?.(value);
      if (wrong !== undefined) return [fault(id, `sitefleet:${key} ${wrong}`, setKey(key))];
      if (value !== "") return [ok(id, value)];
      const needed = required === "always" || (required === "new-zones" && newZonesAt.has(name));
      return needed && stacks.some((kind) => kinds.has(kind))
        ? [fault(id, `sitefleet:${key} is not set: ${hint}`, setKey(key))]
        : [];
    }),
  );
  return [
    target === ""
      ? fault(
          "settings.target",
          "sitefleet:target is not set: which estate this is, e.g. production (SITEFLEET_TARGET does as well)",
          setKey("target"),
        )
      : ok("settings.target", target),
    ...ofVendors,
  ];
}

const setKey = (key: string) =>
  `pulumi config set -s prod --config-file "$SITEFLEET_CONFIG_FILE" sitefleet:${key} VALUE`;

/** Which secrets of the configuration are missing for these kinds of stack. Pure. @param file its content */
export function secretLines(
  file: Readonly<Record<string, unknown>>,
  kinds: ReadonlySet<StackKind>,
  { secrets, services = [], hosts = [] }: Partial<Pick<Catalog, "secrets" | "services" | "hosts">>,
  env: NodeJS.ProcessEnv,
): Line[] {
  const config = (file.config ?? {}) as Readonly<Record<string, unknown>>;
  const set = new Set(Object.keys((config["sitefleet:secrets"] ?? {}) as object));
  const ofShared = (secrets?.entries ?? []).flatMap(({ name, source, value }) =>
    source === "config" && value === undefined ? [name] : [],
  );
  const used = new Set(services.map(({ server }) => server));
  const keys = hosts.flatMap(({ key, keySecret }) => (used.has(key) && !env[keySecret] ? [keySecret] : []));
  const wanted = [...new Set([...(kinds.has("shared") ? ofShared : []), ...(kinds.has("plesk") ? keys : [])])];
  const missing = wanted.filter((name) => !set.has(name));
  const id = "settings.secrets";
  if (missing.length === 0) return [ok(id, `all ${wanted.length} that are needed are set`)];
  const says = `sitefleet:secrets lacks ${listed(missing, NAMED)}`;
  return [
    fault(
      id,
      says,
      `pulumi config set -s prod --config-file "$SITEFLEET_CONFIG_FILE" --secret --path sitefleet:secrets.${missing[0]} < FILE`,
    ),
  ];
}
