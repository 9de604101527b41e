import type { Service } from "../../../../model/index.ts";
import type { Live } from "../../../../sandbox/vercel/index.ts";
import type { Dns, WebSources } from "../../../../sandbox/web/index.ts";

/** DNS out of `{ "TYPE name": "content" }`, wildcards as Cloudflare has them. */
export function dnsOf(records: Readonly<Record<string, string>>): Dns {
  return {
    lookup(name, type) {
      const exact = records[`${type} ${name}`] ?? records[`${type} ${name.replace(/^[^.]+/, "*")}`];
      return exact === undefined ? [] : [exact];
    },
  };
}

/** A service as the catalog has it. */
export function service(fields: Partial<Service> & Pick<Service, "key" | "host" | "path">): Service {
  return {
    zone: "example.test",
    kind: "static",
    server: "plesk",
    health: { path: "/", status: 200, release: true, withinSeconds: 15 },
    proxied: false,
    exclude: [],
    artifact: "",
    attested: "optional",
    shared: [],
    keep: 5,
    steps: "none",
    commands: [],
    allow: [],
    onRemoval: "retire",
    ...fields,
  };
}

/** What is live at a host. */
export function live(siteHost: string, fields: Partial<Live> = {}): Live {
  return {
    siteHost,
    projectId: "prj_1",
    projectName: "shop",
    deploymentId: "dpl_1",
    commit: "c".repeat(40),
    status: 200,
    marker: "marker-1",
    tellsCommit: true,
    bodyKind: "site",
    delayMs: 0,
    own: false,
    ...fields,
  };
}

/** A world with nothing in it, except what is given. */
export function world(parts: Partial<WebSources> = {}): WebSources & { readonly visits: [string, number][] } {
  const visits: [string, number][] = [];
  return {
    dns: dnsOf({}),
    delegated: () => false,
    liveAt: () => undefined,
    attached: () => false,
    visited: (host, bytes) => visits.push([host, bytes]),
    service: () => undefined,
    services: () => [],
    sites: () => [],
    counts: () => ({}),
    links: () => ({}),
    hostTree: "/nonexistent",
    visits,
    ...parts,
  };
}
