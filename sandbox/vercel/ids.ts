import { createHash, randomBytes } from "node:crypto";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Random letters and digits; the slight bias of the modulus does not matter for names. */
export function randomToken(length: number, digits: string = DIGITS): string {
  const bytes = randomBytes(length);
  let text = "";
  for (const byte of bytes) text += digits[byte % digits.length];
  return text;
}

/** An id such as `prj_…` in the lengths Vercel uses. */
export function newId(prefix: "prj" | "dpl" | "env" | "team" | "hook" | "bld" | "als" | "uev"): string {
  return `${prefix}_${randomToken(28)}`;
}

/** Lower-case hash that makes a deployment's host name unique. */
export function newHash(): string {
  return randomToken(9, "abcdefghijklmnopqrstuvwxyz0123456789");
}

/** The same id for the same seed on every machine and after every reset. */
export function stableId(prefix: string, seed: string): string {
  return `${prefix}_${createHash("sha256").update(seed).digest("base64url").replace(/[-_]/g, "x").slice(0, 24)}`;
}
