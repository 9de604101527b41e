import { join } from "node:path";
import { childEnvironment } from "../../environment/index.ts";
import { programFile } from "../../toolchain/programs.mjs";
import { readJson, remove, writeAtomic } from "../machine/files.ts";
import { getJson } from "../machine/health.ts";
import type { SandboxPaths } from "../machine/paths.ts";
import type { PartDefinition } from "./ensure.ts";
import { cloudFacts } from "./info.ts";
import { keyOf, sourceStamp } from "./parts.ts";
import type { CloudSettings } from "./settings.ts";

const SOURCES = [
  "core",
  "vercel",
  "cloudflare",
  "github",
  "chat",
  "web",
  "host",
  "databases",
  "proxy",
  "machine",
  "daemon",
];

/** The process with the vendors' APIs, the control API, the web server and the TLS proxy. */
export function cloudPart(paths: SandboxPaths, settings: CloudSettings): PartDefinition<"cloud"> {
  const { options, services, delegatedZones, proxy, databases, account, mode, environment } = settings;
  const ready = join(paths.run, "cloud.listen.json");
  return {
    name: "cloud",
    key: keyOf(options, services, delegatedZones, proxy, databases, account, mode, environment, sourceStamp(SOURCES)),
    async prepare() {
      remove(ready);
      writeAtomic(paths.settings, JSON.stringify(settings));
      return {
        name: "cloud",
        command: [process.execPath, programFile("sandbox/daemon/cloud-main.ts"), paths.dir],
        env: childEnvironment(),
        log: join(paths.logs, "cloud.log"),
        cwd: paths.dir,
      };
    },
    facts() {
      const said = cloudFacts.safeParse(readJson(ready));
      return said.success ? said.data : undefined;
    },
    healthy: async ({ ports }) => (await getJson(`http://127.0.0.1:${ports.control}/health`)) !== undefined,
  };
}
