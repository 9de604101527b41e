import { z } from "zod";
import { Repository, text } from "./values.ts";

/** A secret. */
export const SecretShape = z.strictObject({
  name: z.string().meta({ description: "Name at GitHub: A-Z, 0-9, underscore.", examples: ["JWT_SECRET"] }),
  source: z.enum(["config", "generated", "database"]).meta({
    description:
      "config: the stack's configuration. generated: random. database: user or password of a service's database.",
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
  secrets: z.array(SecretShape).meta({ description: "The secrets." }),
});
