import type { Properties, Props } from "../framework/index.ts";
import { any, defineFunction, defineResource, map, string } from "../framework/index.ts";
import { globAssets } from "./assets.ts";
import { uniqueId } from "./ids.ts";
import { lifecycle, localInputs, previousOutput, results, strings } from "./inputs.ts";
import { run } from "./run.ts";

const assets: Properties = { assets: map(any(), { output: true }), archive: any({ output: true }) };

/** `command:local:Command` as of pulumi-command 1.2.1. Runs nothing in a preview. */
export const localCommand = defineResource<undefined>({
  properties: { ...lifecycle, ...localInputs, ...results, ...assets },
  preview: dropUnaskedAssets,
  async create({ name, inputs, signal }) {
    return { id: uniqueId(name), outputs: await runIn(inputs, inputs.create, undefined, signal) };
  },
  update({ inputs, state, signal }) {
    return runIn(inputs, inputs.update ?? inputs.create, state, signal);
  },
  async delete({ state, signal }) {
    await runIn(state, state.delete, state, signal);
  },
});

/** `command:local:run`: runs in every preview and again in every update. */
export const localRun = defineFunction<undefined>({
  inputs: { ...localInputs, command: string({ required: true }) },
  outputs: { ...localInputs, command: string(), stdout: string(), stderr: string(), ...assets },
  async invoke({ inputs, signal }) {
    return { ...inputs, ...(await runIn(inputs, inputs.command, undefined, signal)) };
  },
});

// Runs a command the way the inputs say; without one, nothing runs and the previous output stays.
async function runIn(inputs: Props, command: unknown, state: Props | undefined, signal: AbortSignal): Promise<Props> {
  if (typeof command !== "string") return { stdout: state?.stdout ?? "", stderr: state?.stderr ?? "" };
  if (inputs.archivePaths !== undefined) throw new Error("archivePaths is not part of this stand-in for command");
  const interpreter =
    Array.isArray(inputs.interpreter) && inputs.interpreter.length > 0 ? inputs.interpreter : ["/bin/sh", "-c"];
  const [program = "", ...rest] = [...interpreter.map(String), command];
  const finished = await run({
    args: [program, ...rest],
    ...(typeof inputs.dir === "string" ? { dir: inputs.dir } : {}),
    env: { ...strings(inputs.environment), ...previousOutput(inputs, state) },
    ...(typeof inputs.stdin === "string" ? { stdin: inputs.stdin } : {}),
    signal,
  });
  if (!Array.isArray(inputs.assetPaths)) return { ...finished };
  const dir = typeof inputs.dir === "string" ? inputs.dir : process.cwd();
  return { ...finished, assets: await globAssets(dir, inputs.assetPaths.map(String)) };
}

function dropUnaskedAssets({ planned }: { readonly planned: Props }): void {
  if (planned.assetPaths === undefined) delete planned.assets;
  if (planned.archivePaths === undefined) delete planned.archive;
}
