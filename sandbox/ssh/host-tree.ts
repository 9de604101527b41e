import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeAtomic } from "../machine/files.ts";
import { TREE } from "./enter.ts";
import { type HostProfile, SESSION_UID } from "./profile.ts";
import { installPrograms } from "./programs.ts";

/** A service as the host knows it. */
export interface HostedService {
  readonly key: string;
  /** Absolute path of its document root, as sessions see it. */
  readonly path: string;
}

/**
 * Creates the host's file tree: the account's directory, a directory for each service (the panel of a real host
 * makes those when a subdomain is created), its own programs, a `/tmp`, and the account file. Leaves what is there alone.
 *
 * @param services those whose path lies outside the account's directory are left out
 */
export function prepareHostTree(hostTree: string, profile: HostProfile, services: readonly HostedService[]): void {
  mkdirSync(hostTree, { recursive: true, mode: 0o700 });
  mkdirSync(join(hostTree, profile.root), { recursive: true, mode: 0o755 });
  for (const { path } of services) {
    const segments = path.split("/");
    if (!path.startsWith(`${profile.root}/`) || segments.includes("..")) continue;
    // The link of a service that was taken out of service leads nowhere: no directory can be made in its place.
    const there = lstatSync(join(hostTree, path), { throwIfNoEntry: false });
    if (there === undefined) mkdirSync(join(hostTree, path), { recursive: true, mode: 0o755 });
  }
  const temporary = join(hostTree, "tmp");
  mkdirSync(temporary, { recursive: true });
  chmodSync(temporary, 0o1777);
  mkdirSync(join(hostTree, TREE.mysqld), { recursive: true });
  installPrograms(join(hostTree, TREE.programs), profile.kind);
  const known = services.map(({ key, path }) => `${path} ${key}\n`);
  writeAtomic(join(hostTree, TREE.programs, "etc/services"), known.join(""), 0o644);
  const { user, root } = profile;
  writeAtomic(
    join(hostTree, "etc/passwd"),
    `${user}:x:${SESSION_UID}:${SESSION_UID}:${user}:${root}:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n`,
    0o644,
  );
  writeAtomic(join(hostTree, "etc/group"), `${user}:x:${SESSION_UID}:\nnogroup:x:65534:\n`, 0o644);
}
