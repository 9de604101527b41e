import { accessSync, constants, existsSync, readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import type { Catalog } from "../../../catalog/index.ts";
import { environment } from "../../../environment/index.ts";
import { SitefleetError } from "../../../errors/index.ts";
import { stackKind } from "../../../stacks/names.ts";
import { PROJECT_ROOT } from "../../../stacks/program.ts";
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
    ...missingPrograms(env),
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
  const vercel = stacks.some((stack) => stackKind(stack)?.kind !== "plesk");
  return [
    ...(has("target") || (env.SITEFLEET_TARGET ?? "").trim() !== ""
      ? []
      : ["sitefleet:target is not set: which estate this is, e.g. production (SITEFLEET_TARGET does as well)"]),
    ...(has("vercelTeam") || !vercel
      ? []
      : ["sitefleet:vercelTeam is not set: slug of the Vercel team, or `none` for a personal account"]),
  ];
}

/** Tokens that the vendors' providers take from the environment, for what these stacks hold. Pure but for PATH. */
function missingTokens({ zones }: Catalog, stacks: readonly string[], env: NodeJS.ProcessEnv): string[] {
  const kinds = new Set(stacks.map((stack) => stackKind(stack)?.kind));
  const set = (...names: string[]) => names.every((name) => (env[name] ?? "") !== "");
  const dns = zones.some(({ mode }) => mode !== "skip") && (kinds.has("shared") || kinds.has("plesk"));
  const missing: string[] = [];
  if ((kinds.has("cell") || kinds.has("shared")) && !set("VERCEL_API_TOKEN"))
    missing.push("VERCEL_API_TOKEN is not set: cells and prod need it");
  const key = set("CLOUDFLARE_API_KEY", "CLOUDFLARE_EMAIL") || set("CLOUDFLARE_API_USER_SERVICE_KEY");
  if (dns && !set("CLOUDFLARE_API_TOKEN") && !key)
    missing.push("CLOUDFLARE_API_TOKEN is not set: prod and prod-plesk need it");
  // GitHub's provider asks `gh` as well where that is installed.
  if (kinds.has("shared") && !set("GITHUB_TOKEN") && !set("GITHUB_APP_ID") && inPath("gh", env) === undefined)
    missing.push("GITHUB_TOKEN is not set: prod needs it");
  return missing;
}

/** The engine, and plugins where the engine may not fetch them by itself. */
function missingPrograms(env: NodeJS.ProcessEnv): string[] {
  const missing: string[] = [];
  if (inPath("pulumi", env) === undefined)
    missing.push(
      "pulumi is not in PATH: npm run setup, then put .toolchain/bin first (docs/guides/bring-up-an-estate.md)",
    );
  if (!existsSync(join(PROJECT_ROOT, "provider/bin/pulumi-resource-sitefleet")))
    missing.push("provider/bin/pulumi-resource-sitefleet is not there: the checkout is not whole");
  if (env.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION !== "true") return missing;
  const attached = (env.PULUMI_DEBUG_PROVIDERS ?? "").split(",").map((item) => item.split(":")[0]);
  const folder = join(env.PULUMI_HOME || join(homedir(), ".pulumi"), "plugins");
  const installed = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of ["vercel", "cloudflare", "github", "command", "random"]) {
    const there =
      attached.includes(name) ||
      inPath(`pulumi-resource-${name}`, env) !== undefined ||
      installed.some((file) => file.startsWith(`resource-${name}-v`));
    if (!there) missing.push(`the provider plugin ${name} is not installed, and the engine may not fetch it`);
  }
  return missing;
}

function inPath(program: string, { PATH = "" }: NodeJS.ProcessEnv): string | undefined {
  return PATH.split(delimiter)
    .map((dir) => join(dir, program))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
