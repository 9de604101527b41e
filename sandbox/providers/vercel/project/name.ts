import { createHash, randomBytes } from "node:crypto";

/** Hexadecimal digits that autonaming appends; tfbridge's default. */
const DIGITS = 7;

/** The name of a project without one: the logical name with a suffix that stays the same between preview and update. */
export function autoName(logicalName: string, seed: Uint8Array): string {
  const random = seed.length > 0 ? createHash("sha256").update(seed).digest() : randomBytes(DIGITS);
  return `${logicalName}-${random.toString("hex").slice(0, DIGITS)}`;
}
