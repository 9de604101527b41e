import { randomBytes } from "node:crypto";

/** A new id: the logical name and eight random hex digits, as `resource.NewUniqueHex(name, 8, 0)` makes it. */
export function uniqueId(name: string): string {
  return name + randomBytes(4).toString("hex");
}
