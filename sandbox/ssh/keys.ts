import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeAtomic } from "../machine/files.ts";
import { SSH_FILES } from "./sshd-config.ts";

const run = promisify(execFile);

/** Key material of the sandbox's SSH host. */
export interface SshKeys {
  /** The host's public key as `ssh-ed25519 AAAA…`, without a comment. */
  readonly hostKey: string;
  /** Path of the user's private key. */
  readonly userKeyFile: string;
}

/** Makes the host's and the user's key (ed25519, no passphrase) unless they are there; they outlive restarts. */
export async function ensureKeys(folder: string): Promise<SshKeys> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const host = join(folder, SSH_FILES.hostKey);
  const user = join(folder, SSH_FILES.userKey);
  await Promise.all([generate(host, "sandbox host"), generate(user, "sandbox user")]);
  writeAtomic(join(folder, SSH_FILES.authorized), readFileSync(`${user}.pub`, "utf8"));
  return { hostKey: publicPart(readFileSync(`${host}.pub`, "utf8")), userKeyFile: user };
}

async function generate(path: string, comment: string): Promise<void> {
  if (existsSync(path) && existsSync(`${path}.pub`)) {
    chmodSync(path, 0o600); // ssh refuses a key that others may read, e.g. after a copy of the directory
    return;
  }
  rmSync(path, { force: true });
  rmSync(`${path}.pub`, { force: true });
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path]);
}

/** `ssh-ed25519 AAAA…` of a public key line, without its comment. */
export function publicPart(line: string): string {
  return line.trim().split(/\s+/).slice(0, 2).join(" ");
}
