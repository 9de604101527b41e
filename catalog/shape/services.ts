import { z } from "zod";
import { SERVICE_KINDS } from "../types.ts";
import { BuildShape } from "./build.ts";
import { text } from "./values.ts";

/** The longest identifier that both PostgreSQL (63 bytes) and MariaDB (64, users 80) take. */
const Identifier = text(
  /^[a-z][a-z0-9_]{0,62}$/,
  "lower case letters, digits and underscores, a letter first, at most 63",
);
const SecretName = z.string();

/** A service's database. */
export const DatabaseShape = z.strictObject({
  name: Identifier.meta({ description: "Name of the database.", examples: ["mo_crm"] }),
  engine: z.enum(["mariadb", "postgresql"]).meta({ description: "Database server." }),
  location: z.enum(["plesk", "external"]).meta({ description: "On the Plesk host itself, or elsewhere." }),
  user: Identifier.optional().meta({ description: "Database user; default svc_<key>." }),
  userSecret: SecretName.optional().meta({ description: "Secret with the user's name; default MO_<KEY>_DB_USER." }),
  passwordSecret: SecretName.optional().meta({ description: "Secret with the password; default MO_<KEY>_DB_PASS." }),
});

/** A service's smoke test. */
const HealthShape = z.strictObject({
  path: text(/^\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$/, 'a path from "/" without spaces')
    .default("/")
    .meta({ description: "Asked by the smoke test." }),
  status: z.int().min(200).max(599).default(200).meta({ description: "Expected HTTP status." }),
});

/** A service. */
export const ServiceShape = z.strictObject({
  key: text(/^[a-z][a-z0-9_]{0,30}$/, "lower case letters, digits and underscores, a letter first, at most 31").meta({
    description: "Short name; part of secrets, users and resource names.",
    examples: ["crm"],
  }),
  host: z.string().meta({ description: "Full host name.", examples: ["crm.menschlichkeit-oesterreich.at"] }),
  path: z.string().meta({ description: "Absolute directory on the host." }),
  kind: z.enum(SERVICE_KINDS).meta({ description: "Decides the deployment's steps." }),
  database: DatabaseShape.optional().meta({ description: "The service's database, if it has one." }),
  mail: text(
    /^[a-z0-9](?:[a-z0-9._+-]{0,62}[a-z0-9])?@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/,
    "a lower case mail address",
  )
    .optional()
    .meta({ description: "Mail address of the service." }),
  health: HealthShape.prefault({}).meta({ description: "Smoke test." }),
  proxied: z
    .boolean()
    .optional()
    .meta({ description: "Is its DNS record proxied? Default: true when the zone has cdn settings." }),
  exclude: z
    .array(z.string())
    .default([".git", "*.log"])
    .meta({ description: "Patterns that an upload neither sends nor deletes." }),
  artifact: z
    .string()
    .optional()
    .meta({ description: "Directory of the built artifact, relative to the catalog; default artifacts/<key>." }),
  attested: z.enum(["required", "optional"]).optional().meta({
    description:
      "Must manifest, SBOM and provenance lie beside the artifact to deploy it? Default: required with build, else optional.",
  }),
  build: BuildShape.optional().meta({ description: "How the artifact is made, for sitefleet build." }),
});

/** services.yaml. */
export const ServicesFile = z.strictObject({
  root: z.string().meta({ description: "Every service's path lies below it.", examples: ["/www/htdocs/w01234567"] }),
  origin: z.string().meta({ description: "Host name or address that the services' DNS records point at." }),
  services: z.array(ServiceShape).min(1).meta({ description: "The services." }),
});
