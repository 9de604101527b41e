import { spawn } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readlinkSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { bubblewrapArguments, type Mode } from "./enter.ts";
import type { HostProfile } from "./profile.ts";

/** Debian's PHP, for the host's web server. */
export const PHP = "/usr/bin/php";

/** The Debian packages the SSH host needs. */
const SSH_PACKAGES = ["openssh-server", "openssh-client", "rsync", "bubblewrap", "php-cli"] as const;

const PROGRAMS: Record<(typeof SSH_PACKAGES)[number], string> = {
  "openssh-server": "/usr/sbin/sshd",
  "openssh-client": "/usr/bin/ssh",
  rsync: "/usr/bin/rsync",
  bubblewrap: "/usr/bin/bwrap",
  "php-cli": PHP,
};

/** @throws SitefleetError `sandbox.packages`, with the command that installs what is missing */
function requirePrograms(): void {
  const missing = SSH_PACKAGES.filter((name) => !existsSync(PROGRAMS[name]));
  if (missing.length === 0) return;
  throw new SitefleetError({
    code: "sandbox.packages",
    message: `The sandbox's SSH host needs Debian packages that are not installed: ${missing.join(", ")}`,
    hint: `As root: apt-get install -y --no-install-recommends ${missing.join(" ")}`,
  });
}

/**
 * Finds out how sessions can be led into the host's tree on this machine, best way first.
 *
 * - `user`: a user namespace of its own; works for root and for ordinary users. Sessions are an ordinary user.
 * - `mount`: a mount namespace only, where user namespaces are switched off and we are root.
 * - `link`: no namespaces at all (a container without CAP_SYS_ADMIN): root makes the real `/www/htdocs/<account>` a
 *   link into the sandbox. One sandbox at a time, and sessions are root.
 *
 * @param hostTree as `prepareHostTree` makes it
 * @throws SitefleetError `sandbox.packages`, `sandbox.ssh.root`; `sandbox.ssh.isolation` when none works
 */
export async function chooseIsolation(hostTree: string, profile: HostProfile): Promise<Mode> {
  requirePrograms();
  checkRoot(profile);
  const reasons: string[] = [];
  const root = process.getuid?.() === 0;
  for (const mode of root ? (["user", "mount"] as const) : (["user"] as const)) {
    const outcome = await tryEnter(mode, hostTree, profile);
    if (outcome === undefined) return mode;
    reasons.push(`${mode}: ${outcome}`);
  }
  if (root && canLink(hostTree, profile)) return "link";
  if (root) reasons.push(`link: ${profile.root} exists already and does not belong to this sandbox`);
  throw new SitefleetError({
    code: "sandbox.ssh.isolation",
    message: `SSH sessions cannot be given their own ${profile.root} on this machine`,
    details: reasons,
    hint: root
      ? "Allow the container mount namespaces (CAP_SYS_ADMIN), or stop the sandbox that holds the directory"
      : "Allow user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0), or run as root",
  });
}

/** @throws SitefleetError `sandbox.ssh.root` for an account directory that would hide the machine's programs */
export function checkRoot(profile: HostProfile): void {
  const [, top = "", ...rest] = profile.root.split("/");
  const reserved = new Set([
    "",
    "bin",
    "sbin",
    "lib",
    "lib32",
    "lib64",
    "usr",
    "etc",
    "dev",
    "proc",
    "sys",
    "run",
    "tmp",
  ]);
  if (profile.root.startsWith("/") && !reserved.has(top) && rest.length > 0 && !rest.includes("..")) return;
  throw new SitefleetError({
    code: "sandbox.ssh.root",
    message: `The sandbox's host cannot have its account directory at ${profile.root}`,
    hint: "Use one like /www/htdocs/w01234567, /home/account or /var/www/vhosts/example.org in services.yaml",
  });
}

/** Runs `true` inside; undefined when that works, else the reason. */
function tryEnter(mode: "user" | "mount", hostTree: string, profile: HostProfile): Promise<string | undefined> {
  return new Promise((done) => {
    const args = bubblewrapArguments(mode, hostTree, profile);
    const child = spawn(PROGRAMS.bubblewrap, [...args, "/bin/bash", "-c", ":"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let text = "";
    child.stderr.on("data", (chunk: Buffer) => {
      text += chunk;
    });
    child.once("error", (error) => done(error.message));
    child.once("close", (code) => done(code === 0 ? undefined : text.trim() || `exit code ${code}`));
  });
}

function canLink(hostTree: string, profile: HostProfile): boolean {
  try {
    return lstatSync(profile.root).isSymbolicLink() && readlinkSync(profile.root) === hostTree + profile.root;
  } catch {
    return true;
  }
}

/** Mode `link`: makes the account's directory lead into the sandbox. Nothing to do when it does. */
export function linkHostTree(hostTree: string, profile: HostProfile): void {
  if (existsSync(profile.root)) return;
  mkdirSync(dirname(profile.root), { recursive: true });
  symlinkSync(hostTree + profile.root, profile.root);
}
