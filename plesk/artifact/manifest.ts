import { createHash } from "node:crypto";
import { SitefleetError } from "../../errors/index.ts";

/** A directory of a release; always mode 755. */
interface DirEntry {
  readonly kind: "dir";
  readonly path: string;
  readonly mode: number;
}
/** A file of a release: mode 644, or 755 when its owner may execute it in the artifact; size in bytes. */
export interface FileEntry {
  readonly kind: "file";
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  readonly sha256: string;
}
/** A symbolic link of a release; the target is relative and stays inside it. */
interface LinkEntry {
  readonly kind: "link";
  readonly path: string;
  readonly target: string;
}
/** One line of a manifest. */
export type Entry = DirEntry | FileEntry | LinkEntry;

const ESCAPES: Record<string, string> = { "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r" };
const UNESCAPES: Record<string, string> = { "\\": "\\", n: "\n", t: "\t", r: "\r" };
const escapeField = (text: string): string => text.replace(/[\\\n\t\r]/g, (char) => ESCAPES[char]!);
const unescapeField = (text: string): string => text.replace(/\\(.)/g, (_, char: string) => UNESCAPES[char] ?? char);

/**
 * The text form of a release's content: one line an entry, `type TAB mode TAB size TAB sha256-or-target TAB path`, with
 * backslash, newline, tab and carriage return escaped. It is kept beside each release on the host.
 */
export function renderManifest(entries: readonly Entry[]): string {
  return entries.map(renderEntry).join("");
}

function renderEntry(entry: Entry): string {
  const path = escapeField(entry.path);
  if (entry.kind === "file") return `f\t${entry.mode.toString(8)}\t${entry.size}\t${entry.sha256}\t${path}\n`;
  if (entry.kind === "link") return `l\t777\t-\t${escapeField(entry.target)}\t${path}\n`;
  return `d\t${entry.mode.toString(8)}\t-\t-\t${path}\n`;
}

/**
 * Reads a manifest back.
 *
 * @throws SitefleetError `plesk.manifest` on a line that {@link renderManifest} cannot have written.
 */
export function parseManifest(text: string): Entry[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line, index): Entry => {
      const [type, mode = "", size = "", third = "", path] = line.split("\t");
      if (path !== undefined && type === "d")
        return { kind: "dir", path: unescapeField(path), mode: Number.parseInt(mode, 8) };
      if (path !== undefined && type === "l")
        return { kind: "link", path: unescapeField(path), target: unescapeField(third) };
      if (path !== undefined && type === "f" && /^[0-9a-f]{64}$/.test(third)) {
        return {
          kind: "file",
          path: unescapeField(path),
          mode: Number.parseInt(mode, 8),
          size: Number(size),
          sha256: third,
        };
      }
      throw new SitefleetError({ code: "plesk.manifest", message: `manifest line ${index + 1} is not readable` });
    });
}

/** The release id: SHA-256 of the manifest's text, 64 lower-case hex digits. A manifest thus proves itself against the id. */
export function manifestDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
