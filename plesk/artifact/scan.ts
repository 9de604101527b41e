import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { posix } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import type { Entry } from "./manifest.ts";
import { compileSelection, type Selection } from "./selection.ts";

/** Files up to this many bytes are read whole (one call); larger ones are streamed so that memory stays flat. */
const WHOLE_FILE_BYTES = 4 * 1024 * 1024;
/** Files hashed at a time: enough to keep the four threads of Node's pool busy, few enough to bound memory. */
const HASHED_AT_ONCE = 8;

function problem(dir: string, path: string, message: string, hint: string): SitefleetError {
  return new SitefleetError({
    code: "plesk.artifact",
    message: `artifact ${dir}: ${JSON.stringify(path)}: ${message}`,
    hint,
    exitCode: 10,
  });
}

async function sha256(file: string, size: number): Promise<string> {
  const hash = createHash("sha256");
  if (size <= WHOLE_FILE_BYTES) return hash.update(await readFile(file)).digest("hex");
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** True when a link's target, read from the directory it lies in, stays inside the tree. */
export function staysInside(linkPath: string, target: string): boolean {
  if (target === "" || target.startsWith("/")) return false;
  const resolved = posix.normalize(posix.join(posix.dirname(linkPath), target));
  return resolved !== ".." && !resolved.startsWith("../");
}

type Found = Entry | { readonly kind: "file"; readonly path: string; readonly mode: number; readonly size: number };

/**
 * Lists an artifact: every directory, file and link that the selection leaves, with normalised modes and content
 * digests, sorted by path.
 *
 * @param dir The artifact's directory.
 * @throws SitefleetError `plesk.artifact` when the directory is missing or empty, a name is not UTF-8, a link is absolute or
 * leaves the tree, or an entry is neither file, directory nor link.
 */
export async function scanArtifact(dir: string, selection: Selection = {}): Promise<Entry[]> {
  const entries = await scan(dir, selection, true);
  if (!entries.some((entry) => entry.kind === "file")) {
    throw problem(dir, ".", "holds no file", "build the service first: an empty artifact would empty the site");
  }
  return entries;
}

/** Lists a tree that is not ours to judge. It lists what {@link scanArtifact} refuses, and leaves out pipes, sockets and devices. */
export function scanTree(dir: string): Promise<Entry[]> {
  return scan(dir, {}, false);
}

async function scan(dir: string, selection: Selection, strict: boolean): Promise<Entry[]> {
  const excluded = compileSelection(selection);
  const found: Found[] = [];

  const walk = async (relative: string): Promise<void> => {
    const names = await readdir(`${dir}/${relative}`, { encoding: "buffer" });
    for (const raw of names) {
      const name = raw.toString("utf8");
      const path = relative === "" ? name : `${relative}/${name}`;
      if (!isUtf8(raw) && !strict) continue;
      if (!isUtf8(raw)) throw problem(dir, path, "the name is not UTF-8", "rename the file in the build");
      const stat = await lstat(`${dir}/${path}`);
      if (excluded(path, stat.isDirectory())) continue;
      if (stat.isDirectory()) {
        found.push({ kind: "dir", path, mode: 0o755 });
        await walk(path);
      } else if (stat.isSymbolicLink()) {
        const target = await readlink(`${dir}/${path}`);
        if (strict && !staysInside(path, target)) {
          throw problem(
            dir,
            path,
            "the symbolic link leaves the artifact",
            "link relatively to a file of the artifact",
          );
        }
        found.push({ kind: "link", path, target });
      } else if (stat.isFile()) {
        found.push({ kind: "file", path, mode: stat.mode & 0o100 ? 0o755 : 0o644, size: stat.size });
      } else if (strict) {
        throw problem(
          dir,
          path,
          "neither file, directory nor link",
          "leave sockets, pipes and devices out of the build",
        );
      }
    }
  };

  try {
    await walk("");
  } catch (error) {
    if (error instanceof SitefleetError) throw error;
    throw new SitefleetError({
      code: "plesk.artifact",
      message: `artifact ${dir}: cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`,
      hint: "build the service first, or correct `artifact` in services.yaml",
      exitCode: 10,
      cause: error,
    });
  }
  found.sort((a, b) => (a.path < b.path ? -1 : 1));
  const entries: Entry[] = new Array(found.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < found.length; i = next++) {
      const entry = found[i]!;
      entries[i] =
        entry.kind === "file" && !("sha256" in entry)
          ? { ...entry, sha256: await sha256(`${dir}/${entry.path}`, entry.size) }
          : (entry as Entry);
    }
  };
  await Promise.all(Array.from({ length: HASHED_AT_ONCE }, worker));
  return entries;
}
