import { gunzipSync, zstdDecompressSync } from "node:zlib";

/** How the engine compresses what it keeps, by the bytes that such content begins with (sdk/go/common/encoding, 3.276). */
const FORMS = [
  { begins: Buffer.from([0x1f, 0x8b]), unpack: gunzipSync },
  { begins: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), unpack: zstdDecompressSync },
] as const;

/**
 * Bytes of the engine's without compression. The engine goes by the content, not by the name. Pure.
 *
 * @throws Error of zlib, where they are cut off or damaged
 */
export function unpacked(bytes: Uint8Array): Uint8Array {
  const form = FORMS.find(({ begins }) => begins.equals(bytes.subarray(0, begins.length)));
  return form === undefined ? bytes : form.unpack(bytes);
}
