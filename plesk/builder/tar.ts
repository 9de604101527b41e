import { SitefleetError } from "../../errors/index.ts";
import type { Entry } from "../artifact/manifest.ts";

// POSIX.1-2001 pax interchange format, written here because the bytes are the point: GNU and BSD tar write different ones for the
// same files (process ids, own extensions), and an archive must be the same on every machine. modern-tar and tar-stream put names
// into their pax headers in a way of their own, which a new version may change: the same commit would then get another digest.

const BLOCK = 512;
/** Sizes above need 12 octal digits and more. */
const MAX_OCTAL_SIZE = 0o77777777777;

const TYPES = { file: "0", link: "2", dir: "5" } as const;

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, "0")}\0`;
}

/** A pax record: its own length in decimal, which counts itself. */
function record(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`, "utf8");
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

interface Fields {
  readonly name: Buffer;
  readonly mode: number;
  readonly size: number;
  readonly mtime: number;
  readonly type: string;
  readonly link: Buffer;
}

function block({ name, mode, size, mtime, type, link }: Fields): Buffer {
  const header = Buffer.alloc(BLOCK);
  name.copy(header, 0, 0, Math.min(name.length, 100));
  header.write(octal(mode, 8), 100, "latin1");
  header.write(octal(0, 8), 108, "latin1");
  header.write(octal(0, 8), 116, "latin1");
  header.write(octal(Math.min(size, MAX_OCTAL_SIZE), 12), 124, "latin1");
  header.write(octal(mtime, 12), 136, "latin1");
  header.fill(0x20, 148, 156);
  header.write(type, 156, "latin1");
  link.copy(header, 157, 0, Math.min(link.length, 100));
  header.write("ustar\x0000", 257, "latin1");
  header.write(octal(0, 8), 329, "latin1");
  header.write(octal(0, 8), 337, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

/** Zeros that fill a content of this many bytes up to whole blocks. */
export function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** The end of an archive. */
export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK);

const isShortAscii = (text: Buffer): boolean => text.length <= 100 && text.every((byte) => byte >= 0x20 && byte < 0x7f);

/**
 * The header of one entry, with a pax header before it where the name is long or not plain ASCII. Pure: owner and group are 0
 * without names, and nothing of the file system but what the entry says goes in.
 *
 * @param mtime Seconds since the epoch, whole.
 * @throws SitefleetError `build.archive` for a path with NUL, which no archive can hold.
 */
export function tarHeader(entry: Entry, mtime: number): Buffer {
  const target = entry.kind === "link" ? entry.target : "";
  if (entry.path.includes("\0") || target.includes("\0")) {
    throw new SitefleetError({ code: "build.archive", message: `${JSON.stringify(entry.path)} holds a NUL` });
  }
  const path = Buffer.from(entry.kind === "dir" ? `${entry.path}/` : entry.path, "utf8");
  const link = Buffer.from(target, "utf8");
  const size = entry.kind === "file" ? entry.size : 0;
  const records: Buffer[] = [];
  if (link.length > 0 && !isShortAscii(link)) records.push(record("linkpath", target));
  if (!isShortAscii(path)) records.push(record("path", path.toString("utf8")));
  if (size > MAX_OCTAL_SIZE) records.push(record("size", String(size)));
  const mode = entry.kind === "link" ? 0o777 : entry.mode;
  const header = block({ name: path, mode, size, mtime, type: TYPES[entry.kind], link });
  if (records.length === 0) return header;
  const body = Buffer.concat(records);
  const name = Buffer.from("PaxHeaders/entry", "latin1");
  const pax = block({ name, mode: 0o644, size: body.length, mtime, type: "x", link: Buffer.alloc(0) });
  return Buffer.concat([pax, body, padding(body.length), header]);
}
