import { SSH_ALIAS } from "../commands/rsync.ts";
import type { Host } from "../input.ts";

/** Files of a session, all inside one private directory. */
export interface SessionFiles {
  /** Configuration of the master: knows how to log in. */
  readonly masterConfig: string;
  /** Configuration of everything else: only knows the master's socket. */
  readonly config: string;
  readonly knownHosts: string;
  readonly key: string;
  readonly socket: string;
}

/** Names the files of a session. @param dir The private directory; short, since a socket's path ends at 104 bytes. */
export function sessionFiles(dir: string): SessionFiles {
  return {
    masterConfig: `${dir}/master`,
    config: `${dir}/config`,
    knownHosts: `${dir}/known_hosts`,
    key: `${dir}/key`,
    socket: `${dir}/s`,
  };
}

/** Pinned host keys under the alias, so that neither port nor address format matters. */
export function knownHosts(host: Pick<Host, "hostKey">): string {
  return host.hostKey.map((line) => `${SSH_ALIAS} ${line}\n`).join("");
}

/**
 * Configuration of the one connection. Nothing of the user's or the machine's own configuration applies (`ssh -F`), and the
 * host key must be among the pinned ones. A dead peer is noticed within 15 s.
 */
export function masterConfig(host: Host, files: SessionFiles, connectSeconds: number): string {
  const identity =
    host.privateKey === undefined ? [] : [`IdentityFile "${files.key}"`, "IdentitiesOnly yes", "IdentityAgent none"];
  return [
    `Host ${SSH_ALIAS}`,
    `HostName ${host.address}`,
    `Port ${host.port}`,
    `User ${host.user}`,
    `HostKeyAlias ${SSH_ALIAS}`,
    `UserKnownHostsFile "${files.knownHosts}"`,
    "GlobalKnownHostsFile /dev/null",
    "StrictHostKeyChecking yes",
    "CheckHostIP no",
    "UpdateHostKeys no",
    "BatchMode yes",
    "PreferredAuthentications publickey",
    ...identity,
    `ConnectTimeout ${Math.ceil(connectSeconds)}`,
    "ServerAliveInterval 5",
    "ServerAliveCountMax 3",
    "ControlMaster yes",
    // Survives a killed driver by this many idle seconds and no longer.
    "ControlPersist 30",
    `ControlPath "${files.socket}"`,
    "ForwardAgent no",
    "ForwardX11 no",
    "RequestTTY no",
    "LogLevel ERROR",
    "",
  ].join("\n");
}

/**
 * Configuration of every command after that. Without the master, ssh would quietly open a connection of its own. The proxy command
 * always fails, so that ssh ends with 255 instead, as for a lost connection.
 */
export function clientConfig(files: SessionFiles): string {
  return [
    `Host ${SSH_ALIAS}`,
    `ControlPath "${files.socket}"`,
    "ControlMaster no",
    "ProxyCommand false",
    "BatchMode yes",
    "RequestTTY no",
    "LogLevel ERROR",
    "",
  ].join("\n");
}
