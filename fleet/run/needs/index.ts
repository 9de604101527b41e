import { existsSync, readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { environment } from "../../../environment/index.ts";
import { programOnPath } from "../../../environment/programs.ts";
import { SitefleetError } from "../../../errors/index.ts";
import type { Catalog } from "../../../model/index.ts";
import { stackKind } from "../../../stacks/names.ts";
import { PROJECT_ROOT } from "../../../stacks/program.ts";
import type { StackKind } from "../../../vendors/calls.ts";
import { SECRETS, VENDORS, type Vendor } from "../../../vendors/index.ts";
import { stateHeads } from "../../backend/states/state-files.ts";
import type { Session } from "../session.ts";
import { checkEncryption, readConfigFile } from "./encryption.ts";

const SALT = /"secrets_providers"\s*:\s*\{\s*"type"\s*:\s*"passphrase"\s*,\s*"state"\s*:\s*\{\s*"salt"\s*:\s*"([^"]+)"/;

let checked: string | undefined;

/**
 * Looks once, before the first stack starts, at what all stacks need: the configuration file, how it is encrypted, the
 * passphrase, tokens, the engine and the provider plugins. What is wrong there would be told by every stack otherwise, and an
 * engine that misses its salt writes a fresh one. Reads only.
 *
 * @param stacks those that are going to be opened; nothing is looked at when there are none
 * @throws SitefleetError `settings.file`, `settings.encryption`, `settings.passphrase`, `needs.missing`, `store.unreachable`
 */
export async function checkNeeds(
  { configFile, inputs }: Pick<Session, "configFile" | "inputs">,
  stacks: readonly string[],
  env: NodeJS.ProcessEnv = environment(),
): Promise<void> {
  if (stacks.length === 0) return;
  const missing = [
    ...missingSettings(readConfigFile(configFile), stacks, env),
    ...missingTokens(inputs.catalog, stacks, env),
    ...missingPrograms(inputs.catalog, env),
  ];
  if (missing.length > 0) {
    throw new SitefleetError({
      code: "needs.missing",
      message: `${missing.length === 1 ? "something is" : `${missing.length} things are`} missing that ${stacks.length === 1 ? `stack ${stacks[0]} needs` : `all ${stacks.length} stacks or several of them need`}; nothing was started`,
      details: missing,
      hint: "docs/guides/bring-up-an-estate.md goes through it step by step; for the sandbox add --sandbox",
    });
  }
  // Deriving the key is meant to be slow: once a process is enough while the file is the same.
  const of = [
    configFile,
    statSync(configFile).mtimeMs,
    env.PULUMI_BACKEND_URL,
    env.PULUMI_CONFIG_PASSPHRASE,
    env.PULUMI_CONFIG_PASSPHRASE_FILE,
  ].join("\n");
  if (checked === of) return;
  const backend = env.PULUMI_BACKEND_URL ?? "";
  const heads = (await stateHeads(env)) ?? [];
  const salts = heads.flatMap(({ stack, text }) => {
    const salt = SALT.exec(text)?.[1];
    return salt === undefined ? [] : [[stack, salt] as const];
  });
  const keptByBackend = backend === "" || /^https?:/.test(backend);
  await checkEncryption({ configFile, keptByBackend, salts: new Map(salts), env });
  checked = of;
}

/** Keys of the configuration that the stacks' programs ask for, all of them. Pure. */
function missingSettings(
  file: Readonly<Record<string, unknown>>,
  stacks: readonly string[],
  env: NodeJS.ProcessEnv,
): string[] {
  const config = (file.config ?? {}) as Readonly<Record<string, unknown>>;
  const has = (key: string) => String(config[`sitefleet:${key}`] ?? "").trim() !== "";
  const kinds = kindsOf(stacks);
  const ofVendors = VENDORS.flatMap(({ settings = [] }) => settings).filter(
    ({ key, required, stacks: readers }) =>
      required === "always" && readers.some((kind) => kinds.has(kind)) && !has(key),
  );
  return [
    ...(has("target") || (env.SITEFLEET_TARGET ?? "").trim() !== ""
      ? []
      : ["sitefleet:target is not set: which estate this is, e.g. production (SITEFLEET_TARGET does as well)"]),
    ...ofVendors.map(({ key, hint }) => `sitefleet:${key} is not set: ${hint}`),
  ];
}

const kindsOf = (stacks: readonly string[]): ReadonlySet<StackKind> =>
  new Set(stacks.flatMap((stack) => stackKind(stack)?.kind ?? []));

/** Which kinds of stack call a vendor, and how these stacks are named. */
const USES: readonly { readonly kinds: readonly StackKind[]; readonly who: string; uses(one: Vendor): boolean }[] = [
  { kinds: ["cell", "shared"], who: "cells and prod need it", uses: ({ hosting }) => hosting !== undefined },
  { kinds: ["shared", "plesk"], who: "prod and prod-plesk need it", uses: ({ dns }) => dns !== undefined },
  { kinds: ["shared"], who: "prod needs it", uses: (one) => one === SECRETS },
];

/** Tokens that the vendors' providers take from the environment, for what these stacks hold. Pure but for PATH. */
function missingTokens({ zones }: Catalog, stacks: readonly string[], env: NodeJS.ProcessEnv): string[] {
  const kinds = kindsOf(stacks);
  const set = (names: readonly string[]) => names.every((name) => (env[name] ?? "") !== "");
  const managed = new Set(zones.flatMap(({ mode, dns }) => (mode === "skip" ? [] : [dns])));
  return VENDORS.flatMap((vendor) => {
    const { name, dns, credentials } = vendor;
    const use = USES.find(({ uses }) => uses(vendor));
    if (credentials === undefined || use === undefined || !use.kinds.some((kind) => kinds.has(kind))) return [];
    if (dns !== undefined && !managed.has(name)) return [];
    const { variable, instead = [], program } = credentials;
    const there =
      set([variable]) ||
      instead.some(set) ||
      (program !== undefined && programOnPath(program, env.PATH ?? "") !== undefined);
    return there ? [] : [`${variable} is not set: ${use.who}`];
  });
}

/** The engine, and plugins where the engine may not fetch them by itself. */
function missingPrograms({ zones }: Catalog, env: NodeJS.ProcessEnv): string[] {
  const missing: string[] = [];
  if (programOnPath("pulumi", env.PATH ?? "") === undefined)
    missing.push(
      "pulumi is not in PATH: npm run setup, then put .toolchain/bin first (docs/guides/bring-up-an-estate.md)",
    );
  if (!existsSync(join(PROJECT_ROOT, "provider/bin/pulumi-resource-sitefleet")))
    missing.push("provider/bin/pulumi-resource-sitefleet is not there: the checkout is not whole");
  if (env.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION !== "true") return missing;
  const attached = (env.PULUMI_DEBUG_PROVIDERS ?? "").split(",").map((item) => item.split(":")[0]);
  const folder = join(env.PULUMI_HOME || join(homedir(), ".pulumi"), "plugins");
  const installed = existsSync(folder) ? readdirSync(folder) : [];
  const used = new Set(zones.map(({ dns }) => dns));
  const providers = VENDORS.flatMap((vendor) =>
    vendor.dns === undefined || used.has(vendor.name) ? Object.entries(vendor.providers) : [],
  );
  for (const name of providers.flatMap(([key, { bundled }]) => (bundled ? [] : [key]))) {
    const there =
      attached.includes(name) ||
      programOnPath(`pulumi-resource-${name}`, env.PATH ?? "") !== undefined ||
      installed.some((file) => file.startsWith(`resource-${name}-v`));
    if (!there) missing.push(`the provider plugin ${name} is not installed, and the engine may not fetch it`);
  }
  return missing;
}
