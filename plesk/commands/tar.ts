import { quote } from "./quote.ts";

/**
 * Arguments of the local GNU tar that packs entries given on stdin (see `fileList`) with normalised modes and without owners or times.
 * Names are neither parsed as options nor as patterns.
 */
export function packArgs(from: string, archive: string): string[] {
  return [
    "--create",
    "--gzip",
    `--file=${archive}`,
    "--format=posix",
    "--pax-option=delete=atime,delete=ctime,delete=mtime",
    "--mode=u=rwX,go=rX",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--mtime=@0",
    "--no-recursion",
    `--directory=${from}`,
    "--null",
    "--verbatim-files-from",
    "--files-from=-",
  ];
}

/** Command for the host that unpacks an archive from stdin. Short options only: busybox and GNU share them. */
export function unpackCommand(dir: string): string {
  return `exec tar -xzf - -C ${quote(dir)}`;
}

/** Command for the host that packs a directory to stdout. */
export function fetchCommand(dir: string): string {
  return `exec tar -czf - -C ${quote(dir)} .`;
}

/** Arguments of the local GNU tar that unpacks what the host sent; nothing of it can leave the directory. */
export function extractArgs(archive: string, dir: string): string[] {
  return [
    "--extract",
    "--gzip",
    `--file=${archive}`,
    `--directory=${dir}`,
    "--no-same-owner",
    "--delay-directory-restore",
  ];
}
