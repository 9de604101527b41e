import { isIP } from "node:net";
import { z } from "zod";
import { SitefleetError } from "../errors/index.ts";
import { EXCLUDES_MAX, PATH_MAX, sharedPathProblem } from "../model/shape/shared-paths.ts";
import { ENGINES } from "./commands/database/engines.ts";
import { EXIT } from "./exit-codes.ts";
import { MAX_PARALLEL } from "./host/hosts.ts";
import { PROFILES } from "./host/profile.ts";
import { KINDS, sharedPathsOf, webRootOf } from "./kinds/index.ts";
import { PHASES } from "./kinds/step.ts";

// Everything that ends up in a command is narrowed here first. The builders quote whatever they get all the same; this is
// the first of two fences.

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must be found
const CONTROL = /[\u0000-\u001f\u007f]/;
const HOST_NAME = /^(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63})*$/i;

const hasDotSegments = (path: string): boolean => path.split("/").some((name) => name === "." || name === "..");

const address = z.string().refine((value) => isIP(value) !== 0 || (value.length <= 253 && HOST_NAME.test(value)), {
  error: "a host name or an IP address",
});

const absolutePath = z
  .string()
  .max(PATH_MAX)
  .refine(
    (path) =>
      path.startsWith("/") &&
      path.length > 1 &&
      !path.endsWith("/") &&
      !path.includes("//") &&
      !CONTROL.test(path) &&
      !hasDotSegments(path),
    { error: "an absolute path without `.`, `..`, doubled or closing slashes, and control characters" },
  );

const relativePath = z
  .string()
  .min(1)
  .max(PATH_MAX)
  .refine((path) => !path.startsWith("/") && !path.includes("//") && !CONTROL.test(path) && !hasDotSegments(path), {
    error: "a relative path without `.`, `..`, doubled slashes and control characters",
  });

const KEY_TYPES = "(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\\.com)";
const hostKeyLine = new RegExp(`^${KEY_TYPES} [A-Za-z0-9+/]{20,}={0,3}( [^\\n]*)?$`);

/** How to reach the host. */
export const hostSchema = z.object({
  address: address.describe("Host name or IP address."),
  port: z.number().int().min(1).max(65535).default(22),
  user: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}$/, { error: "a login name" }),
  /** OpenSSH or PEM private key without passphrase; without it the ssh-agent at SSH_AUTH_SOCK is asked. */
  privateKey: z.string().min(1).max(20_000).optional(),
  /** The host's public keys, one a line: `ssh-ed25519 AAAA…`. Required: nothing is trusted on first use. */
  hostKey: z
    .string()
    .transform((text) =>
      text
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== ""),
    )
    .refine((lines) => lines.length > 0 && lines.every((line) => hostKeyLine.test(line)), {
      error: "public keys of the host, one a line, each `type base64`",
    }),
  /** What kind of account it is; decides what is refused before anything is tried. */
  profile: z.enum(PROFILES).default("generic"),
  /** Services at a time, over all runs of one machine. */
  parallel: z.number().int().min(1).max(MAX_PARALLEL).default(MAX_PARALLEL),
});

/** A command of a service beside those of its kind; see `Step`. */
const stepSchema = z.object({
  name: z
    .string()
    .min(1)
    .max(80)
    .refine((text) => !CONTROL.test(text), { error: "no control characters" }),
  phase: z.enum(PHASES),
  argv: z
    .array(
      z
        .string()
        .max(2000)
        .refine((text) => !text.includes("\0"), { error: "no NUL" }),
    )
    .min(1)
    .max(100),
  migrates: z.boolean().optional(),
  restarts: z.boolean().optional(),
  when: relativePath.optional(),
  timeoutSeconds: z.number().positive().max(7200).optional(),
});

const ENV_IN_ROOT =
  "`.env` would lie in the document root; set `webRoot` to the public directory, or read <path>.sitefleet/shared/.env";

/** What is released where. Unknown fields are ignored, so that a catalog's service can be passed as it is. */
const serviceSchema = z
  .object({
    key: z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, { error: "lower-case letters, digits, `_` and `-`" }),
    /** The document root on the host: it becomes a link to the live release. */
    path: absolutePath,
    kind: z.enum(KINDS).default("generic"),
    /** Directory inside the release that is served; "" for the release itself. @default the kind's */
    webRoot: z.union([z.literal(""), relativePath.refine((path) => !path.endsWith("/"))]).optional(),
    /** Patterns (.gitignore's language) of what is never uploaded. */
    exclude: z.array(z.string().max(PATH_MAX)).max(EXCLUDES_MAX).default([]),
    /** Paths relative to the release that outlive it; `dir/` for directories. */
    shared: z.array(relativePath).max(100).default([]),
    /** Good releases kept, the live one and the one before included. */
    keep: z.number().int().min(2).max(50).default(5),
    /** `kind` runs the remote steps of the kind (migrations, restarts, caches, see `plesk/kinds/steps.ts`); `none` only serves files. */
    steps: z.enum(["none", "kind"]).default("none"),
    /** Further steps, after those of the kind within each phase. */
    commands: z.array(stepSchema).max(50).default([]),
  })
  .superRefine((service, context) => {
    const all = sharedPathsOf(service);
    for (const path of all) {
      const problem = sharedPathProblem(path, webRootOf(service), all);
      if (problem === undefined) continue;
      const index = service.shared.indexOf(path);
      const message =
        path === ".env" ? ENV_IN_ROOT : `${JSON.stringify(path)} ${problem.wrong}; allowed: ${problem.allowed}`;
      context.addIssue({
        code: "custom",
        path: index < 0 || path === ".env" ? ["shared"] : ["shared", index],
        message,
      });
    }
  });

/** What of a service the driver takes, in the order of its document: the same data give the same text. */
export const SERVICE_FIELDS = Object.keys(serviceSchema.shape) as readonly (keyof z.input<typeof serviceSchema>)[];

/** Asks the new release over HTTP after the switch; a wrong answer switches back. */
export const healthSchema = z.object({
  url: z.url({ protocol: /^https?$/ }),
  /** Value of the Host header, when the URL names another address (a sandbox, a staging balancer). @default the URL's */
  host: address.optional(),
  status: z.number().int().min(100).max(599).default(200),
  /** Also ask `/.well-known/sitefleet-release` on the same server and require the new release's id. */
  release: z.boolean().default(false),
  /** Seconds until the answer must be right; asked again every 0.25 s until then. */
  withinSeconds: z.number().positive().max(300).default(15),
});

const databaseName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_$-]{0,62}$/, { error: "a database name" });

/** The service's database, as the host reaches it. */
const databaseSchema = z
  .object({
    engine: z.enum(ENGINES),
    host: address,
    port: z.number().int().min(1).max(65535),
    name: databaseName,
    user: z
      .string()
      .min(1)
      .max(80)
      .refine((text) => !CONTROL.test(text), { error: "no control characters" }),
    password: z
      .string()
      .max(1000)
      .refine((text) => !CONTROL.test(text), { error: "no control characters" }),
    /**
     * An empty database of the same user in which every snapshot is restored once before it counts. `null` says that there is none
     * and that a snapshot is trusted after its own checks.
     */
    scratch: databaseName.nullable(),
    /** Snapshots kept. */
    keep: z.number().int().min(1).max(100).default(5),
  })
  .refine(({ name, scratch }) => name !== scratch, {
    error: "must be another database than `name`",
    path: ["scratch"],
  });

/** Named safeguards that a person may lift. `delete-files` is about `retire`: releases and shared files go with the service. */
export const SAFEGUARDS = ["delete-share", "bad-release", "no-snapshot", "protected-path", "delete-files"] as const;

/** What every operation on a service needs to know. */
const targetSchema = z.object({
  host: hostSchema,
  service: serviceSchema,
  database: databaseSchema.optional(),
  health: healthSchema.optional(),
  allow: z.array(z.enum(SAFEGUARDS)).default([]),
  lock: z
    .object({
      /** Seconds after which a lock that is no longer renewed may be taken over. It is renewed every third of that. */
      leaseSeconds: z.number().int().min(2).max(3600).default(60),
      /** Seconds to wait for another run's lock. Longer than the lease, so that a killed run delays the next one but does not stop it. */
      waitSeconds: z.number().min(0).max(7200).default(90),
    })
    .prefault({}),
  timeouts: z
    .object({
      /** Seconds to reach the host and log in, all attempts together being at most four times that. */
      connect: z.number().positive().max(300).default(20),
      /** Seconds for one short command. */
      command: z.number().positive().max(600).default(30),
      /** Seconds for the whole upload. */
      upload: z.number().positive().max(7200).default(900),
      /** Seconds for one dump or restore of the database. */
      database: z.number().positive().max(7200).default(900),
    })
    .prefault({}),
});

/** The document that `node plesk/main.ts deploy|plan|retire` reads on stdin. */
const documentSchema = targetSchema.extend({
  artifact: z.object({
    dir: z
      .string()
      .min(1)
      .describe(
        "Directory of the built artifact: `catalog/…` for a place in the catalog (SITEFLEET_CATALOG), absolute, or relative to the working directory.",
      ),
    /** Digest that was reviewed (`artifactDigest`); another content is refused. */
    digest: z
      .string()
      .regex(/^[0-9a-f]{64}$/, { error: "64 hex digits" })
      .optional(),
    /** Must manifest, SBOM and provenance lie beside it? What lies there is always checked. */
    attested: z.enum(["required", "optional"]).default("optional"),
  }),
  /** Written to `shared/.env`, mode 0600; `{}` empties the file, leaving it out leaves what is there. */
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().max(48_000)).optional(),
  /** Who declares this service, e.g. the resource's URN. Only the same owner may retire it. @default "" */
  owner: z.string().max(500).default(""),
});

/** A validated target. */
export type Target = z.output<typeof targetSchema>;
/** See {@link databaseSchema}. */
export type Database = z.output<typeof databaseSchema>;
/** A validated document. */
export type DeployDocument = z.output<typeof documentSchema>;
/** A document as it is written, with the defaults left out. */
export type DeployDocumentInput = z.input<typeof documentSchema>;
/** See {@link hostSchema}. */
export type Host = z.output<typeof hostSchema>;
/** See {@link serviceSchema}. */
export type Service = z.output<typeof serviceSchema>;
/** See {@link healthSchema}. */
export type Health = z.output<typeof healthSchema>;

/**
 * Validates a document.
 *
 * @throws SitefleetError `plesk.input` with every problem as `field: what is wrong`; never repeats a value, since any may be secret.
 */
export function parseDocument(value: unknown): DeployDocument {
  return parse(documentSchema, value);
}

/** Validates a target. @throws SitefleetError `plesk.input`; see {@link parseDocument}. */
export function parseTarget(value: unknown): Target {
  return parse(targetSchema, value);
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new SitefleetError({
    code: "plesk.input",
    message: "the document is invalid",
    details: result.error.issues.map((issue) => `${issue.path.map(String).join(".") || "document"}: ${issue.message}`),
    hint: "see docs/reference/services.md for the document's fields",
    exitCode: EXIT.input,
  });
}
