import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify(pbkdf2);

// Format and numbers of Pulumi's passphrase provider, sdk/go/common/resource/config/crypt.go (3.276): key of 32 bytes by
// PBKDF2 with SHA-256 over 8 bytes of salt, 1,000,000 rounds; AES-256-GCM, nonce of 12 bytes, tag behind the text. A salt
// line carries the word "pulumi" encrypted, by which a passphrase is checked.
const ROUNDS = 1_000_000;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KNOWN_WORD = "pulumi";

/** The key of an estate's secrets, made from its passphrase. */
export class StackKey {
  /** The line `encryptionsalt` that it was made with. */
  readonly salt: string;
  readonly #key: Buffer;

  private constructor(salt: string, key: Buffer) {
    this.salt = salt;
    this.#key = key;
  }

  /**
   * Makes it: a quarter of a second of a processor, beside this thread.
   *
   * @param salt a line of {@link isSaltLine}
   * @returns undefined when the passphrase is another one
   */
  static async from(passphrase: string, salt: string): Promise<StackKey | undefined> {
    const bytes = Buffer.from(salt.split(":")[1] ?? "", "base64");
    const key = new StackKey(salt, await derive(passphrase, bytes, ROUNDS, KEY_BYTES, "sha256"));
    return key.open(salt.split(":").slice(2).join(":")) === KNOWN_WORD ? key : undefined;
  }

  /** The same key in another process of this run. @param packed of {@link StackKey.packed} */
  static unpacked({ salt, key }: { readonly salt: string; readonly key: string }): StackKey {
    return new StackKey(salt, Buffer.from(key, "base64"));
  }

  /** As secret as the passphrase: only for a channel between processes of this run. */
  packed(): { readonly salt: string; readonly key: string } {
    return { salt: this.salt, key: this.#key.toString("base64") };
  }

  /** Opens `v1:NONCE:TEXT`; undefined when it was closed with another key. */
  open(sealed: string): string | undefined {
    const [, nonce = "", body = ""] = sealed.split(":");
    const bytes = Buffer.from(body, "base64");
    try {
      const opener = createDecipheriv("aes-256-gcm", this.#key, Buffer.from(nonce, "base64"));
      opener.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
      return Buffer.concat([opener.update(bytes.subarray(0, bytes.length - TAG_BYTES)), opener.final()]).toString(
        "utf8",
      );
    } catch {
      return undefined;
    }
  }

  /** Closes a text as `v1:NONCE:TEXT`. */
  close(text: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const closer = createCipheriv("aes-256-gcm", this.#key, nonce);
    const body = Buffer.concat([closer.update(text, "utf8"), closer.final(), closer.getAuthTag()]);
    return `v1:${nonce.toString("base64")}:${body.toString("base64")}`;
  }
}

/** Whether a line has the form `v1:SALT:v1:NONCE:TEXT`. Pure. */
export function isSaltLine(line: string): boolean {
  const [version, salt, ...rest] = line.split(":");
  return version === "v1" && Boolean(salt) && rest.length === 3;
}
