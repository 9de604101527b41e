import type { Service } from "../../model/index.ts";
import type { DnsView, Vendor } from "../core/index.ts";
import type { Vercel } from "../vercel/index.ts";
import type { Listed, Php, WebSources } from "../web/index.ts";
import { countsOf } from "./control-api.ts";

/** What the web server's view of the sandbox is made of. */
export interface WebParts {
  readonly vercel: Vercel;
  readonly dns: DnsView;
  readonly vendors: readonly Vendor[];
  readonly services: readonly Service[];
  /** Zones whose registrar names Vercel's name servers. */
  readonly delegatedZones: readonly string[];
  readonly links: Readonly<Record<string, string>>;
  readonly hostTree: string;
  readonly php?: Php | undefined;
  readonly applications?: WebSources["applications"];
}

/** Figures of the overview: vendor, kind, how people call it. */
const FIGURES: readonly (readonly [Vendor["name"], string, string])[] = [
  ["vercel", "projects", "Vercel projects"],
  ["vercel", "domains", "Vercel domains"],
  ["vercel", "deployments", "Vercel deployments"],
  ["cloudflare", "zones", "DNS zones"],
  ["cloudflare", "records", "DNS records"],
  ["github", "environments", "GitHub environments"],
  ["github", "secrets", "GitHub secrets"],
  ["chat", "messages", "Chat messages"],
  ["host", "services", "Services with a release"],
];

/** The sandbox as the web server sees it. */
export function webSources(parts: WebParts): WebSources {
  const { vercel, vendors, services } = parts;
  const byHost = new Map(services.map((service) => [service.host, service]));
  const domains = (): Listed[] => {
    const listed = (vercel.inventory().domains ?? []).map((item) => ({ host: item.name, what: String(item.project) }));
    return listed.sort((a, b) => (a.host < b.host ? -1 : 1));
  };
  return {
    dns: parts.dns,
    hostTree: parts.hostTree,
    applications: parts.applications,
    ...(parts.php === undefined ? {} : { php: parts.php }),
    delegated: (host) => parts.delegatedZones.some((zone) => host === zone || host.endsWith(`.${zone}`)),
    liveAt: (host, { bypass, from }) => vercel.liveAt(host, { bypass, from }),
    attached: (host) => vercel.attached(host),
    visited: (host, bytes) => vercel.visit(host, bytes),
    service: (host) => byHost.get(host),
    services: () => services,
    sites: domains,
    counts() {
      const counts = new Map(vendors.map((vendor) => [vendor.name, countsOf(vendor)]));
      const known = FIGURES.flatMap(([vendor, kind, title]) => {
        const count = counts.get(vendor)?.[kind];
        return count === undefined ? [] : [[title, count] as const];
      });
      return Object.fromEntries([...known, ["Services", services.length] as const]);
    },
    links: () => parts.links,
  };
}
