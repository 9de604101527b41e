import * as pulumi from "@pulumi/pulumi";
import { declareRecords } from "../dns/declare.ts";
import type { Dns } from "../dns/dns.ts";
import { planRecords } from "../dns/plan.ts";
import { COMPONENT } from "../tokens.ts";
import { recordsOfZone, type ZoneSpec } from "./plan.ts";

/** Arguments of {@link WildcardZone}. */
export interface WildcardZoneArgs extends ZoneSpec {
  /** Makes zone, records and settings; its options have a way out for each. */
  readonly vendor: Dns;
}

/**
 * A zone whose every name leads to Vercel through one wildcard record, however many sites there are.
 *
 * @example
 * new WildcardZone("qmoney.de", {
 *   name: "qmoney.de", mode: "existing", kind: "cname", wildcard: true, target: "cname.vercel-dns.com",
 *   vendor: cloudflareDns({ accountId }),
 * }, { providers: { cloudflare: provider } });
 */
export class WildcardZone extends pulumi.ComponentResource {
  /** The vendor's id of the zone; undefined for mode `skip`. */
  readonly zoneId: pulumi.Output<string> | undefined;

  constructor(name: string, args: WildcardZoneArgs, opts?: pulumi.ComponentResourceOptions) {
    super(COMPONENT.zone, name, {}, opts);
    this.zoneId = this.resolveZone(name, args);
    if (this.zoneId) {
      declareRecords(this, planRecords(recordsOfZone(args)), args.vendor, this.zoneId);
      if (args.cdn) args.vendor.settings?.(args.name, args.cdn, this.zoneId, { parent: this });
    }
    this.registerOutputs({ zoneId: this.zoneId });
  }

  private resolveZone(name: string, { mode, zoneId, vendor, ...spec }: WildcardZoneArgs) {
    if (mode === "skip") return undefined;
    // Deleting a zone takes every name in it off the net: the declaration alone must not be able to.
    if (mode === "create") return vendor.zone(name, spec.name, { parent: this, protect: true });
    return zoneId === undefined ? vendor.lookUp(spec.name, { parent: this }) : pulumi.output(zoneId);
  }
}
