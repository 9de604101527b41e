import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

/** What a server checks a password with; the password cannot be had from it. */
export interface Verifier {
  /** `*` and 40 hex digits, as `IDENTIFIED BY PASSWORD` takes it. */
  readonly mariadb: string;
  /** `SCRAM-SHA-256$…`, as `PASSWORD` takes it. */
  readonly postgresql: string;
}

/** Rounds that PostgreSQL itself uses (src/include/common/scram-common.h). */
const ROUNDS = 4096;

/**
 * The servers' verifiers of a password: MariaDB's mysql_native_password (SHA-1 twice) and PostgreSQL's SCRAM-SHA-256
 * (RFC 5803). With them no statement, file or log ever holds the password itself.
 *
 * @param salt of the SCRAM verifier, 16 bytes. @default random
 */
export function verifierOf(password: Uint8Array, salt: Uint8Array = randomBytes(16)): Verifier {
  const sha1 = (data: Uint8Array): Buffer => createHash("sha1").update(data).digest();
  const salted = pbkdf2Sync(password, salt, ROUNDS, 32, "sha256");
  const hmac = (text: string): Buffer => createHmac("sha256", salted).update(text).digest();
  const stored = createHash("sha256").update(hmac("Client Key")).digest("base64");
  const server = hmac("Server Key").toString("base64");
  return {
    mariadb: `*${sha1(sha1(password)).toString("hex").toUpperCase()}`,
    postgresql: `SCRAM-SHA-256$${ROUNDS}:${Buffer.from(salt).toString("base64")}$${stored}:${server}`,
  };
}
