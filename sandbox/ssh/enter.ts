import { existsSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { chrootTools } from "./chroot.ts";
import { type HostProfile, SESSION_UID } from "./profile.ts";

/** How a session gets to see the host's tree; see `chooseIsolation`. */
export type Mode = "user" | "mount" | "link";

/** System directories a session sees, read-only. Homes, /root, /srv and the project are not among them. */
const SYSTEM = ["/usr", "/etc", "/opt", "/var"] as const;

/** Folders of the host's tree that are not the account's: its own programs, and the socket of MariaDB. */
export const TREE = { programs: "local", mysqld: "mysqld" } as const;

/** Quotes a word for a POSIX shell. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Top-level names such as /bin and /lib64: links on a merged /usr, directories elsewhere. */
function topLevel(names: RegExp): string[] {
  return readdirSync("/").filter((name) => names.test(name));
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** The machine's own top-level directories or links of those names, read-only. */
function machine(names: RegExp): string[] {
  return topLevel(names).flatMap((name) => {
    const target = linkTarget(`/${name}`);
    return target === undefined ? ["--ro-bind", `/${name}`, `/${name}`] : ["--symlink", target, `/${name}`];
  });
}

/**
 * Arguments for bubblewrap, up to the command: an empty root with the machine's system directories (read-only), the
 * host's own `/www`, `/tmp`, `/usr/local` and account files, and nothing else to write to. A session that goes wrong
 * therefore cannot harm the machine, and two sandboxes never meet.
 *
 * @param mode `user` runs as an ordinary user with the caller's rights; `mount` is for root where that is forbidden
 * @param hostTree the sandbox's `host` directory, as `prepareHostTree` makes it
 */
export function bubblewrapArguments(mode: "user" | "mount", hostTree: string, profile: HostProfile): string[] {
  const inside = (path: string): string => join(hostTree, path);
  const top = `/${profile.root.split("/")[1] ?? ""}`;
  const chrooted = profile.kind === "plesk-chroot";
  return [
    ...(mode === "user" ? ["--unshare-user", "--uid", String(SESSION_UID), "--gid", String(SESSION_UID)] : []),
    "--unshare-uts",
    "--hostname",
    profile.hostname,
    ...(chrooted ? chroot() : wholeSystem(inside, top)),
    // Only over files that exist: the rest of /etc is the machine's.
    ...(mode === "user" || chrooted ? ["--ro-bind", inside("etc/passwd"), "/etc/passwd"] : []),
    ...(mode === "user" || chrooted ? ["--ro-bind", inside("etc/group"), "/etc/group"] : []),
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
    chrooted ? "/bin" : "/usr/local/bin:/usr/bin:/bin",
    ...["SSH_ORIGINAL_COMMAND", "SHLVL", "ZDOTDIR"].flatMap((name) => ["--unsetenv", name]),
    "--chdir",
    profile.root,
  ];
}

function wholeSystem(inside: (path: string) => string, top: string): string[] {
  return [
    // A root such as /var/www/vhosts/… takes the place of the machine's /var.
    ...SYSTEM.filter((path) => path !== top).flatMap((path) => ["--ro-bind-try", path, path]),
    ...machine(/^(bin|sbin|lib\w*)$/),
    // What the machine has there is nothing that a hoster installs, a container client for instance.
    "--ro-bind",
    inside(TREE.programs),
    "/usr/local",
    "--dev-bind",
    "/dev",
    "/dev",
    "--ro-bind",
    "/proc",
    "/proc",
    "--tmpfs",
    "/run",
    "--bind-try",
    inside(TREE.mysqld),
    "/run/mysqld",
  ];
}

/** Plesk's chrooted shell: a handful of programs and the libraries they need, no /proc, no database, nothing to install. */
function chroot(): string[] {
  const libraries = readdirSync("/usr").filter((name) => /^lib\w*$/.test(name));
  return [
    ...libraries.flatMap((name) => ["--ro-bind", `/usr/${name}`, `/usr/${name}`]),
    ...machine(/^lib\w*$/),
    ...(existsSync("/etc/ld.so.cache") ? ["--ro-bind", "/etc/ld.so.cache", "/etc/ld.so.cache"] : []),
    ...chrootTools().flatMap(([name, path]) => ["--ro-bind", realpathSync(path), `/bin/${name}`]),
    "--dev",
    "/dev",
  ];
}

/**
 * The program sshd runs in place of every command (ForceCommand): enters the host's tree and there does what sshd
 * would have done, `bash -c COMMAND`, or a login shell when there is none.
 */
export function enterScript(mode: Mode, hostTree: string, profile: HostProfile): string {
  const wrap = mode === "link" ? [] : ["/usr/bin/bwrap", ...bubblewrapArguments(mode, hostTree, profile)].map(quote);
  const home = mode === "link" ? linkedEnvironment(hostTree, profile) : [];
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

/** Without namespaces the programs can only be chosen by PATH, and the socket by a file of options. */
function linkedEnvironment(hostTree: string, profile: HostProfile): string[] {
  const programs = join(hostTree, TREE.programs, "bin");
  const path = profile.kind === "plesk-chroot" ? programs : `${programs}:/usr/bin:/bin`;
  return [
    `cd ${quote(profile.root)} || exit 1`,
    `export HOME=${quote(profile.root)} PATH=${quote(path)}`,
    `export MYSQL_UNIX_PORT=${quote(join(hostTree, TREE.mysqld, "mysqld.sock"))}`,
  ];
}
