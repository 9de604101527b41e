import type { DnsRecordArgs, ZoneArgs, ZoneSettingArgs } from "@pulumi/cloudflare";
import type { local } from "@pulumi/command";
import type { ActionsEnvironmentSecretArgs, RepositoryEnvironmentArgs } from "@pulumi/github";
import type { RandomPasswordArgs } from "@pulumi/random";
import { declared, ignored, left, lessOrOther, smaller, switchedOff, switchedOn, type UndeclaredOf } from "./types.ts";

/** `cloudflare:index/zone:Zone`, read in terraform-provider-cloudflare 5.19.1, `services/zone`. */
export const zone = {
  paused: left("default", "the provider sends false; a zone paused by hand is drift"),
  type: declared("kept", "full: DNS is at Cloudflare"),
  vanityNameServers: left("kept", "a person's name servers stay"),
} satisfies UndeclaredOf<ZoneArgs>;

/** `cloudflare:index/zoneSetting:ZoneSetting`, read in terraform-provider-cloudflare 5.19.1, `services/zone_setting`. */
export const zoneSetting = {
  enabled: left("kept", "for ssl_recommender alone, which is not offered"),
  zoneId: declared("nothing", "the zone's"),
} satisfies UndeclaredOf<ZoneSettingArgs>;

/** `cloudflare:index/dnsRecord:DnsRecord`, read in terraform-provider-cloudflare 5.19.1, `services/dns_record`: an update is a PUT of the whole record. */
export const dnsRecord = {
  comment: left("null", "a record of the catalog has the catalog's comment; one set by hand is drift"),
  content: declared("kept", "of the catalog; a CAA record has data in its place"),
  data: declared("null", "for CAA records; others have content"),
  priority: declared("null", "for MX records"),
  privateRouting: left("null", "for the vendor's private networks, which are not used"),
  proxied: declared("default", "of the catalog; the provider's default is false"),
  settings: left("kept", "flattening and the like: what a person set stays"),
  tags: left("kept", "what a person set stays"),
  zoneId: declared("nothing", "the zone's"),
} satisfies UndeclaredOf<DnsRecordArgs>;

/**
 * `github:index/repositoryEnvironment:RepositoryEnvironment`, read in terraform-provider-github 6.13.0,
 * `resource_github_repository_environment.go`: each write is a PUT of all of it.
 */
export const repositoryEnvironment = {
  canAdminsBypass: ignored("default", "the provider sends true; a person's no stays", switchedOn),
  deploymentBranchPolicy: ignored("null", "branches that a person chose stay", lessOrOther),
  preventSelfReview: ignored("default", "the provider sends false; a person's yes stays", switchedOff),
  reviewers: ignored("null", "reviewers that a person named stay", lessOrOther),
  waitTimer: ignored("null", "a wait that a person set stays", smaller),
} satisfies UndeclaredOf<RepositoryEnvironmentArgs>;

/** `github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret`, read in terraform-provider-github 6.13.0. */
export const environmentSecret = {
  encryptedValue: left("nothing", "the older name of valueEncrypted"),
  keyId: left("kept", "for valueEncrypted"),
  plaintextValue: left("nothing", "the older name of value"),
  value: declared("nothing", "given or generated"),
  valueEncrypted: left("nothing", "the provider encrypts"),
} satisfies UndeclaredOf<ActionsEnvironmentSecretArgs>;

/** `random:index/randomPassword:RandomPassword`, read in terraform-provider-random 3.9; nothing is sent anywhere. */
export const randomPassword = {
  keepers: left("nothing", "a password is made once; rotation replaces it on purpose"),
  lower: declared("default", "false: only the digits named"),
  minLower: left("default", "0"),
  minNumeric: left("default", "0"),
  minSpecial: left("default", "0"),
  minUpper: left("default", "0"),
  number: left("default", "the older name of numeric"),
  numeric: declared("default", "false: only the digits named"),
  overrideSpecial: declared("nothing", "the digits of hexadecimal"),
  special: declared("default", "true: only the digits named"),
  upper: declared("default", "false: only the digits named"),
} satisfies UndeclaredOf<RandomPasswordArgs>;

/** `command:local:Command`, read in pulumi-command 1.2.1; nothing is sent anywhere but to the command. */
export const localCommand = {
  addPreviousOutputInEnv: declared(
    "default",
    "false: the output may be secret, and an environment is not; the provider's default is true",
  ),
  archivePaths: left("nothing", "the driver brings its own files"),
  assetPaths: left("nothing", "the driver brings its own files"),
  create: declared("nothing", "the transaction"),
  delete: declared("nothing", "takes the service out of service, deletes nothing"),
  dir: left("nothing", "the project's root, where the engine starts its providers"),
  environment: left("nothing", "nothing secret is in an environment"),
  interpreter: left("default", "/bin/sh -c"),
  logging: declared("default", "none: one line over 64 KiB hangs the provider; its default logs both streams"),
  stdin: declared("nothing", "the whole document, secret"),
  triggers: left("nothing", "a change would run the old one's delete after the new one's create"),
  update: declared("nothing", "the transaction"),
} satisfies UndeclaredOf<local.CommandArgs>;
