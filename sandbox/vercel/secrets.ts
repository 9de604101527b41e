import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import type { Sealed } from "./records.ts";

/** Hides values from the disk, and gives them back to a caller with the token they were written with. */
export interface Sealer {
  /** @param readable false for sensitive values: then only a digest is kept */
  seal(value: string, readable: boolean): Sealed;
  /** The value, or undefined when it is sensitive or was written with another token. */
  open(sealed: Sealed): string | undefined;
  /** True when `sealed` holds this value. */
  matches(sealed: Sealed, value: string): boolean;
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Makes a {@link Sealer} from a token. The token itself is in no snapshot, so a snapshot alone gives nothing away,
 * and values can still be read after a restart. The digest is keyed too: short values cannot be guessed from it.
 */
function createSealer(token: string): Sealer {
  const key = (purpose: string): Buffer => Buffer.from(hkdfSync("sha256", token, "sitefleet-sandbox", purpose, 32));
  const boxKey = key("box");
  const digestKey = key("digest");
  const digest = (value: string): string => createHmac("sha256", digestKey).update(value).digest("base64url");
  return {
    seal(value, readable) {
      if (!readable) return { digest: digest(value) };
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", boxKey, iv);
      const body = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
      return { digest: digest(value), box: Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64") };
    },
    open(sealed) {
      if (sealed.box === undefined) return undefined;
      const bytes = Buffer.from(sealed.box, "base64");
      const decipher = createDecipheriv("aes-256-gcm", boxKey, bytes.subarray(0, IV_BYTES));
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      try {
        return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
      } catch {
        return undefined;
      }
    },
    matches: (sealed, value) => sealed.digest === digest(value),
  };
}

/** One sealer a token; made once, since deriving keys costs more than a call should. */
export function createSealers(): (token: string) => Sealer {
  const sealers = new Map<string, Sealer>();
  return (token) => {
    const known = sealers.get(token);
    if (known !== undefined) return known;
    const made = createSealer(token);
    sealers.set(token, made);
    return made;
  };
}
