import { z } from "zod";
import type { Entry } from "../manifest.ts";

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const Path = z.string().min(1);

/** Form of `<artifact>.manifest.json`. */
export const buildManifestSchema = z.object({
  version: z.literal(1),
  service: z.string(),
  /** Release id: SHA-256 of the text form of `files`, see `renderManifest`. */
  release: Sha256,
  /** The archive that holds the same files. */
  archive: z.object({
    name: z.string(),
    bytes: z.int().nonnegative(),
    sha256: Sha256,
    /** SHA-256 of the archive before compression: the same whatever version of the compressor. */
    tarSha256: Sha256,
  }),
  /** Time of every entry in the archive, seconds since the epoch. */
  mtime: z.int().nonnegative(),
  /** Sum of the files' sizes. */
  bytes: z.int().nonnegative(),
  files: z.array(
    z.discriminatedUnion("type", [
      z.object({ type: z.literal("dir"), path: Path, mode: z.literal("755") }),
      z.object({
        type: z.literal("file"),
        path: Path,
        mode: z.enum(["644", "755"]),
        size: z.int().nonnegative(),
        sha256: Sha256,
      }),
      z.object({ type: z.literal("link"), path: Path, target: z.string().min(1) }),
    ]),
  ),
});

/** Content of `<artifact>.manifest.json`: what a build made. Holds nothing that differs between two builds of the same input. */
export type BuildManifest = z.infer<typeof buildManifestSchema>;

/** The entries of a release as the manifest's `files`, in the same order. */
export function filesOf(entries: readonly Entry[]): BuildManifest["files"] {
  return entries.map((entry) => {
    if (entry.kind === "dir") return { type: "dir", path: entry.path, mode: "755" };
    if (entry.kind === "link") return { type: "link", path: entry.path, target: entry.target };
    const { path, size, sha256 } = entry;
    return { type: "file", path, mode: entry.mode === 0o755 ? "755" : "644", size, sha256 };
  });
}

/** The reverse of {@link filesOf}. */
export function entriesOf(files: BuildManifest["files"]): Entry[] {
  return files.map((file): Entry => {
    if (file.type === "dir") return { kind: "dir", path: file.path, mode: 0o755 };
    if (file.type === "link") return { kind: "link", path: file.path, target: file.target };
    const { path, size, sha256 } = file;
    return { kind: "file", path, mode: Number.parseInt(file.mode, 8), size, sha256 };
  });
}

/** The text of a manifest: one file a line, so that two of them compare well. */
export function renderBuildManifest(manifest: BuildManifest): string {
  const { files, ...head } = manifest;
  const text = JSON.stringify(head, null, 2).replace(/\n}$/, "");
  return `${text},\n  "files": [\n${files.map((file) => `    ${JSON.stringify(file)}`).join(",\n")}\n  ]\n}\n`;
}
