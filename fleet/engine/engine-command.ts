import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { parse } from "semver";

let command: Promise<PulumiCommand> | undefined;

/** The `pulumi` on PATH, as the Automation API wants it; its version is asked for once a process. */
export function engineCommand(): Promise<PulumiCommand> {
  command ??= PulumiCommand.get();
  return command;
}

/**
 * Takes over the version that another process of ours has asked for: asking starts a `pulumi` (0.17 CPU seconds) before
 * the first stack can start. A text that is no version is left aside, then it is asked for after all.
 *
 * @param version what `pulumi version` printed, e.g. `v3.276.0`
 */
export function assumeEngine(version: string): void {
  const parsed: PulumiCommand["version"] = parse(version);
  if (parsed === null || command !== undefined) return;
  command = Promise.resolve(
    Object.assign(Object.create(PulumiCommand.prototype), { command: "pulumi", version: parsed }),
  );
}
