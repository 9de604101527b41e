import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { declareRecords } from "../dns/declare.ts";
import type { Dns } from "../dns/dns.ts";
import { planRecords } from "../dns/plan.ts";
import { COMPONENT } from "../tokens.ts";
import { type Transform, transformed } from "../transform.ts";
import type { Server, ServiceSpec } from "./document.ts";
import { type Deployed, deployedOf, planDeploy, type SecretInputs } from "./plan.ts";
import { describePreview, type Preview } from "./preview.ts";
import { recordOfService } from "./record.ts";

/** Arguments of {@link PleskService}. */
export interface PleskServiceArgs extends ServiceSpec, SecretInputs {
  /** How its host is reached. */
  readonly server: Server;
  /** What the service's DNS record says. */
  readonly origin: { readonly type: "A" | "AAAA" | "CNAME"; readonly content: string };
  readonly proxied: boolean;
  /** Who makes its record, and the vendor's id of the zone that holds the host. @default its DNS is left alone */
  readonly dns?: { readonly vendor: Dns; readonly zoneId: pulumi.Input<string> };
  /** What a look at the host said a deployment would do; shown in the preview. @default nothing is shown */
  readonly preview?: Preview;
  /** Changes a child's arguments or options just before it is created. @default none */
  readonly transform?: {
    readonly deploy?: Transform<local.CommandArgs>;
  };
}

/**
 * One target on a host: its DNS record and its release, uploaded over SSH and switched in one step.
 *
 * @example
 * new PleskService("docs", {
 *   key: "docs", host: "docs.example.org", path: "/www/htdocs/w01234567/example.org/subdomains/docs/httpdocs",
 *   kind: "static", exclude: ["*.log"], origin: { type: "A", content: "192.0.2.10" }, proxied: true,
 *   artifactDir: "catalog/artifacts/docs", artifactDigest, dns, server, privateKey,
 * });
 */
export class PleskService extends pulumi.ComponentResource {
  /** What its last deployment brought; not known while it is being deployed. */
  readonly deployed: pulumi.Output<Deployed>;

  constructor(name: string, args: PleskServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super(COMPONENT.service, name, {}, opts);
    const { transform, preview, server, privateKey, access, env } = args;
    if (args.dns) declareRecords(this, planRecords([recordOfService(args)]), args.dns.vendor, args.dns.zoneId);
    const owner = `${pulumi.getProject()}/${pulumi.getStack()}/${name}`;
    const secrets = { privateKey, ...(access ? { access } : {}), ...(env ? { env } : {}) };
    const deploy = new local.Command(
      ...transformed(transform?.deploy, name, planDeploy(args, server, secrets, owner), {
        parent: this,
        additionalSecretOutputs: ["stdout", "stderr"],
        // The old one's `delete` takes out of service what is live: after the new one's `create` that would be the new one.
        deleteBeforeReplace: true,
        // A service whose removal deletes data, or that is declared to stay, goes only after a person has lifted this.
        protect: args.onRemoval === "protect" || args.onRemoval === "delete-files",
      }),
    );
    this.deployed = deployedOf(deploy.stdout);
    if (preview !== undefined) {
      const { level, text } = describePreview(preview);
      if (level !== undefined) void pulumi.log[level](text, this);
    }
    this.registerOutputs();
  }
}
