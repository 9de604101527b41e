import { hash } from "bcryptjs";

/** bcrypt's cost in terraform-provider-random (`bcrypt.DefaultCost`). */
const COST = 10;

/** The bcrypt hash of a password; like the real one, of its first 72 bytes. */
export function bcrypt(password: string): Promise<string> {
  return hash(password, COST);
}
