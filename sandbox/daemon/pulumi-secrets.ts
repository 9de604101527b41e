import { createCipheriv, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify(pbkdf2);

// Format and numbers of Pulumi's passphrase provider, sdk/go/common/resource/config/crypt.go: key of 32 bytes by
// PBKDF2 with SHA-256 over 8 bytes of salt, 1,000,000 rounds; AES-256-GCM with a nonce of 12 bytes, no extra data.
const ROUNDS = 1_000_000;
const SALT_BYTES = 8;
const NONCE_BYTES = 12;

/** Encrypts configuration values the way `pulumi config set --secret` does, without starting it. */
export interface PulumiEncrypter {
  /** Value of `encryptionsalt`: the salt, and a known text by which Pulumi checks the passphrase. */
  readonly salt: string;
  /** @returns what stands behind `secure:` */
  encrypt(text: string): string;
}

/**
 * Takes about half a second: the rounds are meant to be slow.
 * @param salt for tests. @default random
 */
export async function pulumiEncrypter(passphrase: string, salt = randomBytes(SALT_BYTES)): Promise<PulumiEncrypter> {
  const key = await derive(passphrase, salt, ROUNDS, 32, "sha256");
  const encrypt = (text: string): string => {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    // Go's GCM appends the tag to the text.
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
  };
  return { salt: `v1:${salt.toString("base64")}:${encrypt("pulumi")}`, encrypt };
}
