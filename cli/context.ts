import { resolve } from "node:path";
import type { Command } from "commander";
import { amendEnvironment, environment } from "../environment/index.ts";
import type { Estate } from "../operations/kit/estate.ts";
import { PROJECT_ROOT } from "../stacks/root.ts";

/** Options that every command takes, before or after its name. */
interface CommonOptions {
  readonly catalog: string;
  readonly json: boolean;
  readonly sandbox: boolean;
  readonly configFile?: string;
}

/** What a command works with after the common options were applied. */
export interface Context extends Estate {
  readonly json: boolean;
}

/** Adds the common options to a command. */
export function withCommon(command: Command): Command {
  return command
    .option("--catalog <dir>", "directory of the catalog (default: SITEFLEET_CATALOG, else `catalog`)")
    .option("--json", "print one JSON document on stdout")
    .option("--sandbox", "work on the local sandbox; it is started when it is not running")
    .option("--config-file <file>", "configuration file of all stacks (default: Pulumi.prod.yaml)");
}

/**
 * Applies the common options: from here on the command's environment is the sandbox's when that was asked for. The sandbox is
 * loaded only then, so that nothing of it is part of a run on real accounts.
 */
export async function prepare(command: Command): Promise<Context> {
  const options = command.optsWithGlobals<Partial<CommonOptions>>();
  const given = options.catalog ?? environment().SITEFLEET_CATALOG ?? "";
  const catalogDir = given === "" ? resolve(PROJECT_ROOT, "catalog") : resolve(given);
  amendEnvironment({ SITEFLEET_CATALOG: catalogDir });
  let providers: Estate["providers"];
  if (options.sandbox) {
    const { useSandbox, providersOf } = await import("./sandbox.ts");
    providers = providersOf(await useSandbox(catalogDir));
  }
  const configFile = options.configFile ?? environment().SITEFLEET_CONFIG_FILE ?? "Pulumi.prod.yaml";
  return {
    catalogDir,
    json: options.json ?? false,
    configFile: resolve(PROJECT_ROOT, configFile),
    providers,
  };
}
