import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { environment, proxies } from "../../environment/index.ts";
import { VENDORS, vendorNamed } from "../../vendors/index.ts";
import { forwardCall, type GatewayFigures, type Upstream } from "./gateway-call.ts";
import type { Ledger } from "./ledger.ts";

/** Vendors whose providers give up after a few refusals. */
export const GATEWAY_VENDORS: readonly string[] = VENDORS.filter(({ api }) => api?.gateway).map(({ name }) => name);

/** Options of {@link startGateway}. */
export interface GatewayOptions {
  readonly ledger: Ledger;
  /** Where the vendors' addresses stand. @default that of the operation */
  readonly env?: NodeJS.ProcessEnv;
  /** @default {@link GATEWAY_VENDORS} */
  readonly vendors?: readonly string[];
  /** By vendor. @default that of each vendor's API */
  readonly patienceMs?: Readonly<Record<string, number>>;
  /** Told when calls to a vendor wait, at most once a minute for each limit. @param seconds undefined where it is not known */
  waiting?(vendor: string, key: string, seconds: number | undefined): void;
}

/** How often the same wait is told, ms. */
const TOLD_EVERY_MS = 60_000;

/** A running gateway. */
export interface Gateway {
  /** What provider processes are to be started with, e.g. `{ VERCEL_API_URL: "http://127.0.0.1:40123" }`. */
  readonly env: Readonly<Record<string, string>>;
  /** What has passed, by vendor. */
  figures(): Readonly<Record<string, Readonly<GatewayFigures>>>;
  /** Ends; calls on their way are cut. */
  close(): Promise<void>;
}

/**
 * A reverse proxy on loopback between the provider processes and the vendors' APIs: one listener a vendor. It counts
 * calls in the ledger, holds a call back while its limit is used up, and waits refusals out itself, so that providers,
 * which give up after a few, see none. It holds no credential and keeps nothing of a call but its limit.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { ledger, env = environment(), vendors = GATEWAY_VENDORS } = options;
  const { EnvHttpProxyAgent } = await import("undici");
  const agent = new EnvHttpProxyAgent({
    ...proxies(env),
    httpProxy: "",
    connections: 64,
    keepAliveTimeout: 30_000,
    headersTimeout: 300_000,
    bodyTimeout: 300_000,
  });
  const servers: Server[] = [];
  const figures: Record<string, GatewayFigures> = {};
  const leading: Record<string, string> = {};
  for (const vendor of vendors) {
    const api = vendorNamed(vendor)?.api;
    if (api === undefined) continue;
    const base = new URL(env[api.variable] || api.url);
    const counted: GatewayFigures = {
      calls: 0,
      counted: 0,
      delayed: 0,
      delayedMs: 0,
      absorbed: 0,
      refused: 0,
      failed: 0,
    };
    figures[vendor] = counted;
    const patienceMs = options.patienceMs?.[vendor] ?? api.patienceMs;
    const told = new Map<string, number>();
    const waiting = (key: string, seconds: number | undefined) => {
      if (performance.now() - (told.get(key) ?? Number.NEGATIVE_INFINITY) < TOLD_EVERY_MS) return;
      told.set(key, performance.now());
      options.waiting?.(vendor, key, seconds);
    };
    const { origin } = base;
    const upstream: Upstream = { vendor, api, origin, agent, ledger, patienceMs, figures: counted, waiting };
    const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) => {
      void forwardCall(upstream, request, response);
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
    servers.push(server);
    const { port } = server.address() as AddressInfo;
    leading[api.variable] = `http://127.0.0.1:${port}${base.pathname === "/" && !api.endsInSlash ? "" : base.pathname}`;
  }
  return {
    env: leading,
    figures: () => figures,
    async close() {
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
      await agent.destroy();
    },
  };
}
