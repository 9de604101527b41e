import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
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

/** What a salt line carries encrypted, for Pulumi to check the passphrase by. */
const KNOWN_WORD = "pulumi";
const TAG_BYTES = 16;

/**
 * Takes about half a second: the rounds are meant to be slow.
 *
 * @param known `encryptionsalt` of the file so far: kept when the passphrase opens it, since the stacks' states carry the same line
 *   and a new one would make it another estate's. @default a fresh salt
 */
export async function pulumiEncrypter(passphrase: string, known = ""): Promise<PulumiEncrypter> {
  const [, text = "", , nonce = "", sealed = ""] = known.split(":");
  const salt = known === "" ? randomBytes(SALT_BYTES) : Buffer.from(text, "base64");
  const key = await derive(passphrase, salt, ROUNDS, 32, "sha256");
  if (known !== "" && !opens(key, nonce, sealed)) return pulumiEncrypter(passphrase);
  const encrypt = (text: string): string => {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    // Go's GCM appends the tag to the text.
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
  };
  return { salt: known === "" ? `v1:${salt.toString("base64")}:${encrypt(KNOWN_WORD)}` : known, encrypt };
}

/** Does a key open the known word of a salt line? */
function opens(key: Buffer, nonce: string, sealed: string): boolean {
  try {
    const bytes = Buffer.from(sealed, "base64");
    const opener = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
    opener.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    const text = Buffer.concat([opener.update(bytes.subarray(0, bytes.length - TAG_BYTES)), opener.final()]);
    return text.toString("utf8") === KNOWN_WORD;
  } catch {
    return false;
  }
}
