import { createHash } from "node:crypto";
import type { DeployDocument } from "./input.ts";

/**
 * Digest of a document without what is secret in it: equal digests mean that a deployment would be asked for the same, but for
 * values of secrets. Names of variables count, their values do not.
 */
export function specDigest(document: DeployDocument): string {
  const { privateKey: _key, ...host } = document.host;
  const { password: _password, ...database } = document.database ?? { password: "" };
  const env = document.env && Object.keys(document.env).sort();
  return createHash("sha256")
    .update(JSON.stringify(sorted({ ...document, host, database, env })))
    .digest("hex");
}

/** The same value with the keys of every object in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, sorted(one)]));
}
