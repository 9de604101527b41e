import type { Entry } from "../artifact/manifest.ts";

/** Alias of the host in the generated ssh configuration; addresses and users never stand in a command line. */
export const SSH_ALIAS = "target";

/** Options that every call shares. `--secluded-args` keeps remote paths out of the remote shell and of the process list. */
const COMMON = [
  "--secluded-args",
  "--8-bit-output",
  "--no-human-readable",
  "--out-format=%i|%l|%n",
  "--timeout=60", // seconds without any byte; the step's own time-out bounds the whole
] as const;

/** Reads the list of entries from stdin, NUL-separated: no file name is ever parsed, by a shell or by rsync. */
const FROM_LIST = ["--from0", "--files-from=-"] as const;

/** 644 and 755, whatever the checkout's umask was; no set-uid, set-gid or sticky bits. */
const MODES = ["--perms", "--chmod=Dug-s,D-t,D=rwx,Dgo=rx,Fug-s,F-t,Fu=rwX,Fgo=rX"] as const;

/**
 * Arguments of rsync for an upload into an empty directory, with unchanged files copied on the host from earlier releases. Copied and not
 * linked: a file that is edited in one release must not change in the others, which are kept for a rollback.
 */
export function uploadArgs(call: {
  /** The generated ssh configuration. */
  readonly sshConfig: string;
  readonly from: string;
  readonly to: string;
  /** Absolute remote directories with files that may be the same. At most 20 (rsync's limit). */
  readonly copyDests: readonly string[];
  readonly dryRun?: boolean;
}): string[] {
  return [
    ...(call.dryRun ? ["--dry-run"] : []),
    "--links",
    "--checksum",
    "--compress",
    ...MODES,
    ...COMMON,
    ...FROM_LIST,
    ...call.copyDests.slice(0, 20).map((dir) => `--copy-dest=${dir}`),
    `--rsh=ssh -F '${call.sshConfig}'`,
    "--",
    `${call.from}/`,
    `${SSH_ALIAS}:${call.to}/`,
  ];
}

/** Arguments of rsync that compare an artifact with a remote directory, by content, and change nothing. */
export function compareArgs(call: {
  readonly sshConfig: string;
  readonly from: string;
  readonly to: string;
}): string[] {
  return uploadArgs({ ...call, copyDests: [], dryRun: true });
}

/** Arguments of rsync that list a remote directory recursively as if to fetch it, and change nothing. */
export function listArgs(call: {
  readonly sshConfig: string;
  readonly from: string;
  readonly emptyDir: string;
}): string[] {
  return [
    "--dry-run",
    "--recursive",
    "--links",
    ...COMMON,
    `--rsh=ssh -F '${call.sshConfig}'`,
    "--",
    `${SSH_ALIAS}:${call.from}/`,
    `${call.emptyDir}/`,
  ];
}

/**
 * What rsync reads on stdin: every entry, each ended by NUL. Even in this form rsync takes a name that begins with `#` or `;` for a
 * comment and silently leaves the file out, hence the `./`.
 */
export function fileList(entries: readonly Entry[]): string {
  return entries.map((entry) => `./${entry.path}\0`).join("");
}

/** One line of `--out-format=%i|%l|%n`. */
export interface Itemised {
  /** Eleven characters, e.g. `<f+++++++++`. */
  readonly code: string;
  readonly kind: "file" | "dir" | "link" | "special";
  /** True when nothing was there before. */
  readonly created: boolean;
  /** True when content or target differ (or nothing was there), not only attributes. */
  readonly content: boolean;
  readonly bytes: number;
  /** Name as it is on disk. */
  readonly path: string;
}

const KIND_LETTERS: Record<string, Itemised["kind"]> = { f: "file", d: "dir", L: "link", D: "special", S: "special" };

/** rsync writes unprintable bytes of a name as `\\#ooo`; backslashes before `#` are escaped the same way. */
function unescapeName(name: string): string {
  if (!name.includes("\\#")) return name;
  return name.replace(/\\#([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Reads one line of rsync's itemised output; undefined for anything else that rsync may print. */
export function parseItemised(line: string): Itemised | undefined {
  const match = /^([<>ch.][fdLDS][^|]{9})\|(\d+)\|(.+)$/.exec(line);
  if (!match) return undefined;
  const code = match[1]!;
  const created = code.slice(2).startsWith("+");
  return {
    code,
    kind: KIND_LETTERS[code[1]!] ?? "special",
    created,
    content: created || code[0] === "<" || code[0] === ">" || code.startsWith("cL"),
    bytes: Number(match[2]),
    path: unescapeName(match[3]!).replace(/\/$/, ""),
  };
}
