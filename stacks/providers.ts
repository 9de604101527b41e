import type * as pulumi from "@pulumi/pulumi";
import type { Dns } from "../components/dns/dns.ts";
import { dnsOf, providerNamed } from "../vendors/index.ts";
import type { ProviderScope } from "../vendors/setup.ts";
import type { Settings } from "./settings.ts";

/** Makes the named providers, for a component's `providers` option. */
export async function makeProviders(
  settings: Settings,
  names: readonly string[],
  scope: ProviderScope = {},
): Promise<Record<string, pulumi.ProviderResource>> {
  const made: Record<string, pulumi.ProviderResource> = {};
  for (const name of names) {
    const provider = providerNamed(name);
    if (provider === undefined) throw new Error(`no vendor has a provider ${name}`);
    made[name] = await provider.make(name, settings.values, scope);
  }
  return made;
}

/** What makes the records of zones, each vendor loaded once. */
export class OpenDns {
  readonly #made: ReadonlyMap<string, Dns>;
  /** Pulumi packages of the vendors' providers. */
  readonly providers: readonly string[];

  private constructor(made: ReadonlyMap<string, Dns>) {
    this.#made = made;
    this.providers = [...made.keys()];
  }

  /** @throws SitefleetError `catalog.invalid` */
  static async open(zones: readonly { readonly dns?: string }[], settings: Settings): Promise<OpenDns> {
    const vendors = new Map(zones.map(dnsOf).map((one) => [one.provider, one]));
    const made = [...vendors].map(async ([name, vendor]) => [name, await vendor.load(settings.values)] as const);
    return new OpenDns(new Map(await Promise.all(made)));
  }

  /** What makes the records of a zone. */
  of(zone: { readonly dns?: string }): Dns {
    return this.#made.get(dnsOf(zone).provider) as Dns;
  }
}
