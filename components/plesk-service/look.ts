import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { DeployDocumentInput } from "../../plesk/input.ts";
import { driver } from "./plan.ts";
import type { Look } from "./preview.ts";

/**
 * Looks at what deployments of these services would do, in one run of the driver and over one connection a host. Reads only,
 * and runs whenever it is called: in a preview, or not at all.
 *
 * @param provider The command provider.
 * @returns looks by service. What stands in the way of one service does not hide the others.
 */
export async function lookAtServices(
  documents: pulumi.Input<readonly DeployDocumentInput[]>,
  provider: pulumi.ProviderResource | undefined,
): Promise<Map<string, Look>> {
  const stdin = pulumi.secret(pulumi.output(documents).apply((all) => JSON.stringify({ documents: all })));
  const ran = local.runOutput(
    { command: driver("plan"), stdin, logging: "none", addPreviousOutputInEnv: false },
    provider === undefined ? {} : { provider },
  );
  const { stdout } = await settled(ran);
  return readLooks(stdout);
}

/**
 * An output's value, which must be known. Awaited and not applied: a failure then belongs to this program alone, also where many
 * programs run in one process.
 */
export function settled<Value>(output: pulumi.Output<Value>): Promise<pulumi.Unwrap<Value>> {
  return (output as unknown as { promise(): Promise<pulumi.Unwrap<Value>> }).promise();
}

/** Reads the driver's lines, one a service. Pure. */
export function readLooks(stdout: string): Map<string, Look> {
  const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
  return new Map(
    lines.map((line) => {
      const { service, ...look } = JSON.parse(line) as Look & { readonly service: string };
      return [service, look as Look];
    }),
  );
}
