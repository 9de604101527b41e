import { z } from "zod";
import { BuildShape } from "./build.ts";
import { text, Words } from "./values.ts";

/** Kinds of service on the Plesk host; each has its own deployment steps. */
export const SERVICE_KINDS = [
  "static",
  "php",
  "drupal-civicrm",
  "fastapi",
  "prisma",
  "n8n",
  "keycloak",
  "grafana",
  "matomo",
  "generic",
] as const;

/** When in a deployment a step runs, see docs/reference/services.md. */
export const STEP_PHASES = ["maintenance-on", "before-switch", "after-switch", "check", "maintenance-off"] as const;

/** What may be lifted, each for one release. */
export const SAFEGUARDS = ["delete-share", "bad-release", "no-snapshot", "protected-path"] as const;

/** What becomes of a service that is taken out of the catalog. */
const ON_REMOVAL = ["retire", "protect", "delete-files"] as const;

/** Characters of a database's or user's name that both PostgreSQL (63 bytes) and MariaDB (64, users 80) take. */
export const IDENTIFIER_MAX = 63;
const Identifier = text(
  /^[a-z][a-z0-9_]{0,62}$/,
  "lower case letters, digits and underscores, a letter first, at most 63",
);
const SecretName = z.string();

/** A service's database. */
export const DatabaseShape = z.strictObject({
  name: Identifier.meta({ description: "Name of the database.", examples: ["mo_crm"] }),
  engine: z.enum(["mariadb", "postgresql"]).meta({ description: "Database server." }),
  location: z.enum(["plesk", "external"]).meta({
    description: "On the service's host itself, or elsewhere (MYSQL_HOST, PG_HOST).",
  }),
  scratch: Identifier.nullable().optional().meta({
    description: "Empty database of the same user in which snapshots are proven; null = none; default <name>_scratch.",
  }),
  keep: z.int().min(1).max(100).default(5).meta({ description: "Snapshots kept." }),
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
  release: z.boolean().optional().meta({
    description:
      "Must /.well-known/sitefleet-release answer with the new release? Default: true for static, php, drupal-civicrm, matomo.",
  }),
  withinSeconds: z
    .number()
    .positive()
    .max(300)
    .default(15)
    .meta({ description: "Seconds until the answer must be right." }),
});

/** A command of a service. */
const StepShape = z.strictObject({
  name: Words.max(80).meta({ description: "Name for people.", examples: ["warm up"] }),
  phase: z.enum(STEP_PHASES).meta({ description: "When it runs, see docs/reference/services.md." }),
  argv: z
    .array(text(/^[^\0]{0,2000}$/, "at most 2000 characters without NUL"))
    .min(1)
    .max(100)
    .meta({ description: "Program and arguments; never a line for a shell.", examples: [["bin/warm", "--all"]] }),
  migrates: z.boolean().optional().meta({ description: "It changes the database." }),
  restarts: z.boolean().optional().meta({ description: "It runs again after going back." }),
  when: z.string().optional().meta({ description: "It runs only when this path is in the release." }),
  timeoutSeconds: z
    .number()
    .positive()
    .max(7200)
    .optional()
    .meta({ description: "Seconds until it is ended; default 300." }),
});

/** A safeguard that is lifted for one release. */
const AllowShape = z.strictObject({
  safeguard: z.enum(SAFEGUARDS).meta({ description: "What is lifted, see docs/reference/services.md." }),
  release: text(/^[0-9a-f]{12,64}$/, "at least the first 12 hex digits of a release, in quotes").meta({
    description: "The release it is lifted for, as the preview names it.",
  }),
});

/** A service. */
export const ServiceShape = z.strictObject({
  key: text(/^[a-z][a-z0-9_]{0,30}$/, "lower case letters, digits and underscores, a letter first, at most 31").meta({
    description: "Short name; part of secrets, users and resource names.",
    examples: ["crm"],
  }),
  host: z.string().meta({ description: "Full host name.", examples: ["crm.menschlichkeit-oesterreich.at"] }),
  server: z.string().optional().meta({ description: "Its host in hosts.yaml; default: the first one there." }),
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
  webRoot: z
    .string()
    .optional()
    .meta({ description: "Directory inside the artifact that is served; default: the kind's." }),
  shared: z
    .array(z.string())
    .max(100)
    .default([])
    .meta({ description: "Paths that outlive releases, beside the kind's; dir/ for directories." }),
  keep: z.int().min(2).max(50).default(5).meta({ description: "Good releases kept on the host." }),
  steps: z
    .enum(["kind", "none"])
    .default("kind")
    .meta({ description: "kind: the steps of the kind run (migrations, restarts); none: only files." }),
  commands: z
    .array(StepShape)
    .max(50)
    .default([])
    .meta({ description: "Steps of its own, after those of the kind in each phase." }),
  allow: z
    .array(AllowShape)
    .max(20)
    .default([])
    .meta({ description: "Safeguards that a person has lifted, each for one release." }),
  after: z
    .array(z.string())
    .max(50)
    .optional()
    .meta({
      description: "Services that a rollout brings, and proves, before this one.",
      examples: [["idp"]],
    }),
  onRemoval: z.enum(ON_REMOVAL).default("retire").meta({
    description: "When it leaves the catalog: retire keeps every file, protect refuses, delete-files deletes them.",
  }),
});

/** services.yaml. */
export const ServicesFile = z.strictObject({
  services: z.array(ServiceShape).meta({ description: "The services." }),
});
