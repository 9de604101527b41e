import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import sodium from "libsodium-wrappers";
import { GithubError, invalid } from "./reply.ts";

/** The public key that clients seal secrets with. */
interface PublicKey {
  /** Number in decimal digits, as GitHub shows it. */
  readonly key_id: string;
  /** 32 bytes, base64. */
  readonly key: string;
}

/** Opens sealed boxes and forgets what was in them. */
export interface SecretBox {
  publicKey(): Promise<PublicKey>;
  /**
   * Proves that a value was sealed for this key.
   * @param use gets the value, which is wiped when it has ended
   * @returns size of the plain value in bytes and a keyed digest of it; the value itself is not kept
   * @throws GithubError 422 when the key is another, or the box cannot be opened
   */
  open(
    encrypted: unknown,
    keyId: unknown,
    use?: (plain: Uint8Array) => Promise<void>,
  ): Promise<{ bytes: number; digest: string }>;
  /** Whether a digest is that of `value`; for tests that must know what has arrived. */
  matches(digest: string, value: string): boolean;
}

/** Makes the box for a key seed (32 bytes, base64). */
export function createSecretBox(seed: string): SecretBox {
  const bytes = Buffer.from(seed, "base64");
  // Keyed, so that the state file gives no way to try short secrets against it without the key seed.
  const digestOf = (plain: Uint8Array): string => createHmac("sha256", bytes).update(plain).digest("hex");
  const pair = sodium.ready.then(() => sodium.crypto_box_seed_keypair(bytes));
  const publicKey = async (): Promise<PublicKey> => {
    const { publicKey: key } = await pair;
    // GitHub's key ids are numbers of 18 or 19 digits.
    const number = createHash("sha256").update(key).digest().readBigUInt64BE() % 900_000_000_000_000_000n;
    return { key_id: String(number + 100_000_000_000_000_000n), key: Buffer.from(key).toString("base64") };
  };
  return {
    publicKey,
    async open(encrypted, keyId, use) {
      if (typeof encrypted !== "string" || encrypted === "")
        throw invalid("Secret", "encrypted_value", "missing_field");
      if (typeof keyId !== "string" || keyId === "") throw invalid("Secret", "key_id", "missing_field");
      if (keyId !== (await publicKey()).key_id) throw new GithubError(422, "Bad request - key_id is not valid.");
      const { publicKey: key, privateKey } = await pair;
      let plain: Uint8Array;
      try {
        plain = sodium.crypto_box_seal_open(Buffer.from(encrypted, "base64"), key, privateKey);
      } catch {
        throw new GithubError(422, "Bad request - The secret value was not encrypted with the public key.");
      }
      try {
        await use?.(plain);
        return { bytes: plain.length, digest: digestOf(plain) };
      } finally {
        plain.fill(0);
      }
    },
    matches(digest, value) {
      const a = Buffer.from(digest, "hex");
      const b = Buffer.from(digestOf(Buffer.from(value)), "hex");
      return a.length === b.length && timingSafeEqual(a, b);
    },
  };
}
