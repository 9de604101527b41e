import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * What a chrooted Plesk shell carries and deployments may therefore use. Not among it, and so not in the sandbox's either: rsync, php,
 * python, node, stat, find, date, flock, df, readlink, database clients (docs/reference/services.md, Hosts).
 */
const REQUIRED = ["bash", "cat", "chmod", "cp", "gzip", "ln", "ls", "mkdir", "mv", "rm", "rmdir", "tar"] as const;

/** There in Plesk's too, but only on machines that have them. */
const USUAL = [
  ...["du", "false", "grep", "groups", "gunzip", "head", "id", "less", "more", "pwd", "scp", "tail", "touch", "true"],
  ...["unzip", "vi", "wget"],
];

/** Name and path on this machine of every program of a chrooted shell. `sh` is bash, as there. */
export function chrootTools(): [name: string, path: string][] {
  const find = (name: string): string | undefined =>
    ["/usr/bin", "/bin"].map((folder) => join(folder, name)).find((path) => existsSync(path));
  const found = [...REQUIRED, ...USUAL].flatMap((name): [string, string][] => {
    const path = find(name);
    return path === undefined ? [] : [[name, path]];
  });
  const shell = found.find(([name]) => name === "bash");
  return shell === undefined ? found : [...found, ["sh", shell[1]]];
}
