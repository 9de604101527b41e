import { join } from "node:path";
import { greetsSsh } from "../machine/health.ts";
import type { SandboxPaths } from "../machine/paths.ts";
import { freePort } from "../machine/ports.ts";
import {
  type HostedService,
  type HostProfile,
  type Mode,
  prepareSshHost,
  tryLogin,
  writeClientConfig,
} from "../ssh/index.ts";
import type { PartDefinition } from "./ensure.ts";
import type { PartFacts } from "./info.ts";
import { keyOf, sourceStamp } from "./parts.ts";

/**
 * The SSH server.
 *
 * @param mode how sessions are led into the host's tree
 * @param lastPort port of the last run
 */
export function sshPart(
  paths: SandboxPaths,
  profile: HostProfile,
  mode: Mode,
  services: readonly HostedService[],
  lastPort: number | undefined,
): PartDefinition<"sshd"> {
  let facts: PartFacts["sshd"] | undefined;
  return {
    name: "sshd",
    key: keyOf(profile, mode, sourceStamp(["ssh"])),
    async prepare() {
      const port = await freePort(lastPort);
      const place = { folder: paths.ssh, hostTree: paths.host, port, marker: paths.dir };
      const host = await prepareSshHost({ ...place, services, profile, mode });
      const { login: user, userKeyFile: keyFile, hostKey } = host;
      facts = { port, user, keyFile, hostKey, mode, root: profile.root, profile: profile.kind };
      return {
        name: "sshd",
        command: host.command,
        // What is set here would show in the sessions; a real server starts with next to nothing.
        env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8" },
        log: join(paths.logs, "sshd.log"),
        cwd: "/",
      };
    },
    facts: () => facts,
    healthy: ({ port }) => greetsSsh(port),
    // A locked account, a login shell that refuses, or sessions outside the host's tree show only in a real login.
    async prove(said) {
      const wrong = await tryLogin(writeClientConfig(paths.ssh, said), profile.root);
      return wrong === undefined ? undefined : `logging in as ${said.user} fails: ${wrong}`;
    },
  };
}
