import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { programOnPath } from "../../../environment/programs.ts";
import type { Catalog } from "../../../model/index.ts";
import { PROJECT_ROOT } from "../../../stacks/root.ts";
import type { StackKind } from "../../../vendors/calls.ts";
import { fault, type Line, ok, warning } from "../../../vendors/checkup.ts";
import { VENDORS } from "../../../vendors/index.ts";
import { pluginFolder } from "../../engine/engine-home.ts";

const SETUP = "npm run setup, then put .toolchain/bin first in PATH";

/** Versions that the project works with, from toolchain/versions.json. */
interface Versions {
  readonly node: { readonly minimum: string };
  readonly pulumi: { readonly minimum: string };
}

/** @throws Error when the checkout is not whole */
export const versions = (): Versions =>
  JSON.parse(readFileSync(join(PROJECT_ROOT, "toolchain/versions.json"), "utf8")) as Versions;

/** Whether a version is at least another; what is no version is not. Pure. */
export function atLeast(version: string, minimum: string): boolean {
  const numbers = (text: string) => /^v?(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number);
  const [have, need] = [numbers(version), numbers(minimum)];
  if (have === undefined || need === undefined) return false;
  const differs = need.findIndex((part, index) => part !== have[index]);
  return differs === -1 || (have[differs] ?? 0) > (need[differs] ?? 0);
}

/** Programs that a run starts, as far as their presence says it. */
export function programLines(
  kinds: ReadonlySet<StackKind>,
  { services = [] }: Partial<Pick<Catalog, "services">>,
  env: NodeJS.ProcessEnv,
): Line[] {
  const path = env.PATH ?? "";
  const lines: Line[] = [];
  lines.push(
    programOnPath("pulumi", path) === undefined
      ? fault(
          "tools.engine",
          "pulumi is not in PATH: npm run setup, then put .toolchain/bin first (docs/guides/bring-up-an-estate.md)",
          SETUP,
        )
      : ok("tools.engine", "pulumi is in PATH"),
  );
  if (!existsSync(join(PROJECT_ROOT, "provider/bin/pulumi-resource-sitefleet")))
    lines.push(
      fault(
        "tools.provider",
        "provider/bin/pulumi-resource-sitefleet is not there: the checkout is not whole",
        "git status, git checkout provider",
      ),
    );
  // The engine keeps its plugins and its login there.
  if (!env.HOME && !env.PULUMI_HOME)
    lines.push(
      warning(
        "tools.home",
        "HOME is not set: the engine may have no place for its plugins",
        "export HOME=~, or PULUMI_HOME",
      ),
    );
  const needed = kinds.has("plesk") && services.length > 0 ? ["ssh", "rsync"] : [];
  const absent = needed.filter((name) => programOnPath(name, path) === undefined);
  if (absent.length > 0)
    lines.push(
      fault(
        "tools.ssh",
        `${absent.join(" and ")} ${absent.length === 1 ? "is" : "are"} not in PATH, and services need them`,
        "apt install openssh-client rsync",
      ),
    );
  return lines;
}

/** Provider plugins where the engine may not fetch them by itself. */
export function pluginLines({ zones }: Pick<Catalog, "zones">, env: NodeJS.ProcessEnv): Line[] {
  const id = "plugins";
  if (env.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION !== "true")
    return [ok(id, "the engine fetches those that it lacks")];
  const attached = (env.PULUMI_DEBUG_PROVIDERS ?? "").split(",").map((item) => item.split(":")[0]);
  const folder = pluginFolder(env);
  const installed = existsSync(folder) ? readdirSync(folder) : [];
  const used = new Set(zones.map(({ dns }) => dns));
  const providers = VENDORS.flatMap((vendor) =>
    vendor.dns === undefined || used.has(vendor.name) ? Object.entries(vendor.providers) : [],
  );
  const names = providers.flatMap(([key, { bundled }]) => (bundled ? [] : [key]));
  const missing = names.filter(
    (name) =>
      !attached.includes(name) &&
      programOnPath(`pulumi-resource-${name}`, env.PATH ?? "") === undefined &&
      !installed.some((file) => file.startsWith(`resource-${name}-v`)),
  );
  if (missing.length === 0) return [ok(id, `${names.length} are there`)];
  return missing.map((name) =>
    fault(
      id,
      `the provider plugin ${name} is not installed, and the engine may not fetch it`,
      `unset PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION, or: pulumi plugin install resource ${name}`,
    ),
  );
}
