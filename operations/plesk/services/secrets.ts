import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { environment } from "../../../environment/index.ts";
import { SitefleetError } from "../../../errors/index.ts";
import { PulumiError, pulumi } from "../../../fleet/backend/pulumi.ts";
import { type HostOverrides, readHostOverrides } from "../../../model/index.ts";
import { refuseUnusableKeys } from "../../../plesk/index.ts";
import type { PleskState } from "../../../stacks/desired.ts";
import { PLESK_STACK, SHARED_STACK } from "../../../stacks/names.ts";
import type { KnownSecrets } from "../../../stacks/plesk-documents.ts";

/** What the configuration file says in clear. */
export interface PlainSettings {
  readonly hosts: HostOverrides;
}

/**
 * Reads the plain part of the configuration, without the engine.
 *
 * @throws SitefleetError `settings.missing` when no estate is named: no run reaches a real host by accident
 */
export function readPlainSettings(configFile: string): PlainSettings {
  const config = (parse(readFileSync(configFile, "utf8"))?.config ?? {}) as Record<string, unknown>;
  if (!config["sitefleet:target"] && !environment().SITEFLEET_TARGET) {
    throw new SitefleetError({
      code: "settings.missing",
      message: "sitefleet:target is not set: which estate this is, e.g. production",
      subject: configFile,
      hint: "set it in the configuration file, or SITEFLEET_TARGET in the environment; for the sandbox add --sandbox",
    });
  }
  return { hosts: readHostOverrides(config["sitefleet:hosts"]) };
}

/** What a command needs of what is secret. */
export interface Wanted {
  /** Credentials of databases: not at all, when they can be had, or else not at all. */
  readonly databases: "none" | "if-known" | "required";
}

/** Secrets that were found, and what could not be. */
export interface Found extends KnownSecrets {
  /** Why something is missing, in one sentence each. */
  readonly missing: readonly string[];
}

/**
 * Gathers what logging in and the databases need: a host's private key from the environment variable of its name, else from the
 * stack's configuration; where databases are from there too, their credentials from the shared stack's outputs. Nothing of it is
 * ever an argument of a process.
 *
 * @throws SitefleetError `plesk.secrets` when something that is needed cannot be had, `plesk.private-key` when a key is none
 *   that ssh can use
 */
export async function gatherSecrets(state: PleskState, configFile: string, wanted: Wanted): Promise<Found> {
  const fromEnvironment = Object.fromEntries(
    state.hosts.flatMap(({ keySecret }) => {
      const value = environment()[keySecret];
      return value === undefined || value === "" ? [] : [[keySecret, value] as const];
    }),
  );
  const lacksKey = state.hosts.some(({ keySecret }) => fromEnvironment[keySecret] === undefined);
  const databases = wanted.databases !== "none" && state.services.some(({ access }) => access !== undefined);
  const [config, shared] = await Promise.all([
    lacksKey || databases ? attempt(() => configSecrets(configFile)) : NOTHING,
    databases ? attempt(sharedSecrets) : NOTHING,
  ]);
  const known: Record<string, string> = { ...config.value, ...fromEnvironment };
  const missing = [
    ...(config.error ? [`the configuration's secrets cannot be read: ${config.error}`] : []),
    ...(shared.error ? [`the credentials of the databases cannot be read: ${shared.error}`] : []),
  ];
  const unknownKeys = state.hosts.filter(({ keySecret }) => known[keySecret] === undefined);
  const login = unknownKeys.length === 0 || Boolean(environment().SSH_AUTH_SOCK);
  if (!login || (wanted.databases === "required" && missing.length > 0)) {
    throw new SitefleetError({
      code: "plesk.secrets",
      message: login
        ? "the databases' credentials are needed and not known"
        : `the private key of ${unknownKeys.map(({ key }) => key).join(", ")} is not known`,
      details: missing,
      hint: login
        ? "PULUMI_BACKEND_URL and the passphrase must be those of the stacks"
        : `set ${unknownKeys[0]?.keySecret} in the environment, or sitefleet:secrets in the configuration, or offer it by an ssh-agent`,
    });
  }
  const keyNames = [...new Set(state.hosts.map(({ keySecret }) => keySecret))].sort();
  refuseUnusableKeys(
    keyNames.flatMap((secret) => {
      const text = known[secret];
      const from = secret in fromEnvironment ? "the environment" : "sitefleet:secrets of the configuration";
      return text === undefined ? [] : [{ secret, from, text }];
    }),
  );
  return { config: known, shared: shared.value ?? {}, missing };
}

interface Attempt<Value> {
  readonly value?: Value;
  readonly error?: string;
}

const NOTHING: Attempt<Record<string, string>> = {};

async function attempt<Value>(read: () => Promise<Value>): Promise<Attempt<Value>> {
  try {
    return { value: await read() };
  } catch (error) {
    // The engine's stderr holds no value; its stdout would.
    const said = error instanceof PulumiError ? error.said.split("\n")[0] || "no answer" : "no answer";
    return { error: said };
  }
}

const texts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String));
const configShape = z.record(z.string(), z.object({ objectValue: z.unknown().optional() }).loose());

/** Values that a rotation works with, by name. Values of `other` are by `NAME/generation`. */
export interface RotationValues {
  readonly config: Readonly<Record<string, string>>;
  readonly shared: Readonly<Record<string, string>>;
  readonly other: Readonly<Record<string, string>>;
}

/** Reads what a rotation works with. @throws SitefleetError `plesk.secrets` */
export async function rotationValues(configFile: string): Promise<RotationValues> {
  const all = async () =>
    z
      .looseObject({ secrets: texts.optional(), otherSecrets: texts.optional() })
      .parse(await ask("stack", "output", "--show-secrets", "--json", "--stack", SHARED_STACK));
  const [config, outputs] = await Promise.all([attempt(() => configSecrets(configFile)), attempt(all)]);
  const missing = [config.error, outputs.error].filter((error) => error !== undefined);
  if (config.value === undefined || outputs.value === undefined) {
    throw new SitefleetError({
      code: "plesk.secrets",
      message: "the values of the secrets cannot be read",
      details: missing,
      hint: "PULUMI_BACKEND_URL and the passphrase must be those of the stacks",
    });
  }
  const { secrets = {}, otherSecrets = {} } = outputs.value;
  return { config: config.value, shared: secrets, other: otherSecrets };
}

/** The configuration's object `sitefleet:secrets`, decrypted. */
async function configSecrets(configFile: string): Promise<Record<string, string>> {
  const json = await ask("config", "--show-secrets", "--json", "--stack", PLESK_STACK, "--config-file", configFile);
  return texts.parse(configShape.parse(json)["sitefleet:secrets"]?.objectValue ?? {});
}

/** The shared stack's output `secrets`. */
async function sharedSecrets(): Promise<Record<string, string>> {
  return texts.parse(await ask("stack", "output", "secrets", "--show-secrets", "--json", "--stack", SHARED_STACK));
}

const ask = async (...args: string[]): Promise<unknown> => JSON.parse(await pulumi(args));
