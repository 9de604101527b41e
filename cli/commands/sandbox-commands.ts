import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { parse } from "yaml";
import { environment } from "../../environment/index.ts";
import { describeError, SitefleetError } from "../../errors/index.ts";
import { readAllStates } from "../../fleet/backend/states/read-all.ts";
import { loadCatalog } from "../../model/index.ts";
import { compareWithState } from "../../sandbox/compare.ts";
import { sandboxDir, sandboxEnv, sandboxStatus, startSandbox, stopSandbox } from "../../sandbox/control.ts";
import { type FaultConfigInput, limitRules } from "../../sandbox/core/index.ts";
import { prepare, withCommon } from "../context.ts";
import { forPeople, plural, print, printJson, say, table } from "../output/style.ts";
import { budgetOf, knownSandbox, pluginChoice } from "../sandbox.ts";

/** `sitefleet sandbox …`: the vendors' APIs, an SSH host and a web server on loopback. */
export function registerSandbox(program: Command): void {
  const sandbox = program
    .command("sandbox")
    .description("the local sandbox: vendors' APIs, an SSH host and a web server on loopback");
  start(sandbox);
  stop(sandbox);
  status(sandbox);
  env(sandbox);
  verify(sandbox);
}

function start(sandbox: Command): void {
  withCommon(sandbox.command("start"))
    .description("start it, or what is missing of it; its state survives a stop")
    .option("--faults <file>", "YAML or JSON file with latency, faults and rate limits (docs/reference/sandbox.md)")
    .option("--limits [share]", "enforce this share of the catalog's rate limits (default: 1)", share)
    .option("--time-scale <n>", "limits' time passes n times as fast (default: 1)", share)
    .action(async (options: StartFlags, command: Command) => {
      const { catalogDir, json } = await prepare(command);
      const faults = faultsOf(options, catalogDir);
      const info = await startSandbox({ dir: sandboxDir(), catalogDir, plugins: pluginChoice(), ...faults });
      if (json) printJson(info);
      else {
        print(table([["what", "address"], ...Object.entries(info.urls).map(([name, url]) => [name, url ?? ""])]));
        say(`running in ${info.dir}; ${forPeople.bold('eval "$(npx sitefleet sandbox env)"')} points a shell at it`);
      }
    });
}

interface StartFlags {
  readonly faults?: string;
  readonly limits?: number | true;
  readonly timeScale?: number;
}

function share(text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new SitefleetError({ code: "usage", message: `--limits and --time-scale take a number above 0, not ${text}` });
}

/** Faults as the options say; nothing when they say nothing, so that a sandbox that runs keeps its own. */
function faultsOf({ faults, limits, timeScale }: StartFlags, catalogDir: string): { faults?: FaultConfigInput } {
  if (faults === undefined && limits === undefined && timeScale === undefined) return {};
  const given = faults === undefined ? {} : readFaults(faults);
  const rules =
    limits === undefined ? [] : limitRules(loadCatalog(catalogDir).limits, { factor: limits === true ? 1 : limits });
  return {
    faults: {
      ...given,
      ...(rules.length > 0 ? { limits: [...(given.limits ?? []), ...rules] } : {}),
      ...(timeScale === undefined ? {} : { timeScale }),
    },
  };
}

function stop(sandbox: Command): void {
  withCommon(sandbox.command("stop"))
    .description("stop it; nothing that it did not start is touched")
    .option("--purge", "delete its state as well")
    .action(async (options: { purge?: boolean }, command: Command) => {
      const { json } = await prepare(command);
      const result = await stopSandbox({ purge: options.purge ?? false });
      if (json) printJson(result);
      else say(`stopped ${plural(result.stopped.length, "part")}${result.purged ? ` and deleted ${result.dir}` : ""}`);
    });
}

function status(sandbox: Command): void {
  withCommon(sandbox.command("status"))
    .description("what runs and how much there is; exits with 1 when it does not run")
    .action(async (_options, command: Command) => {
      const { json } = await prepare(command);
      const result = await sandboxStatus({});
      if (json) printJson(result);
      else {
        const parts = Object.entries(result.parts).map(([name, part]) => [name, part.state, part.pid ?? ""]);
        print(table([["part", "state", "pid"], ...parts]));
        for (const [vendor, counts] of Object.entries(result.counts ?? {})) {
          print(
            `${vendor}: ${Object.entries(counts)
              .map(([kind, count]) => `${count} ${kind}`)
              .join(", ")}`,
          );
        }
      }
      if (!result.running) process.exitCode = 1;
    });
}

function env(sandbox: Command): void {
  withCommon(sandbox.command("env"))
    .description("print the environment that points plain `pulumi` at it, for eval in a shell")
    .action(async (_options, command: Command) => {
      const { json } = await prepare(command);
      const info = knownSandbox();
      if (info === undefined) throw notRunning();
      const variables = { ...sandboxEnv(info), ...(await budgetOf(info)) };
      if (json) printJson(variables);
      else
        for (const [name, value] of Object.entries(variables))
          print(`export ${name}='${value.replaceAll("'", `'\\''`)}'`);
    });
}

function verify(sandbox: Command): void {
  withCommon(sandbox.command("verify"))
    .description("compare the objects at the sandbox's vendors with the stacks' state; exits with 1 when they differ")
    .action(async (_options, command: Command) => {
      const { json } = await prepare(command);
      const info = knownSandbox();
      if (info === undefined) throw notRunning();
      const { resources, damaged } = await readAllStates({ ...environment(), ...sandboxEnv(info) });
      const result = await compareWithState(info, resources);
      if (json) printJson({ ...result, damaged: damaged.length > 0 ? damaged : undefined });
      else {
        for (const error of damaged) print(`damaged: ${describeError(error)}`);
        for (const item of result.missing) print(`missing: ${item}`);
        for (const item of result.orphans) print(`orphan: ${item}`);
        print(
          `${plural(result.compared, "object")} compared, ${result.missing.length} missing, ${plural(result.orphans.length, "orphan")}`,
        );
      }
      if (result.missing.length + result.orphans.length + damaged.length > 0) process.exitCode = 1;
    });
}

function notRunning(): SitefleetError {
  return new SitefleetError({
    code: "sandbox.stopped",
    message: "the sandbox is not running",
    hint: "npx sitefleet sandbox start",
  });
}

function readFaults(file: string): FaultConfigInput {
  try {
    return parse(readFileSync(file, "utf8")) as FaultConfigInput;
  } catch (error) {
    throw new SitefleetError({
      code: "sandbox.faults",
      message: `${file} cannot be read: ${(error as Error).message}`,
    });
  }
}
