import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { SecretEntry } from "../../model/index.ts";
import { ADMINISTRATOR } from "../databases/client.ts";
import type { Engine } from "../databases/programs.ts";
import { readJson, writeAtomic } from "../machine/files.ts";

const schema = z.object({
  passphrase: z.string().min(1),
  vercelToken: z.string().min(24),
  cloudflareToken: z.string().min(1),
  githubToken: z.string().min(1),
  cloudflareAccountId: z.string().regex(/^[0-9a-f]{32}$/),
  /** Of the administrator of the database servers. */
  databasePassword: z
    .string()
    .min(1)
    .prefault(() => randomText(32)),
  /** Signs what is sent to the web hook. */
  webhookSecret: z
    .string()
    .min(1)
    .prefault(() => randomText(32)),
  /** Values of secrets with source `config`, by name. */
  values: z.record(z.string(), z.string()),
});

/** Random values of one sandbox. They stay the same until it is purged. */
export type SandboxSecrets = z.infer<typeof schema>;

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Random letters and digits; a little less than 6 bits each. */
export function randomText(length: number): string {
  // 248 is the largest multiple of 62 below 256; what is above would favour the first letters.
  const letters: string[] = [];
  while (letters.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 248 && letters.length < length) letters.push(LETTERS[byte % LETTERS.length] ?? "");
    }
  }
  return letters.join("");
}

/** Reads the sandbox's random values, or makes and stores them (mode 0600). */
export function ensureSecrets(path: string): SandboxSecrets {
  const known = schema.safeParse(readJson(path));
  if (known.success) {
    // One made by an earlier version lacks what is new since.
    writeAtomic(path, JSON.stringify(known.data, null, 2));
    return known.data;
  }
  const fresh: SandboxSecrets = {
    passphrase: randomText(32),
    // The real provider insists on 24 letters and digits in a row.
    vercelToken: randomText(24),
    cloudflareToken: randomText(40),
    githubToken: `ghp_${randomText(36)}`,
    cloudflareAccountId: randomBytes(16).toString("hex"),
    databasePassword: randomText(32),
    webhookSecret: randomText(32),
    values: {},
  };
  writeAtomic(path, JSON.stringify(fresh, null, 2));
  return fresh;
}

/** Reads them where they must exist. @throws ZodError when they do not */
export function readSecrets(path: string): SandboxSecrets {
  return schema.parse(readJson(path));
}

/** What the values of well-known names are in the sandbox. */
export interface HostFacts {
  readonly sshPort: number;
  readonly sshUser: string;
  readonly sshPrivateKey: string;
  /** Name of the zone that mail addresses belong to. */
  readonly mailDomain: string;
  /** Ports of the database servers that run. @default none runs */
  readonly databases?: Readonly<Partial<Record<Engine, number>>>;
  /** Of the administrator of those servers, where the catalog names one. @default it names none */
  readonly administrators?: readonly { readonly userSecret: string; readonly passwordSecret: string }[] | undefined;
  readonly databasePassword?: string;
}

/**
 * Values of all secrets that come from configuration: the SSH host's real ones, loopback for other servers, and
 * random text, made once, for the rest (passwords). A value that the catalog fixes (port 22) yields to the sandbox's.
 *
 * @param kept values of earlier runs; random ones are taken over from here
 */
export function secretValues(
  entries: readonly SecretEntry[],
  facts: HostFacts,
  kept: Readonly<Record<string, string>>,
): Record<string, string> {
  const known: Readonly<Record<string, string>> = {
    SSH_HOST: "127.0.0.1",
    SSH_PORT: String(facts.sshPort),
    SSH_USER: facts.sshUser,
    SSH_PRIVATE_KEY: facts.sshPrivateKey,
    MYSQL_HOST: "127.0.0.1",
    MYSQL_PORT: String(facts.databases?.mariadb ?? 3306),
    PG_HOST: "127.0.0.1",
    PG_PORT: String(facts.databases?.postgresql ?? 5432),
    SMTP_HOST: "127.0.0.1",
    SMTP_PORT: "587",
    SMTP_USER: `sandbox@${facts.mailDomain}`,
    SUPPORT_EMAIL: `support@${facts.mailDomain}`,
    CIVIMAIL_FROM: `civimail@${facts.mailDomain}`,
    CIVIMAIL_BOUNCE: `bounce@${facts.mailDomain}`,
  };
  const values: Record<string, string> = {};
  for (const { name, source, value } of entries) {
    if (source !== "config") continue;
    values[name] = known[name] ?? value ?? kept[name] ?? randomText(32);
  }
  for (const { userSecret, passwordSecret } of facts.administrators ?? []) {
    values[userSecret] = ADMINISTRATOR;
    values[passwordSecret] = facts.databasePassword ?? "";
  }
  return values;
}
