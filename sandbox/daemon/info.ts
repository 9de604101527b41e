import { z } from "zod";
import { readJson } from "../machine/files.ts";
import { sandboxPaths } from "../machine/paths.ts";
import { ACCOUNT_KINDS } from "../ssh/profile.ts";

/** The sandbox's processes. */
export const PART_NAMES = ["cloud", "providers", "sshd", "mariadb", "postgresql"] as const;
/** One of {@link PART_NAMES}. */
export type PartName = (typeof PART_NAMES)[number];

/** Shape of a process's identity in files. */
export const identitySchema = z.object({ pid: z.int(), startTicks: z.string(), bootId: z.string() });

const cloudPorts = z.object({
  control: z.int(),
  vercel: z.int(),
  cloudflare: z.int(),
  github: z.int(),
  chat: z.int(),
  smtp: z.int().optional(),
  /** What the programs on the SSH host ask. */
  host: z.int(),
  web: z.int(),
  /** Where browsers would find every host: https, and http, which leads there. */
  edge: z.int().optional(),
  edgePlain: z.int().optional(),
  proxy: z.int().optional(),
});

/** All servers; those of databases only where a service of the catalog has one. */
const serverPorts = cloudPorts.extend({ ssh: z.int(), mariadb: z.int().optional(), postgresql: z.int().optional() });

/** Where the cloud process listens. */
export const cloudFacts = z.object({
  ports: cloudPorts,
  /** Certificate bundle that the TLS proxy's certificates check against. */
  caFile: z.string().optional(),
  /** The same for the hosts of the catalog. */
  edgeCaFile: z.string().optional(),
});

/** Ports of the stand-in providers by name. */
export const providerFacts = z.object({ ports: z.record(z.string(), z.int()) });

/** The SSH server. */
export const sshFacts = z.object({
  port: z.int(),
  user: z.string(),
  /** Private key of the user; a path. */
  keyFile: z.string(),
  /** `ssh-ed25519 AAAA…` */
  hostKey: z.string(),
  /** The account's directory as sessions see it. */
  root: z.string(),
  /** How sessions are led into the host's tree; see docs/reference/sandbox.md. */
  mode: z.enum(["user", "mount", "link"]),
  /** What kind of account it plays. */
  profile: z.enum(ACCOUNT_KINDS),
});

/** A database server. */
export const databaseFacts = z.object({ port: z.int() });

/** What each process says of itself once it is ready. */
export interface PartFacts {
  readonly cloud: z.infer<typeof cloudFacts>;
  readonly providers: z.infer<typeof providerFacts>;
  readonly sshd: z.infer<typeof sshFacts>;
  readonly mariadb: z.infer<typeof databaseFacts>;
  readonly postgresql: z.infer<typeof databaseFacts>;
}

const infoSchema = z.object({
  version: z.literal(1),
  /** Pid of the cloud process. */
  pid: z.int(),
  /** Absolute directory. */
  dir: z.string(),
  catalogDir: z.string(),
  plugins: z.enum(["stand-in", "real"]),
  /** ISO 8601. */
  startedAt: z.string(),
  ports: serverPorts,
  urls: z.object({
    control: z.string(),
    vercel: z.string(),
    cloudflare: z.string(),
    github: z.string(),
    web: z.string(),
    slack: z.string(),
    discord: z.string(),
    slackApi: z.string().optional(),
    webhook: z.string().optional(),
    smtp: z.string().optional(),
    mailbox: z.string().optional(),
    proxy: z.string().optional(),
  }),
  /** Ports of the stand-in providers by name; empty with real plugins. */
  providers: z.record(z.string(), z.int()),
  ssh: sshFacts,
  caFile: z.string().optional(),
  edgeCaFile: z.string().optional(),
});

/** A running sandbox: ports and addresses. Holds no secret. */
export type SandboxInfo = z.infer<typeof infoSchema>;
/** Ports of the sandbox's servers. */
export type SandboxPorts = SandboxInfo["ports"];

const rememberedSchema = z.object({
  servers: serverPorts.partial(),
  providers: z.record(z.string(), z.int()),
});
/** Ports of the last run. */
export type RememberedPorts = z.infer<typeof rememberedSchema>;

/** What `sandbox.json` says; undefined when there is none, or none of this version. */
export function readInfo(dir: string): SandboxInfo | undefined {
  const parsed = infoSchema.safeParse(readJson(sandboxPaths(dir).info));
  return parsed.success ? parsed.data : undefined;
}

/** Ports to try first, from the last run. */
export function readPorts(path: string): RememberedPorts {
  const parsed = rememberedSchema.safeParse(readJson(path));
  return parsed.success ? parsed.data : { servers: {}, providers: {} };
}
