import type { Properties, PropertyOptions, Props } from "../framework/index.ts";
import { any, boolean, integer, isObject, list, map, number, object, string } from "../framework/index.ts";

const logging = string({ allowed: ["stdout", "stderr", "stdoutAndStderr", "none"] });

/** Inputs of every local command. */
export const localInputs: Properties = {
  stdin: string(),
  logging,
  interpreter: list(string()),
  dir: string(),
  environment: map(string()),
  assetPaths: list(string()),
  archivePaths: list(string()),
  addPreviousOutputInEnv: boolean(),
};

/**
 * The provider itself replaces only when all triggers come or go; that a changed one replaces too is an option that the
 * SDK sets (`replaceOnChanges: ["triggers[*]"]`). Then the new `create` runs first, and the old `delete` after it.
 */
export const triggers = list(any({ replaces: false }), { replaces: true });

/** What a resource does in its life. */
export const lifecycle: Properties = {
  triggers,
  create: string(),
  update: string(),
  delete: string(),
};

// Every change of an input may change the output, so an update's preview knows neither.
const result: PropertyOptions = { output: true, volatile: true };

/** stdout and stderr, never secret by themselves. */
export const results: Properties = { stdout: string(result), stderr: string(result) };

// Defaults that the real provider writes into the checked inputs (remote/connection.go).
const CONNECTION_DEFAULTS = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 } as const;

const hop: Properties = {
  host: string({ required: true }),
  user: string(),
  port: number(),
  password: string({ secret: true }),
  privateKey: string({ secret: true }),
  privateKeyPassword: string({ secret: true }),
  agentSocketPath: string(),
  dialErrorLimit: integer(),
  perDialTimeout: integer(),
  hostKey: string(),
};

/** How to reach a host. Secret as a whole. */
export const connection = object({ ...hop, proxy: object(hop) }, { required: true, secret: true });

/** Writes the defaults of a connection into the inputs, where the state keeps them. */
export function fillConnection(inputs: Props): void {
  if (!isObject(inputs.connection)) return;
  inputs.connection = { ...CONNECTION_DEFAULTS, ...inputs.connection };
  const { proxy } = inputs.connection as Props;
  if (isObject(proxy)) (inputs.connection as Props).proxy = { ...CONNECTION_DEFAULTS, ...proxy };
}

/** Inputs of a remote command. */
export const remoteInputs: Properties = {
  connection,
  stdin: string(),
  logging,
  environment: map(string()),
  addPreviousOutputInEnv: boolean(),
};

/** The previous run's output as environment variables, unless that is switched off. */
export function previousOutput(inputs: Props, state: Props | undefined): Record<string, string> {
  if (inputs.addPreviousOutputInEnv === false) return {};
  const env: Record<string, string> = {};
  if (state?.stdout) env.PULUMI_COMMAND_STDOUT = String(state.stdout);
  if (state?.stderr) env.PULUMI_COMMAND_STDERR = String(state.stderr);
  return env;
}

/** A map of strings, empty when there is none. */
export function strings(value: unknown): Record<string, string> {
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, String(item)])) : {};
}
