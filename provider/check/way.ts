import { readFileSync } from "node:fs";
import { createSecureContext, rootCertificates } from "node:tls";
import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent } from "undici";

/** Where visits of `https` addresses go in place of what DNS says. */
export interface Detour {
  readonly host: string;
  /** @default 443 */
  readonly port: string;
  /** Spoken in clear there. */
  readonly clear: boolean;
}

/**
 * Reads SITEFLEET_RESOLVE: `host`, `host:port`, `http://host:port` (in clear), or `PORT=host:port,…` by the port that is asked
 * for, of which 443 counts here. Undefined: as DNS says. Pure.
 */
export function detourOf(text: string | undefined): Detour | undefined {
  for (const part of (text ?? "").split(",")) {
    const [, asked, scheme, host, port] =
      /^\s*(?:(\d+)=)?(https?:\/\/)?(\[[^\]]+\]|[^:/\s]+)(?::(\d+))?\/?\s*$/.exec(part) ?? [];
    if (host === undefined || (asked !== undefined && asked !== "443")) continue;
    return { host: host.replace(/^\[|\]$/g, ""), port: port ?? "443", clear: scheme === "http://" };
  }
  return undefined;
}

const known = new Map<string, Dispatcher>();

/** How `https` hosts are reached: by SITEFLEET_RESOLVE and SITEFLEET_CA_FILE where they are set, else as usual, proxies included. */
export function dispatcherOf(env: NodeJS.ProcessEnv = process.env): Dispatcher {
  const { SITEFLEET_RESOLVE: resolve, SITEFLEET_CA_FILE: caFile } = env;
  const key = `${resolve ?? ""} ${caFile ?? ""}`;
  const made = known.get(key) ?? make(detourOf(resolve), caFile);
  known.set(key, made);
  return made;
}

function make(detour: Detour | undefined, caFile: string | undefined): Dispatcher {
  // One context for all connections: each would read all certificates anew, which is most of a visit's work.
  const secureContext = createSecureContext(caFile ? { ca: [...rootCertificates, readFileSync(caFile, "utf8")] } : {});
  const trust = { secureContext, maxCachedSessions: 0 };
  if (detour === undefined) return new EnvHttpProxyAgent({ connect: trust });
  const connector = buildConnector({ ...trust, allowH2: false });
  return new Agent({
    connect: (options, callback) => {
      const place = { hostname: detour.host, port: detour.port };
      connector({ ...options, ...place, ...(detour.clear ? { protocol: "http:" } : {}) }, callback);
    },
  });
}
