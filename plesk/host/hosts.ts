import { z } from "zod";
import { PROFILES } from "./profile.ts";

/** Connections at a time that sshd's default `MaxStartups 10:30:100` serves without dropping any (facts.md, measured). */
export const MAX_PARALLEL = 8;

/** One host of `catalog/hosts.yaml`. The private key is a secret of the stack and not part of it. */
export const hostEntrySchema = z.strictObject({
  key: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/)
    .describe("Name by which a service chooses its host."),
  address: z.string().min(1).describe("Host name or IP address of the SSH server."),
  port: z.number().int().min(1).max(65535).default(22).describe("Port of the SSH server."),
  user: z.string().min(1).describe("Login name."),
  hostKey: z
    .array(z.string().regex(/^(ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/]+={0,3}$/))
    .min(1)
    .describe("Public keys of the host, `type base64`; nothing is trusted on first use."),
  root: z.string().startsWith("/").describe("Directory below which every service's path lies."),
  profile: z.enum(PROFILES).default("generic").describe("What kind of account it is."),
  parallel: z.number().int().min(1).max(MAX_PARALLEL).default(MAX_PARALLEL).describe("Services deployed at a time."),
});

/** The whole of `catalog/hosts.yaml`: at least one host, with unique keys; the first is the default. */
export const hostsSchema = z.strictObject({
  hosts: z
    .array(hostEntrySchema)
    .min(1)
    .refine((hosts) => new Set(hosts.map(({ key }) => key)).size === hosts.length, { error: "keys must be unique" }),
});

/** See {@link hostEntrySchema}. */
export type HostEntry = z.output<typeof hostEntrySchema>;
