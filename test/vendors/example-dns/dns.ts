import * as pulumi from "@pulumi/pulumi";
import type { Dns } from "../../../components/dns/dns.ts";

/** The provider; address and token are in its environment. */
export class ExampleProvider extends pulumi.ProviderResource {
  constructor(name: string) {
    super("example-dns", name, {});
  }
}

class Zone extends pulumi.CustomResource {
  constructor(name: string, zone: string, opts: pulumi.CustomResourceOptions) {
    super("example-dns:index/zone:Zone", name, { name: zone }, opts);
  }
}

class DnsRecord extends pulumi.CustomResource {
  constructor(name: string, args: object, opts: pulumi.CustomResourceOptions) {
    super("example-dns:index/record:Record", name, args, opts);
  }
}

/** Zones and records at the vendor. */
export const exampleRecords: Dns = {
  zone: (name, zone, opts) => new Zone(name, zone, opts).id,
  lookUp: (name, opts) =>
    pulumi
      .output(pulumi.runtime.invoke("example-dns:index/getZone:getZone", { name }, opts))
      .apply(({ id }): string => id),
  record: (name, { host, type, content, ttl, priority }, zoneId, opts) =>
    new DnsRecord(name, { zoneId, host, type, content, ttl, priority }, opts),
};
