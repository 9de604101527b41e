import { resolve } from "node:path";
import { z } from "zod";
import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import {
  aboutOf,
  type Inventory,
  type Matching,
  match,
  scanFile,
  type Wanted,
  wantedOf,
  wholeInventory,
  withoutGiven,
} from "../../fleet/adopt/index.ts";
import { pulumi } from "../../fleet/backend/pulumi.ts";
import { readAllStates } from "../../fleet/backend/states/read-all.ts";
import { scratchBackend } from "../../fleet/engine/scratch.ts";
import { plainSettings, readConfigFile } from "../../fleet/run/needs/index.ts";
import { openSession, type Session } from "../../fleet/run/session.ts";
import type { StackState } from "../../stacks/desired.ts";
import { SHARED_STACK } from "../../stacks/names.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { VENDORS } from "../../vendors/index.ts";
import type { ScanContext } from "../../vendors/inventory.ts";
import type { SettingValues } from "../../vendors/setup.ts";
import type { Estate } from "../kit/estate.ts";

/** What the vendors are set up with, as the configuration file says it in clear. @throws SitefleetError `settings.file` */
function settingsIn(configFile: string): SettingValues {
  const given = plainSettings(readConfigFile(configFile));
  return Object.fromEntries(VENDORS.flatMap(({ settings = [] }) => settings.map(({ key }) => [key, given[key]])));
}

/** What the vendors are asked with. */
export async function contextOf({ inputs, configFile }: Pick<Session, "inputs" | "configFile">): Promise<ScanContext> {
  const shared = await inputs.state(SHARED_STACK);
  const { owner = "", repository = "", environment: name = "" } = shared.kind === "shared" ? shared.environment : {};
  const secrets = { repository: `${owner}/${repository}`, environment: name };
  return { env: environment(), settings: settingsIn(configFile), secrets };
}

/** Opens a session about every stack; which ones differ is not asked. */
export const openEstate = ({ catalogDir, configFile }: Estate, named?: readonly string[]): Promise<Session> =>
  openSession({ catalogDir, configFile: resolve(PROJECT_ROOT, configFile), survey: false, named });

/** What is declared, held against what was read. */
export interface Matched {
  readonly session: Session;
  readonly inventory: Inventory;
  readonly wanted: readonly Wanted[];
  readonly matching: Matching;
  /** Values of generated secrets that the configuration has. */
  readonly values: ReadonlyMap<string, string>;
}

/** Reads `NAME=ID`. @throws SitefleetError `usage` */
function readChoice(text: string): [string, string] {
  const at = text.lastIndexOf("=");
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
  throw new SitefleetError({ code: "usage", message: `--choose takes NAME=ID, not ${text}` });
}

/** What is declared of the stacks of a session, by stack. */
export async function statesOf({
  choice,
  inputs,
}: Pick<Session, "choice" | "inputs">): Promise<Map<string, StackState>> {
  const states = new Map<string, StackState>();
  for (const stack of choice.stacks) if (!choice.retired.has(stack)) states.set(stack, await inputs.state(stack));
  return states;
}

/** Matches an estate with its last scan. @param choose decisions as `NAME=ID` @throws SitefleetError `adopt.no-scan`, those of `openSession` */
export async function matchEstate(estate: Estate, choose: readonly string[] = []): Promise<Matched> {
  const chosen = new Map(choose.map(readChoice));
  const session = await openEstate(estate);
  const inventory = wholeInventory(scanFile(session.folders.state), aboutOf(await contextOf(session)));
  const declared = wantedOf(await statesOf(session));
  const generated = declared.filter(({ role }) => role === "generated");
  const values = generated.length === 0 ? new Map<string, string>() : await valuesFor(session, generated);
  const wanted = withoutGiven(declared, new Set(values.keys()));
  const { resources } = await readAllStates(environment());
  const zones = new Set(session.inputs.catalog.zones.map(({ name }) => name));
  const matching = match(wanted, inventory.seen, {
    states: resources as never,
    values: new Set(values.keys()),
    zones,
    chosen,
  });
  return { session, inventory, wanted, matching, values };
}

/** Of generated secrets the values that the configuration has, in the length that is declared. */
async function valuesFor(session: Session, wanted: readonly Wanted[]): Promise<Map<string, string>> {
  const configured = await configuredSecrets(session);
  return new Map(
    wanted.flatMap((one): [string, string][] => {
      const value = configured[one.name];
      if (one.role !== "generated" || value === undefined) return [];
      const { bytes, encoding } = one;
      const fits =
        encoding === "hex"
          ? new RegExp(`^[0-9a-f]{${2 * bytes}}$`).test(value)
          : Buffer.from(value, "base64").toString("base64") === value && Buffer.from(value, "base64").length === bytes;
      return fits ? [[one.name, value]] : [];
    }),
  );
}

const texts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String));
const configShape = z.record(z.string(), z.object({ objectValue: z.unknown().optional() }).loose());

/**
 * The configuration's object `sitefleet:secrets`, decrypted. The engine reads it for a stack alone: where there is none yet, for one in
 * a place of its own. Empty when it cannot be read; then no value is known.
 */
export async function configuredSecrets({
  configFile,
  infos,
}: Pick<Session, "configFile" | "infos">): Promise<Record<string, string>> {
  const env = environment();
  const stack = [...infos.keys()][0];
  const scratch = stack === undefined ? await scratchBackend(SHARED_STACK, configFile, env) : undefined;
  try {
    const args = ["config", "--show-secrets", "--json", "--stack", stack ?? SHARED_STACK, "--config-file", configFile];
    const json: unknown = JSON.parse(
      await pulumi(args, { env: scratch ? { ...env, PULUMI_BACKEND_URL: scratch.url } : env }),
    );
    return texts.parse(configShape.parse(json)["sitefleet:secrets"]?.objectValue ?? {});
  } catch {
    return {};
  } finally {
    scratch?.remove();
  }
}
