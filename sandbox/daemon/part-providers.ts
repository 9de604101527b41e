import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../../environment/index.ts";
import { programFile } from "../../toolchain/programs.mjs";
import { accepts } from "../machine/health.ts";
import { PROJECT_ROOT, type SandboxPaths } from "../machine/paths.ts";
import type { PartDefinition } from "./ensure.ts";
import { providerFacts } from "./info.ts";
import { keyOf, sourceStamp } from "./parts.ts";

/**
 * The process with all stand-in providers.
 *
 * @param env what they find the vendors by; attached providers do not get the engine's environment
 * @param ports ports of the last run by provider
 */
export function providersPart(
  paths: SandboxPaths,
  env: Readonly<Record<string, string>>,
  ports: Readonly<Record<string, number>>,
): PartDefinition<"providers"> {
  const output = join(paths.run, "providers.out");
  const wanted = Object.entries(ports).map(([name, port]) => `${name}=${port}`);
  return {
    name: "providers",
    key: keyOf(
      Object.entries(env).filter(([name]) => name !== "PATH" && name !== "PULUMI_DEBUG_PROVIDERS"),
      sourceStamp(["providers", "../provider/framework"]),
    ),
    prepare: async () => ({
      name: "providers",
      command: [process.execPath, programFile("sandbox/providers/host.ts"), ...wanted],
      env: { ...environment(), ...env },
      log: join(paths.logs, "providers.log"),
      output,
      // Relative paths in local commands mean the project, as they do when the engine starts a plugin there.
      cwd: PROJECT_ROOT,
    }),
    facts() {
      try {
        const said = providerFacts.safeParse({ ports: JSON.parse(readFileSync(output, "utf8")) });
        return said.success ? said.data : undefined;
      } catch {
        return undefined; // not written yet, or only half of it
      }
    },
    async healthy({ ports: open }) {
      const answers = await Promise.all(Object.values(open).map((port) => accepts(port)));
      return answers.length > 0 && answers.every(Boolean);
    },
  };
}
