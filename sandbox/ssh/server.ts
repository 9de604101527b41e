import { chmodSync, mkdirSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { writeAtomic } from "../machine/files.ts";
import { enterScript, type Mode } from "./enter.ts";
import { type HostedService, prepareHostTree } from "./host-tree.ts";
import { chooseIsolation, linkHostTree } from "./isolation.ts";
import { ensureKeys, type SshKeys } from "./keys.ts";
import { DEFAULT_PROFILE, type HostProfile } from "./profile.ts";
import { SSH_FILES, sshdConfig } from "./sshd-config.ts";

/** Everything needed to start the sandbox's SSH server. */
export interface SshHost extends SshKeys {
  readonly mode: Mode;
  /** Login name to use: that of the user who started the sandbox, since sshd can only log in accounts that exist. */
  readonly login: string;
  /** Absolute path and arguments; runs in the foreground and logs to stderr. */
  readonly command: readonly string[];
}

/** Where the SSH host lives and what it shows. */
export interface SshHostOptions {
  /** The sandbox's `ssh` directory (absolute). */
  readonly folder: string;
  /** The sandbox's `host` directory (absolute). */
  readonly hostTree: string;
  readonly port: number;
  /** Marks the processes of this sandbox's sessions. */
  readonly marker: string;
  /** The services on the host. @default none */
  readonly services?: readonly HostedService[];
  /** @default DEFAULT_PROFILE */
  readonly profile?: HostProfile;
  /** How sessions are led into the tree, when it is known. @default what works, see `chooseIsolation` */
  readonly mode?: Mode;
}

/**
 * Writes keys, configuration and file tree of the SSH host; the caller starts {@link SshHost.command}.
 *
 * @throws SitefleetError `sandbox.packages`, `sandbox.ssh.isolation`, `sandbox.ssh.root`
 */
export async function prepareSshHost(options: SshHostOptions): Promise<SshHost> {
  const profile = options.profile ?? DEFAULT_PROFILE;
  const login = userInfo().username;
  prepareHostTree(options.hostTree, profile, options.services ?? []);
  const chosen = options.mode ?? chooseIsolation(options.hostTree, profile);
  const [keys, mode] = await Promise.all([ensureKeys(options.folder), chosen]);
  if (mode === "link") linkHostTree(options.hostTree, profile);
  const enter = join(options.folder, SSH_FILES.enter);
  writeAtomic(enter, enterScript(mode, options.hostTree, profile), 0o700);
  chmodSync(enter, 0o700);
  const config = join(options.folder, SSH_FILES.config);
  writeAtomic(config, sshdConfig({ folder: options.folder, port: options.port, login, marker: options.marker }));
  // sshd as root separates privileges into this directory and refuses to start without it; Debian makes it in the
  // service's unit, which a container does not have.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  return { ...keys, mode, login, command: ["/usr/sbin/sshd", "-D", "-e", "-f", config] };
}
