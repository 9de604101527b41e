import { z } from "zod";
import { text } from "./values.ts";

/** Kinds of shell account; what an account of each never may use is in `plesk/host/profile.ts`. */
export const HOST_PROFILES = ["generic", "plesk-bash", "plesk-chroot", "kas"] as const;

const Port = z.int().min(1).max(65535);
const KEY_TYPES = "ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-ssh-ed25519@openssh\\.com";

/** A database server of the host's own, as the host itself reaches it. */
const endpoint = (port: number) =>
  z.strictObject({
    address: z.string().default("localhost").meta({ description: "Host name or address of the server." }),
    port: Port.default(port).meta({ description: "Port of the server." }),
  });

/** A host. */
export const HostShape = z.strictObject({
  key: text(/^[a-z][a-z0-9-]{0,30}$/, "lower case letters, digits and hyphens, a letter first, at most 31").meta({
    description: "Name by which a service chooses its host (server).",
    examples: ["plesk"],
  }),
  address: z.string().meta({ description: "Host name or address of the SSH server." }),
  port: Port.default(22).meta({ description: "Port of the SSH server." }),
  user: text(/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}$/, "a login name").meta({ description: "Login name." }),
  hostKey: z
    .array(
      text(
        new RegExp(`^(?:${KEY_TYPES}) [A-Za-z0-9+/]{20,}={0,3}(?: .{0,200})?$`),
        'a public key as "type base64"; a comment behind it is ignored',
      ),
    )
    .default([])
    .meta({
      description: "Public keys of the host. Without one every call is refused: nothing is trusted on first use.",
      examples: [["ssh-ed25519 AAAA…"]],
    }),
  keySecret: text(/^[A-Z_][A-Z0-9_]*$/, "the name of a secret")
    .default("SSH_PRIVATE_KEY")
    .meta({ description: "Secret with the private key." }),
  root: z.string().meta({
    description: "The path of every service on this host lies below it.",
    examples: ["/www/htdocs/w01234567"],
  }),
  profile: z
    .enum(HOST_PROFILES)
    .default("generic")
    .meta({ description: "What kind of account it is; decides what is refused before anything is tried." }),
  parallel: z.int().min(1).optional().meta({ description: "Services at a time; default: plesk.ssh-sessions." }),
  origin: z
    .string()
    .optional()
    .meta({ description: "Host name or address that DNS records of its services point at; default: the address." }),
  web: text(/^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?$|^https?:\/\/\[[0-9a-f:]+\](:\d{1,5})?$/, "http(s)://host[:port]")
    .optional()
    .meta({
      description: "Where its web server answers for the services, when not under their names (yet).",
      examples: ["https://198.51.100.7"],
    }),
  mariadb: endpoint(3306).prefault({}).meta({ description: "MariaDB on the host, for databases of location plesk." }),
  postgresql: endpoint(5432)
    .prefault({})
    .meta({ description: "PostgreSQL on the host, for databases of location plesk." }),
});

/** hosts.yaml. */
export const HostsFile = z.strictObject({
  hosts: z.array(HostShape).meta({ description: "The hosts; the first is the default of services." }),
});
