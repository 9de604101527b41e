import { join } from "node:path";
import { quote } from "./enter.ts";
import { SESSION_MARKER } from "./profile.ts";

/** What {@link sshdConfig} needs to know. */
export interface SshdOptions {
  /** The sandbox's `ssh` directory. */
  readonly folder: string;
  readonly port: number;
  /** The only login name admitted: the user that started the sandbox. */
  readonly login: string;
  /** Marks the sessions' processes, see `SESSION_MARKER`. */
  readonly marker: string;
}

/** File names inside the sandbox's `ssh` directory. */
export const SSH_FILES = {
  hostKey: "host_key",
  userKey: "user_key",
  authorized: "authorized_keys",
  config: "sshd_config",
  enter: "enter",
} as const;

/**
 * The server's configuration: loopback, one user, one key, every command led into the host's tree. What the driver
 * depends on (MaxStartups, MaxSessions, AcceptEnv) is as Debian ships it, so that it fails here as it does there.
 */
export function sshdConfig(options: SshdOptions): string {
  const file = (name: string): string => `"${join(options.folder, name)}"`;
  return [
    "# Written by the sandbox.",
    `Port ${options.port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${file(SSH_FILES.hostKey)}`,
    "PidFile none",
    `AllowUsers ${options.login}`,
    `AuthorizedKeysFile ${file(SSH_FILES.authorized)}`,
    "AuthenticationMethods publickey",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin prohibit-password",
    "UsePAM no",
    // The directory may lie under /tmp or another place that others may write to; the key file itself is 0600.
    "StrictModes no",
    "AllowAgentForwarding no",
    "X11Forwarding no",
    "PrintMotd no",
    "PrintLastLog no",
    "AcceptEnv LANG LC_*",
    // SHLVL and ZDOTDIR keep bash and zsh from running the start-up files of the user that started the sandbox: those may
    // be slow, or print something that breaks rsync.
    `SetEnv ${SESSION_MARKER}="${options.marker}" SHLVL=1 ZDOTDIR=/nonexistent`,
    "MaxStartups 10:30:100",
    "LogLevel VERBOSE",
    "Subsystem sftp /usr/lib/openssh/sftp-server",
    // Run by the login shell, hence quoted for it.
    `ForceCommand ${quote(join(options.folder, SSH_FILES.enter))}`,
    "",
  ].join("\n");
}
