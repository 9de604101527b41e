import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { ProjectArgs } from "@pulumiverse/vercel";

/** Arguments of a project on which its builds depend, beside the commit. */
const TEXTS = [
  "rootDirectory",
  "framework",
  "buildCommand",
  "installCommand",
  "outputDirectory",
  "nodeVersion",
] as const satisfies readonly (keyof ProjectArgs)[];

/**
 * What a project's builds depend on beside the commit, for its release: with other settings the same commit is built again.
 * The values of variables are in it as a digest.
 *
 * @param args the project's arguments as they are created, after any transform
 */
export function buildSettingsOf(args: ProjectArgs): pulumi.Output<Record<string, string>> {
  const given = Object.fromEntries([...TEXTS, "environments" as const].map((key) => [key, args[key]]));
  return pulumi.output(given).apply((known) => settingsFrom(known));
}

/** The same of plain values. What is not given is left out. Pure. */
function settingsFrom(given: Readonly<Record<string, unknown>>): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const key of TEXTS) {
    const value = given[key];
    if (typeof value === "string" && value !== "") settings[key] = value;
  }
  const variables = Array.isArray(given.environments) ? given.environments : [];
  if (variables.length > 0) {
    settings.variables = createHash("sha256").update(JSON.stringify(variables)).digest("hex").slice(0, 12);
  }
  return settings;
}
