import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Props } from "../framework/index.ts";
import { isObject } from "../framework/index.ts";

/** How to start OpenSSH for a connection. Nothing secret is in `args`; what is, lies in files that `dispose` removes. */
export interface SshAccess {
  /** Options for `ssh` and `sftp`, host not included. */
  readonly options: readonly string[];
  /** Environment of the client: the askpass helper for a password. */
  readonly env: Readonly<Record<string, string>>;
  readonly host: string;
  /** Where the client writes its own messages, apart from the command's stderr. */
  readonly log: string;
  dispose(): Promise<void>;
}

// The helper prints what is in the file named by its own path: the same for a password and for a key's passphrase.
const ASKPASS = '#!/bin/sh\nexec cat "$0.txt"\n';

/**
 * Writes key, known hosts and password into a directory that only this user can read, and the options that use them.
 * Without `hostKey` no host key is checked, like the real provider.
 *
 * @throws Error for a host key that cannot be read
 */
export async function sshAccess(connection: Props): Promise<SshAccess> {
  const dir = await mkdtemp(join(tmpdir(), "sitefleet-ssh-"));
  const dispose = (): Promise<void> => rm(dir, { recursive: true, force: true });
  try {
    const log = join(dir, "log");
    const { options, env } = await hop(connection, dir);
    if (isObject(connection.proxy)) options.push("-o", `ProxyCommand=${await proxyCommand(connection.proxy, dir)}`);
    return { options, env, host: String(connection.host), log, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function hop(
  connection: Props,
  dir: string,
  prefix = "",
): Promise<{ options: string[]; env: Record<string, string> }> {
  const port = Number(connection.port ?? 22);
  const options = ["-F", "none", "-o", `User=${String(connection.user ?? "root")}`, "-o", `Port=${port}`];
  const set = (name: string, value: string | number): void => void options.push("-o", `${name}=${value}`);
  const timeout = Number(connection.perDialTimeout ?? 0);
  if (timeout > 0) set("ConnectTimeout", timeout);
  set("ClearAllForwardings", "yes");
  set("LogLevel", "ERROR");

  const known = join(dir, `${prefix}known_hosts`);
  if (typeof connection.hostKey === "string") {
    const [type = "", key] = connection.hostKey.trim().split(/\s+/);
    if (key === undefined) throw new Error("failed to parse host key: ssh: no key found");
    await writeSecret(known, `${hostPattern(String(connection.host), port)} ${type} ${key}\n`);
    set("StrictHostKeyChecking", "yes");
    set("UserKnownHostsFile", known);
    set("HostKeyAlgorithms", type === "ssh-rsa" ? "rsa-sha2-512,rsa-sha2-256,ssh-rsa" : type);
  } else {
    set("StrictHostKeyChecking", "no");
    set("UserKnownHostsFile", "/dev/null");
  }
  set("GlobalKnownHostsFile", "/dev/null");

  const env: Record<string, string> = {};
  const secret = connection.privateKey === undefined ? connection.password : connection.privateKeyPassword;
  if (typeof connection.privateKey === "string") {
    const key = join(dir, `${prefix}key`);
    await writeSecret(key, connection.privateKey.endsWith("\n") ? connection.privateKey : `${connection.privateKey}\n`);
    set("IdentityFile", key);
    set("IdentitiesOnly", "yes");
  } else set("PubkeyAuthentication", connection.agentSocketPath === undefined ? "no" : "yes");
  set("IdentityAgent", typeof connection.agentSocketPath === "string" ? connection.agentSocketPath : "none");
  if (typeof secret === "string") {
    const helper = join(dir, `${prefix}askpass`);
    await writeSecret(helper, ASKPASS);
    await chmod(helper, 0o700);
    await writeSecret(`${helper}.txt`, `${secret}\n`);
    set("NumberOfPasswordPrompts", 1);
    // `sftp -b` would switch prompting off, the helper included; the first value given wins.
    set("BatchMode", "no");
    Object.assign(env, { SSH_ASKPASS: helper, SSH_ASKPASS_REQUIRE: "force" });
  } else set("BatchMode", "yes");
  return { options, env };
}

async function proxyCommand(proxy: Props, dir: string): Promise<string> {
  const { options, env } = await hop(proxy, dir, "proxy-");
  const assignments = Object.entries(env).map(([name, value]) => quote(`${name}=${value}`));
  return ["env", ...assignments, "ssh", ...options.map(quote), "-W", "[%h]:%p", quote(String(proxy.host))].join(" ");
}

function hostPattern(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''").replaceAll("%", "%%")}'`;
}

async function writeSecret(path: string, content: string): Promise<void> {
  await writeFile(path, content, { mode: 0o600 });
}
