import { createHash, type Hash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { constants as fsConstants, open } from "node:fs/promises";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress } from "node:zlib";
import { SitefleetError } from "../../errors/index.ts";
import type { Entry, FileEntry } from "../artifact/manifest.ts";
import { padding, TAR_END, tarHeader } from "./tar.ts";

/** zstd's level, of 1 to 22: below those that take minutes for large artifacts. */
const LEVEL = 9;
/** Bytes that are read and handed to the compressor at a time, always the same: its output may depend on how it is fed. */
const CHUNK = 128 * 1024;

/** An archive that was written. */
export interface Archive {
  readonly bytes: number;
  readonly sha256: string;
  /** Of the archive before compression. */
  readonly tarSha256: string;
}

/**
 * Packs a tree as `.tar.zst`: entries sorted by path (by UTF-16 unit, whatever order they are given in), time as given, owner 0,
 * modes of the entries. The same entries and contents give the same bytes.
 *
 * @param dir The tree.
 * @param mtime Time of every entry, seconds since the epoch.
 * @throws SitefleetError `build.archive` when a file is not what its entry says: the archive must hold what was digested.
 */
export async function packTree(
  dir: string,
  entries: readonly Entry[],
  mtime: number,
  target: string,
  signal?: AbortSignal,
): Promise<Archive> {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const tar = createHash("sha256");
  const packed = createHash("sha256");
  let bytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      packed.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  const compress = createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: LEVEL, [constants.ZSTD_c_checksumFlag]: 1 },
  });
  await pipeline(
    Readable.from(inChunks(content(dir, sorted, mtime), tar)),
    compress,
    count,
    createWriteStream(target, { flags: "wx", mode: 0o644 }),
    ...(signal === undefined ? [] : [{ signal }]),
  );
  return { bytes, sha256: packed.digest("hex"), tarSha256: tar.digest("hex") };
}

async function* content(dir: string, entries: readonly Entry[], mtime: number): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    yield tarHeader(entry, mtime);
    if (entry.kind === "file") yield* fileContent(dir, entry);
  }
  yield TAR_END;
}

async function* fileContent(dir: string, entry: FileEntry): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  let size = 0;
  const file = await open(`${dir}/${entry.path}`, fsConstants.O_RDONLY | fsConstants.O_NOFOLLOW);
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK);
      if (bytesRead === 0) break;
      size += bytesRead;
      if (size > entry.size) break;
      const part = buffer.subarray(0, bytesRead);
      hash.update(part);
      yield part;
    }
  } finally {
    await file.close();
  }
  if (size !== entry.size || hash.digest("hex") !== entry.sha256) {
    throw new SitefleetError({
      code: "build.archive",
      message: `${JSON.stringify(entry.path)} changed while it was packed`,
      hint: "look for a step that left something running, and build again",
    });
  }
  yield padding(size);
}

async function* inChunks(source: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const part of source) {
    hash.update(part);
    parts.push(part);
    size += part.length;
    if (size < CHUNK) continue;
    const all = Buffer.concat(parts);
    let start = 0;
    for (; all.length - start >= CHUNK; start += CHUNK) yield all.subarray(start, start + CHUNK);
    parts = [all.subarray(start)];
    size = all.length - start;
  }
  if (size > 0) yield Buffer.concat(parts);
}
