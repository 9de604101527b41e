import { z } from "zod";

export { type Verifier, verifierOf } from "../../plesk/commands/database/verifier.ts";

/** A verifier as it is kept in a file. */
export const verifierSchema = z.strictObject({
  mariadb: z.string().regex(/^\*[0-9A-F]{40}$/),
  postgresql: z.string().regex(/^SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+$/),
});
