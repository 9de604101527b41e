import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { declareRecords } from "../dns-records/declare.ts";
import { COMPONENT } from "../tokens.ts";
import { type Transform, transformed } from "../transform.ts";
import { planZone, type ZoneSpec } from "./plan.ts";

/** Arguments of {@link WildcardZone}. */
export interface WildcardZoneArgs extends ZoneSpec {
  /** Cloudflare account that a new zone is made in. Used for mode `create` only. */
  readonly accountId: pulumi.Input<string>;
  /** Changes a child's arguments or options just before it is created. @default none */
  readonly transform?: {
    readonly zone?: Transform<cloudflare.ZoneArgs>;
    readonly record?: Transform<cloudflare.DnsRecordArgs>;
    readonly setting?: Transform<cloudflare.ZoneSettingArgs>;
  };
}

/**
 * A zone whose every name leads to Vercel through one wildcard record, however many sites there are. Free on every plan
 * of Cloudflare.
 *
 * @example
 * new WildcardZone("qmoney.de", {
 *   name: "qmoney.de", mode: "existing", kind: "cname", wildcard: true, target: "cname.vercel-dns.com", accountId,
 * }, { providers: { cloudflare: provider } });
 */
export class WildcardZone extends pulumi.ComponentResource {
  /** Cloudflare's id of the zone; undefined for mode `skip`. */
  readonly zoneId: pulumi.Output<string> | undefined;

  constructor(name: string, args: WildcardZoneArgs, opts?: pulumi.ComponentResourceOptions) {
    super(COMPONENT.zone, name, {}, opts);
    const plan = planZone(args, args.accountId);
    const { transform } = args;
    this.zoneId = this.resolveZone(name, args, plan.zone);
    if (this.zoneId) {
      declareRecords(this, plan.records(this.zoneId), transform?.record);
      for (const setting of plan.settings(this.zoneId)) {
        new cloudflare.ZoneSetting(...transformed(transform?.setting, setting.name, setting.args, { parent: this }));
      }
    }
    this.registerOutputs({ zoneId: this.zoneId });
  }

  private resolveZone(name: string, args: WildcardZoneArgs, zone: cloudflare.ZoneArgs | undefined) {
    if (args.mode === "skip") return undefined;
    if (zone) {
      // Deleting a zone takes every name in it off the net: the declaration alone must not be able to.
      const opts = { parent: this, protect: true };
      return new cloudflare.Zone(...transformed(args.transform?.zone, name, zone, opts)).id;
    }
    if (args.zoneId !== undefined) return pulumi.output(args.zoneId);
    const found = cloudflare.getZoneOutput({ filter: { name: args.name } }, { parent: this });
    return found.apply((zone) => zone.zoneId ?? zone.id);
  }
}
