import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { EnvHttpProxyAgent } from "undici";
import { forwardCall, type GatewayFigures, type Upstream } from "./gateway-call.ts";
import type { Ledger } from "./ledger.ts";
import type { BudgetVendor } from "./spec.ts";

/** Which environment variable leads each vendor's provider to its API, and where that is when nothing is said. */
const ADDRESSES: Readonly<Record<BudgetVendor, { readonly variable: string; readonly url: string }>> = {
  vercel: { variable: "VERCEL_API_URL", url: "https://api.vercel.com" },
  cloudflare: { variable: "CLOUDFLARE_BASE_URL", url: "https://api.cloudflare.com/client/v4" },
  github: { variable: "GITHUB_BASE_URL", url: "https://api.github.com/" },
};

/**
 * The longest that a call is kept waiting by the gateway, machine's ms: 60 s below the Vercel client's time-out of 5
 * minutes (client/client.go); cloudflare-go and go-github have none, and the stand-ins' is 60 s.
 */
export const PATIENCE_MS: Readonly<Record<BudgetVendor, number>> = {
  vercel: 240_000,
  cloudflare: 45_000,
  github: 45_000,
};

/**
 * Vendors whose providers give up after a few refusals. GitHub's waits limits out as often as it takes and spaces its
 * writes (github/transport.go); besides, its SDK keeps the base URL in the state, where a changing port is a difference.
 */
export const GATEWAY_VENDORS: readonly BudgetVendor[] = ["vercel", "cloudflare"];

/** Options of {@link startGateway}. */
export interface GatewayOptions {
  readonly ledger: Ledger;
  /** Where the vendors' addresses stand. @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** @default {@link GATEWAY_VENDORS} */
  readonly vendors?: readonly BudgetVendor[];
  /** See {@link PATIENCE_MS}. */
  readonly patienceMs?: Partial<Record<BudgetVendor, number>>;
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
  const { ledger, env = process.env, vendors = GATEWAY_VENDORS } = options;
  const agent = new EnvHttpProxyAgent({
    httpProxy: "",
    ...(env.HTTPS_PROXY ? { httpsProxy: env.HTTPS_PROXY } : {}),
    connections: 64,
    keepAliveTimeout: 30_000,
    headersTimeout: 300_000,
    bodyTimeout: 300_000,
  });
  const servers: Server[] = [];
  const figures: Record<string, GatewayFigures> = {};
  const leading: Record<string, string> = {};
  for (const vendor of vendors) {
    const { variable, url } = ADDRESSES[vendor];
    const base = new URL(env[variable] || url);
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
    const patienceMs = options.patienceMs?.[vendor] ?? PATIENCE_MS[vendor];
    const told = new Map<string, number>();
    const waiting = (key: string, seconds: number | undefined) => {
      if (performance.now() - (told.get(key) ?? Number.NEGATIVE_INFINITY) < TOLD_EVERY_MS) return;
      told.set(key, performance.now());
      options.waiting?.(vendor, key, seconds);
    };
    const upstream: Upstream = { vendor, origin: base.origin, agent, ledger, patienceMs, figures: counted, waiting };
    const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) => {
      void forwardCall(upstream, request, response);
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
    servers.push(server);
    const { port } = server.address() as AddressInfo;
    leading[variable] = `http://127.0.0.1:${port}${base.pathname === "/" && vendor !== "github" ? "" : base.pathname}`;
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
