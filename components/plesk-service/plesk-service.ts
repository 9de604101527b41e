import * as cloudflare from "@pulumi/cloudflare";
import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../transform.ts";
import { planRecord } from "../wildcard-zone/plan.ts";
import { type Connection, planDeploy, type ServiceSpec } from "./plan.ts";

/** Arguments of {@link PleskService}. */
export interface PleskServiceArgs extends ServiceSpec {
  /** Cloudflare's id of the zone that holds the host; undefined leaves its DNS alone. */
  readonly zoneId?: pulumi.Input<string>;
  readonly connection: Connection;
  /**
   * Secrets that the service reads from `shared/.env` on the host.
   * @default {}
   */
  readonly env?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Changes a child's arguments or options just before it is created. @default none */
  readonly transform?: {
    readonly record?: Transform<cloudflare.DnsRecordArgs>;
    readonly deploy?: Transform<local.CommandArgs>;
  };
}

/**
 * One target on the Plesk host: its DNS record and its release, uploaded over SSH and switched in one step.
 *
 * @example
 * new PleskService("docs", {
 *   key: "docs", host: "docs.example.org", path: "/www/htdocs/w01234567/example.org/subdomains/docs/httpdocs",
 *   kind: "static", exclude: ["*.log"], origin: { type: "A", content: "192.0.2.10" }, proxied: true,
 *   artifactDir: "catalog/artifacts/docs", artifactDigest, zoneId, connection,
 * });
 */
export class PleskService extends pulumi.ComponentResource {
  constructor(name: string, args: PleskServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sitefleet:plesk:Service", name, {}, opts);
    const { transform } = args;
    if (args.zoneId !== undefined) {
      const record = planRecord({ host: args.host, ...args.origin, ttl: 1, proxied: args.proxied }, args.zoneId, true);
      const opts = { parent: this, deleteBeforeReplace: true };
      new cloudflare.DnsRecord(...transformed(transform?.record, record.name, record.args, opts));
    }
    const owner = `${pulumi.getProject()}/${pulumi.getStack()}/${name}`;
    const deploy = planDeploy(args, args.connection, args.env ?? {}, owner);
    new local.Command(
      ...transformed(transform?.deploy, name, deploy, {
        parent: this,
        additionalSecretOutputs: ["stdout", "stderr"],
      }),
    );
    this.registerOutputs();
  }
}
