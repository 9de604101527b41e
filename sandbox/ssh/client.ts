import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeAtomic } from "../machine/files.ts";

const run = promisify(execFile);

/** Where a client finds the SSH host. */
export interface SshAddress {
  readonly port: number;
  readonly user: string;
  /** Path of the private key. */
  readonly keyFile: string;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string;
}

/** Name under which the client configuration knows the host. */
const SSH_ALIAS = "sandbox";

/**
 * Writes `config` and `known_hosts` into the sandbox's `ssh` directory, so that people can say
 * `ssh -F .sandbox/ssh/config sandbox`.
 *
 * @returns path of the configuration
 */
export function writeClientConfig(folder: string, address: SshAddress): string {
  const known = join(folder, "known_hosts");
  const config = join(folder, "config");
  writeAtomic(known, `[127.0.0.1]:${address.port} ${address.hostKey}\n`);
  const lines = [
    `Host ${SSH_ALIAS}`,
    "  HostName 127.0.0.1",
    `  Port ${address.port}`,
    `  User ${address.user}`,
    `  IdentityFile "${address.keyFile}"`,
    "  IdentitiesOnly yes",
    "  BatchMode yes",
    "  StrictHostKeyChecking yes",
    `  UserKnownHostsFile "${known}"`,
  ];
  writeAtomic(config, `${lines.join("\n")}\n`);
  return config;
}

/**
 * Logs in once and looks around: whether the account may log in at all (not locked, has a shell), and whether its
 * sessions land in the host's tree.
 *
 * @param config what {@link writeClientConfig} wrote
 * @param root directory that a session must start in
 * @param ms time-out in milliseconds, @default 15000
 * @returns undefined when it works, else what ssh said
 */
export async function tryLogin(config: string, root: string, ms = 15_000): Promise<string | undefined> {
  try {
    const { stdout } = await run("ssh", ["-F", config, SSH_ALIAS, "pwd"], { timeout: ms });
    return stdout === `${root}\n` ? undefined : `the session starts in ${stdout.trim() || "no directory"}`;
  } catch (error) {
    const { stderr = "", stdout = "", message } = error as Error & { stderr?: string; stdout?: string };
    return (stderr + stdout).trim() || message;
  }
}
