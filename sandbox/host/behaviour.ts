import { z } from "zod";

const serviceKey = z.string().regex(/^[a-z][a-z0-9_-]*$/);

/** How the host behaves: everything well, unless told otherwise. */
export const behaviourSchema = z.strictObject({
  php: z
    .strictObject({
      /** The web server's PHP keeps compiled code and resolved paths until `opcache_reset()`, as with `opcache.validate_timestamps=0`. */
      staleCode: z.boolean().default(false),
    })
    .prefault({}),
  /**
   * Rights of services' database users, by service: `all`, `read` (what a dump of tables needs and no more), `none`, or MariaDB's
   * privileges by name. @default all
   */
  grants: z
    .record(serviceKey, z.union([z.enum(["all", "read", "none"]), z.array(z.string().regex(/^[A-Z][A-Z ]*$/))]))
    .default({}),
  /** Services whose database has another password than the one that the estate declares. */
  wrongPasswords: z.array(serviceKey).default([]),
});

/** See {@link behaviourSchema}; every default filled in. */
export type HostBehaviour = z.output<typeof behaviourSchema>;
/** As written by people. */
export type HostBehaviourInput = z.input<typeof behaviourSchema>;
