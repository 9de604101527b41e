import { statSync } from "node:fs";
import { environment } from "../../../environment/index.ts";
import { SitefleetError } from "../../../errors/index.ts";
import type { Catalog } from "../../../model/index.ts";
import { stackKind } from "../../../stacks/names.ts";
import type { StackKind } from "../../../vendors/calls.ts";
import type { Line } from "../../../vendors/checkup.ts";
import type { StackKey } from "../../backend/secrets/stack-key.ts";
import { type StateFile, stateHeads } from "../../backend/states/state-files.ts";
import type { Session } from "../session.ts";
import { checkEncryption, readConfigFile } from "./encryption.ts";
import { pluginLines, programLines } from "./programs.ts";
import { secretLines, settingLines } from "./settings.ts";
import { addressLines, tokenLines, usedVendors } from "./tokens.ts";

export { readConfigFile } from "./encryption.ts";
export { atLeast, versions } from "./programs.ts";
export { plainSettings } from "./settings.ts";
export { type UsedVendor, usedVendors } from "./tokens.ts";

const SALT = /"secrets_providers"\s*:\s*\{\s*"type"\s*:\s*"passphrase"\s*,\s*"state"\s*:\s*\{\s*"salt"\s*:\s*"([^"]+)"/;

let checked: { readonly of: string; readonly opened: Promise<StackKey | undefined> } | undefined;

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
  const lines = needLines(readConfigFile(configFile), inputs.catalog, kindsOf(stacks), env);
  const missing = lines.flatMap(({ level, says }) => (level === "fault" ? [says] : []));
  if (missing.length > 0) {
    throw new SitefleetError({
      code: "needs.missing",
      message: `${missing.length === 1 ? "something is" : `${missing.length} things are`} missing that ${stacks.length === 1 ? `stack ${stacks[0]} needs` : `all ${stacks.length} stacks or several of them need`}; nothing was started`,
      details: missing,
      hint: "sitefleet doctor says what to type for each; for the sandbox add --sandbox",
    });
  }
  await openEncryption(configFile, env, stacks);
}

/**
 * What these kinds of stack need, as far as it is known without calling a vendor or the backend. `sitefleet doctor` shows all of
 * it, and a run stops at its faults.
 *
 * @param file content of the configuration file
 */
export function needLines(
  file: Readonly<Record<string, unknown>>,
  catalog: Catalog,
  kinds: ReadonlySet<StackKind>,
  env: NodeJS.ProcessEnv,
): Line[] {
  const used = usedVendors(catalog, kinds);
  return [
    ...settingLines(file, kinds, catalog, env),
    ...secretLines(file, kinds, catalog, env),
    ...tokenLines(used, env),
    ...addressLines(used, env),
    ...programLines(kinds, catalog, env),
    ...pluginLines(catalog, env),
  ];
}

/**
 * See `checkEncryption`; the salts are those of the backend's states.
 *
 * @param read stacks whose states are read in any case: one of them is enough to begin with. @default any stack
 * @returns the key; undefined where it is kept elsewhere
 * @throws SitefleetError `settings.file`, `settings.encryption`, `settings.passphrase`, `store.unreachable`
 */
export async function openEncryption(
  configFile: string,
  env: NodeJS.ProcessEnv,
  read: readonly string[] = [],
): Promise<StackKey | undefined> {
  // Deriving the key is meant to be slow: once a process is enough while the file is the same.
  const of = [
    configFile,
    statSync(configFile).mtimeMs,
    env.PULUMI_BACKEND_URL,
    env.PULUMI_CONFIG_PASSPHRASE,
    env.PULUMI_CONFIG_PASSPHRASE_FILE,
  ].join("\n");
  if (checked?.of === of) return checked.opened;
  const backend = env.PULUMI_BACKEND_URL ?? "";
  const keptByBackend = backend === "" || /^https?:/.test(backend);
  const opened = saltsFor(configFile, env, read).then((salts) =>
    checkEncryption({ configFile, keptByBackend, salts, env }),
  );
  checked = { of, opened };
  // What is wrong may be put right.
  opened.catch(() => {
    if (checked?.opened === opened) checked = undefined;
  });
  return opened;
}

/**
 * Begins to derive the key that {@link checkNeeds} is going to ask for, while the histories are read and the locks are taken: it takes half a
 * second of a processor. What is wrong is told there.
 *
 * @param stacks see {@link openEncryption}
 */
export function deriveEarly(
  { configFile }: Pick<Session, "configFile">,
  stacks: readonly string[],
  env: NodeJS.ProcessEnv = environment(),
): void {
  void openEncryption(configFile, env, stacks).catch(() => {});
}

/** The salt of one stack; where the configuration file has another one, those of all. */
async function saltsFor(
  configFile: string,
  env: NodeJS.ProcessEnv,
  read: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const known = new Set(read);
  const one = (files: readonly StateFile[]) => [files.find(({ stack }) => known.has(stack)) ?? files[0]];
  const first = await saltsOf(env, (files) => one(files).filter((file) => file !== undefined));
  return [...first.values()].includes(`${readConfigFile(configFile).encryptionsalt}`) ? first : saltsOf(env);
}

/** The salt of each existing stack that has one. @param choose which are looked at. @throws SitefleetError `store.unreachable` */
async function saltsOf(
  env: NodeJS.ProcessEnv,
  choose?: (files: readonly StateFile[]) => readonly StateFile[],
): Promise<ReadonlyMap<string, string>> {
  const heads = (await stateHeads(env, choose)) ?? [];
  const salts = heads.flatMap(({ stack, text }) => {
    const salt = SALT.exec(text)?.[1];
    return salt === undefined ? [] : [[stack, salt] as const];
  });
  return new Map(salts);
}

/** The salt that the backend's states have, by which a lost configuration file is made again; undefined when there is none. @throws SitefleetError `store.unreachable` */
export async function knownSalt(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return [...(await saltsOf(env)).values()][0];
}

/** The kinds of these stacks. Pure. */
export const kindsOf = (stacks: readonly string[]): ReadonlySet<StackKind> =>
  new Set(stacks.flatMap((stack) => stackKind(stack)?.kind ?? []));
