/** The sandbox on its own: `node sandbox/main.ts start|stop|status|env [options]`. `sitefleet sandbox` is the same. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { SitefleetError } from "../errors/index.ts";
import { readInfo, sandboxDir, sandboxEnv, sandboxStatus, startSandbox, stopSandbox } from "./control.ts";
import type { FaultConfigInput } from "./core/index.ts";
import { exportLines, infoLines, statusLines } from "./daemon/text.ts";
import { PROJECT_ROOT } from "./machine/paths.ts";
import { ACCOUNT_KINDS } from "./ssh/index.ts";

const USAGE = `node sandbox/main.ts start  [--dir DIR] [--catalog DIR] [--plugins stand-in|real] [--faults FILE] [--account KIND] [--json]
node sandbox/main.ts stop   [--dir DIR] [--purge] [--json]
node sandbox/main.ts status [--dir DIR] [--json]     exit code 0: everything runs, 3: not
node sandbox/main.ts env    [--dir DIR] [--json]     lines for a shell: eval "$(node sandbox/main.ts env)"`;

const options = {
  dir: { type: "string" },
  catalog: { type: "string" },
  plugins: { type: "string" },
  faults: { type: "string" },
  account: { type: "string" },
  purge: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

function usageError(message: string): SitefleetError {
  return new SitefleetError({ code: "usage", message, hint: USAGE, exitCode: 2 });
}

/** JSON or YAML; what it says is checked by `startSandbox`. */
function readFaults(path: string): FaultConfigInput {
  try {
    return parse(readFileSync(path, "utf8")) ?? {};
  } catch (cause) {
    throw new SitefleetError({
      code: "sandbox.faults",
      message: "The file of faults cannot be read",
      subject: path,
      cause,
    });
  }
}

async function main(args: string[]): Promise<number> {
  let parsed: ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (cause) {
    throw usageError(cause instanceof Error ? cause.message : "wrong arguments");
  }
  const { values, positionals } = parsed;
  const dir = values.dir === undefined ? {} : { dir: values.dir };
  const print = (data: unknown, lines: readonly string[]): void =>
    console.log(values.json === true ? JSON.stringify(data, null, 2) : lines.join("\n"));
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  switch (positionals[0]) {
    case "start": {
      const { plugins } = values;
      const account = ACCOUNT_KINDS.find((kind) => kind === values.account);
      if (values.account !== undefined && account === undefined)
        throw usageError(`--account is one of ${ACCOUNT_KINDS.join(", ")}`);
      if (plugins !== undefined && plugins !== "stand-in" && plugins !== "real")
        throw usageError("--plugins is stand-in or real");
      const info = await startSandbox({
        ...dir,
        catalogDir: values.catalog ?? join(PROJECT_ROOT, "catalog"),
        ...(plugins === undefined ? {} : { plugins }),
        ...(account === undefined ? {} : { account }),
        ...(values.faults === undefined ? {} : { faults: readFaults(values.faults) }),
      });
      print(info, infoLines(info));
      return 0;
    }
    case "stop": {
      const result = await stopSandbox({ ...dir, purge: values.purge === true });
      print(result, [
        result.stopped.length === 0 ? "The sandbox was not running." : `Stopped: ${result.stopped.join(", ")}`,
        ...(result.purged ? [`Deleted: ${result.dir}`] : []),
      ]);
      return 0;
    }
    case "status": {
      const status = await sandboxStatus(dir);
      print(status, statusLines(status));
      return status.running ? 0 : 3;
    }
    case "env": {
      const info = readInfo(sandboxDir(values.dir));
      if (info === undefined) {
        throw new SitefleetError({
          code: "sandbox.stopped",
          message: "The sandbox does not run",
          hint: "Start it first",
        });
      }
      const env = sandboxEnv(info);
      print(env, exportLines(env));
      return 0;
    }
    default:
      throw usageError(positionals[0] === undefined ? "say what to do" : `unknown command: ${positionals[0]}`);
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (!(error instanceof SitefleetError)) throw error;
    const { subject, message, details, hint } = error;
    console.error(subject === undefined ? message : `${message} (${subject})`);
    for (const line of details) console.error(`  ${line}`);
    if (hint !== undefined) console.error(hint);
    process.exitCode = error.exitCode;
  },
);
