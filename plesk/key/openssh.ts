/** What an OpenSSH private key file says of itself. */
export interface OpenSshKey {
  readonly type: string;
  readonly encrypted: boolean;
  /** It ends before it should. */
  readonly damaged: boolean;
}

const MAGIC = "openssh-key-v1\0";

/** Reads a key by OpenSSH's PROTOCOL.key; undefined when it does not begin like one. Pure. */
export function readOpenSsh(bytes: Buffer): OpenSshKey | undefined {
  if (bytes.subarray(0, MAGIC.length).toString("latin1") !== MAGIC) return undefined;
  let at = MAGIC.length;
  let short = false;
  const take = (length: number): Buffer => {
    short ||= at + length > bytes.length;
    const part = bytes.subarray(at, at + length);
    at += length;
    return part;
  };
  const number = (): number => {
    const part = take(4);
    return part.length === 4 ? part.readUInt32BE() : 0;
  };
  const part = (): Buffer => take(number());
  const cipher = part().toString("latin1");
  part(); // name of the derivation
  part(); // its options
  number(); // keys: always one
  const publicKey = part();
  const secret = part();
  const typeLength = publicKey.length >= 4 ? publicKey.readUInt32BE() : 0;
  const type = publicKey.subarray(4, 4 + typeLength).toString("latin1");
  const encrypted = cipher !== "none";
  // Two equal numbers stand before what is secret: they show a wrong passphrase, and damage.
  const whole = encrypted || (secret.length > 8 && secret.subarray(0, 4).equals(secret.subarray(4, 8)));
  return { type, encrypted, damaged: short || type === "" || !whole };
}
