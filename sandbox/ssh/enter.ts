import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { type HostProfile, SESSION_UID } from "./profile.ts";

/** How a session gets to see the host's tree; see `chooseIsolation`. */
export type Mode = "user" | "mount" | "link";

/** System directories a session sees, read-only. Homes, /root, /srv and the project are not among them. */
const SYSTEM = ["/usr", "/etc", "/opt", "/var"] as const;

/** Quotes a word for a POSIX shell. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Top-level names such as /bin and /lib64: links on a merged /usr, directories elsewhere. */
function topLevel(): string[] {
  return readdirSync("/").filter((name) => /^(bin|sbin|lib\w*)$/.test(name));
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/**
 * Arguments for bubblewrap, up to the command: an empty root with the machine's system directories (read-only), the
 * host's own `/www`, `/tmp` and account files, and nothing else to write to. A session that goes wrong therefore
 * cannot harm the machine, and two sandboxes never meet.
 *
 * @param mode `user` runs as an ordinary user with the caller's rights; `mount` is for root where that is forbidden
 * @param hostTree the sandbox's `host` directory, holding `tmp`, `etc` and the account's root
 */
export function bubblewrapArguments(mode: "user" | "mount", hostTree: string, profile: HostProfile): string[] {
  const inside = (path: string): string => join(hostTree, path);
  const top = `/${profile.root.split("/")[1] ?? ""}`;
  const system = topLevel().flatMap((name) => {
    const target = linkTarget(`/${name}`);
    return target === undefined ? ["--ro-bind", `/${name}`, `/${name}`] : ["--symlink", target, `/${name}`];
  });
  return [
    ...(mode === "user" ? ["--unshare-user", "--uid", String(SESSION_UID), "--gid", String(SESSION_UID)] : []),
    "--unshare-uts",
    "--hostname",
    profile.hostname,
    // A root such as /var/www/vhosts/… takes the place of the machine's /var.
    ...SYSTEM.filter((path) => path !== top).flatMap((path) => ["--ro-bind-try", path, path]),
    ...system,
    // Only over files that exist: the rest of /etc is the machine's.
    ...(mode === "user" ? ["--ro-bind", inside("etc/passwd"), "/etc/passwd"] : []),
    ...(mode === "user" ? ["--ro-bind", inside("etc/group"), "/etc/group"] : []),
    "--dev-bind",
    "/dev",
    "/dev",
    "--ro-bind",
    "/proc",
    "/proc",
    "--tmpfs",
    "/run",
    "--bind",
    inside("tmp"),
    "/tmp",
    "--bind",
    inside(top),
    top,
    "--setenv",
    "HOME",
    profile.root,
    "--setenv",
    "USER",
    profile.user,
    "--setenv",
    "LOGNAME",
    profile.user,
    "--setenv",
    "PATH",
    "/usr/local/bin:/usr/bin:/bin",
    ...["SSH_ORIGINAL_COMMAND", "SHLVL", "ZDOTDIR"].flatMap((name) => ["--unsetenv", name]),
    "--chdir",
    profile.root,
  ];
}

/**
 * The program sshd runs in place of every command (ForceCommand): enters the host's tree and there does what sshd
 * would have done, `bash -c COMMAND`, or a login shell when there is none.
 */
export function enterScript(mode: Mode, hostTree: string, profile: HostProfile): string {
  const wrap = mode === "link" ? [] : ["/usr/bin/bwrap", ...bubblewrapArguments(mode, hostTree, profile)].map(quote);
  const home = mode === "link" ? [`cd ${quote(profile.root)} || exit 1`, `export HOME=${quote(profile.root)}`] : [];
  return [
    "#!/bin/sh",
    "# Written by the sandbox. Leads an SSH session into the host's file tree.",
    "umask 022",
    ...home,
    'if [ -n "$SSH_ORIGINAL_COMMAND" ]; then',
    `  exec ${[...wrap, "/bin/bash", "-c"].join(" ")} "$SSH_ORIGINAL_COMMAND"`,
    "fi",
    `exec ${[...wrap, "/bin/bash", "-l"].join(" ")}`,
    "",
  ].join("\n");
}
