import type { Props } from "../framework/index.ts";
import { defineResource } from "../framework/index.ts";
import { uniqueId } from "./ids.ts";
import { fillConnection, lifecycle, previousOutput, remoteInputs, results, strings } from "./inputs.ts";
import { overSsh } from "./ssh.ts";

/** `command:remote:Command` as of pulumi-command 1.2.1. Runs nothing in a preview. */
export const remoteCommand = defineResource<undefined>({
  properties: { ...lifecycle, ...remoteInputs, ...results },
  check: ({ inputs }) => fillConnection(inputs),
  async create({ name, inputs, signal }) {
    return { id: uniqueId(name), outputs: await runThere(inputs, inputs.create, undefined, signal) };
  },
  update({ inputs, state, signal }) {
    return runThere(inputs, inputs.update ?? inputs.create, state, signal);
  },
  async delete({ state, signal }) {
    await runThere(state, state.delete, state, signal);
  },
});

async function runThere(
  inputs: Props,
  command: unknown,
  state: Props | undefined,
  signal: AbortSignal,
): Promise<Props> {
  if (typeof command !== "string") return { stdout: state?.stdout ?? "", stderr: state?.stderr ?? "" };
  const connection = inputs.connection as Props;
  const environment = strings(inputs.environment);
  await insistOnEnvironment(connection, environment, signal);
  const env = { ...environment, ...previousOutput(inputs, state) };
  const result = await overSsh(connection, {
    program: "ssh",
    command,
    options: sending(env),
    env,
    ...(typeof inputs.stdin === "string" ? { stdin: inputs.stdin } : {}),
    signal,
  });
  if (result.status !== 0) {
    const how =
      result.status === undefined ? "Process exited with status 1" : `Process exited with status ${result.status}`;
    throw new Error(`${how}: running ${JSON.stringify(command)}:\n${result.both}`);
  }
  return { stdout: result.stdout, stderr: result.stderr };
}

// Names only: the values travel in the client's environment, never in its arguments.
function sending(env: Readonly<Record<string, string>>): string[] {
  return Object.keys(env).flatMap((name) => ["-o", `SendEnv=${name}`]);
}

// The real provider asks the server to confirm each variable and fails when it refuses one; OpenSSH's client does not
// ask, so a first session looks whether they arrived.
async function insistOnEnvironment(
  connection: Props,
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const names = Object.keys(environment);
  if (names.length === 0) return;
  const command = names.map((name) => `[ -n "\${${name}+x}" ] || echo ${name}`).join("; ");
  const probe = await overSsh(connection, {
    program: "ssh",
    command,
    options: sending(environment),
    env: environment,
    signal,
  });
  const [refused] = probe.stdout.split("\n");
  if (refused) throw new Error(`could not set environment variable "${refused}": ssh: setenv failed`);
}
