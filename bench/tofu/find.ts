import { accessSync, constants, globSync } from "node:fs";
import { homedir } from "node:os";
import { basename, delimiter, join, resolve } from "node:path";
import { PROJECT_ROOT } from "../../stacks/root.ts";

/** Programs that the comparison runs; none of them is this project's. */
export interface Programs {
  /** The file of `tofu`. */
  readonly tofu: string;
  /** The file of Terraform's provider for Vercel, and its version. */
  readonly provider: string;
  readonly version: string;
  /** The folder with Pulumi's plugin for Vercel. */
  readonly plugins: string;
}

/** The stand-ins' launchers have the same names as the real plugins. */
export const STAND_INS = join(PROJECT_ROOT, "sandbox/providers/bin");
const PROVIDER = "terraform-provider-vercel";
/** A provider beside its registry, name, version and system, as a mirror in the file system has it. */
const IN_MIRROR = `*/vercel/vercel/*/*/${PROVIDER}*`;

/**
 * Looks for the programs. Text: why there is no comparison, and what it needs.
 *
 * @param env `PATH`, and `SITEFLEET_BENCH_PROVIDERS`, a folder with the provider or a mirror of providers
 */
export function findPrograms(env: NodeJS.ProcessEnv): Programs | string {
  const path = (env.PATH ?? "").split(delimiter).filter((dir) => dir !== "" && resolve(dir) !== STAND_INS);
  const tofu = inPath(path, "tofu");
  const plugin = inPath(path, "pulumi-resource-vercel");
  const provider = providerIn([...(env.SITEFLEET_BENCH_PROVIDERS?.split(delimiter) ?? []), ...path, ...mirrors(env)]);
  const lacking = [
    ...(tofu === undefined ? ["`tofu` on PATH"] : []),
    ...(provider === undefined
      ? [`\`${PROVIDER}\` on PATH, in a mirror of OpenTofu's or in the folder SITEFLEET_BENCH_PROVIDERS`]
      : []),
    ...(plugin === undefined ? ["the real `pulumi-resource-vercel` on PATH"] : []),
  ];
  if (tofu === undefined || provider === undefined || plugin === undefined) return `it lacks ${lacking.join(", and ")}`;
  return { tofu, provider, version: versionOf(provider), plugins: resolve(plugin, "..") };
}

/** Folders in which OpenTofu looks for providers by itself. */
function mirrors({ HOME = homedir(), XDG_DATA_HOME = join(HOME, ".local/share") }: NodeJS.ProcessEnv): string[] {
  return [join(HOME, ".terraform.d/plugins"), join(XDG_DATA_HOME, "opentofu/plugins")];
}

function providerIn(dirs: readonly string[]): string | undefined {
  return dirs
    .flatMap((dir) => [`${PROVIDER}*`, IN_MIRROR].flatMap((pattern) => globSync(join(dir, pattern))))
    .find(executable);
}

const inPath = (path: readonly string[], name: string) => path.map((dir) => join(dir, name)).find(executable);

/** Of `…_v5.4.1`, or of a mirror's folder; one that is lower than any where neither says it. Pure. */
export function versionOf(file: string): string {
  const number = /^v?(\d+\.\d+\.\d+)/;
  const [, ofName] = basename(file).split("_");
  return number.exec(ofName ?? "")?.[1] ?? number.exec(basename(resolve(file, "../..")))?.[1] ?? "0.0.1";
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
