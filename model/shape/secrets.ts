import { z } from "zod";
import { Repository, text } from "./values.ts";

/** Source of a secret that was set by hand where jobs get it from: its value is not known here. */
export const BY_HAND = "github";

const generation = (description: string) => z.int().min(1).max(100_000).meta({ description });

/** Where a rotation stands. */
const RotationShape = z.strictObject({
  current: generation("Number of the value that is in use; 1 is the first."),
  next: generation("The value that comes: it is made, and the database accepts it beside the current one.").optional(),
  retired: generation("The value that was in use before: the database still accepts it.").optional(),
  since: z.iso
    .datetime()
    .optional()
    .meta({ description: "When the current value had been delivered everywhere; written by `secrets rotate`." }),
  connection: z
    .int()
    .min(0)
    .optional()
    .meta({ description: "Number of the server's newest connection then; written by `secrets rotate`." }),
  window: z
    .boolean()
    .optional()
    .meta({ description: "The database takes one password at a time: it is changed in a window, with a gap." }),
});

const days = z.int().min(1).max(3650);

/** A secret. */
export const SecretShape = z.strictObject({
  name: z.string().meta({ description: "Name at GitHub: A-Z, 0-9, underscore.", examples: ["JWT_SECRET"] }),
  source: z.enum(["config", "generated", "database", BY_HAND]).meta({
    description:
      "config: the stack's configuration. generated: random. database: user or password of a service's database. github: set there by hand; its value is not known here.",
  }),
  bytes: z
    .int()
    .min(16)
    .max(1024)
    .optional()
    .meta({ description: "Random bytes, for generated ones and database passwords; default 32." }),
  value: z
    .union([z.string(), z.int()])
    .optional()
    .meta({ description: "A fixed value that is not secret, such as a port." }),
  maxAgeDays: days.optional().meta({ description: "Days after which it is too old; default that of `rotation`." }),
  rotation: RotationShape.optional().meta({ description: "Where its rotation stands; default: the first value." }),
});

/** How secrets are rotated. */
export const RotationRulesShape = z.strictObject({
  maxAgeDays: days.optional().meta({ description: "Days after which a secret is too old; default: none is." }),
  longestJobMinutes: z.int().min(0).max(50_400).default(360).meta({
    description: "Minutes that a job may still use what it got when it started; GitHub ends a job after 360.",
  }),
  administrators: z
    .array(
      z.strictObject({
        engine: z.enum(["mariadb", "postgresql"]),
        location: z
          .enum(["plesk", "external"])
          .meta({ description: "Which servers: a host's own, or those elsewhere." }),
        userSecret: z.string().meta({ description: "Variable, or name in `sitefleet:secrets`, with the user." }),
        passwordSecret: z.string().meta({ description: "The same for its password." }),
      }),
    )
    .default([])
    .meta({ description: "Accounts that may change the services' accounts; without one there is only the window." }),
});

/** secrets.yaml. */
export const SecretsFile = z.strictObject({
  github: z
    .strictObject({
      repository: Repository,
      environment: text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/, "letters, digits, dots, underscores and hyphens")
        .default("production")
        .meta({ description: "Environment of that repository." }),
    })
    .meta({ description: "Where the secrets go." }),
  rotation: RotationRulesShape.optional().meta({ description: "How they are rotated, and how old they may get." }),
  secrets: z.array(SecretShape).meta({ description: "The secrets." }),
});
