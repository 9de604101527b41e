import type { ServerResponse } from "node:http";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createSecureContext, type SecureContext } from "node:tls";
import { getRequestListener } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { createFaultController, type FaultController, listen, type NodeListener, type Served } from "../core/index.ts";
import { answer, hostOf } from "./answer.ts";
import type { WebSources } from "./sources.ts";
import { type Visited, weathered } from "./weather.ts";

/**
 * One HTTP server for every site's and service's host name, told apart by the Host header.
 *
 * @param port @default 0: any free one
 * @param faults Latency and faults of vendor `web`. @default none
 * @throws Error with code EADDRINUSE when the port is taken
 */
export async function serveWeb(sources: WebSources, port = 0, faults = createFaultController()): Promise<Served> {
  let bound = port;
  const visited = weathered((request) => answer(request, sources, bound), faults);
  const served = await listen(createServer(listenerOf(visited)), port, "127.0.0.1");
  bound = served.port;
  return served;
}

/** Signs certificates for host names. */
export interface Signer {
  issue(host: string): Promise<{ readonly key: string; readonly cert: string }>;
}

/**
 * The same over TLS, with a certificate for every name below a declared zone. It is made when the first visitor asks for
 * it, one for all names of a level: `*.qmoney.de`.
 *
 * @param zones Names that stand for themselves; the others share their parent's.
 */
export async function serveSecureWeb(
  sources: WebSources,
  signer: Signer,
  zones: readonly string[],
  port: number,
  faults: FaultController,
): Promise<Served> {
  const contexts = new Map<string, Promise<SecureContext>>();
  const contextFor = (host: string): Promise<SecureContext> => {
    const name = zones.includes(host) ? host : host.replace(/^[^.]+/, "*");
    let context = contexts.get(name);
    if (context === undefined) {
      context = signer.issue(name).then(createSecureContext);
      contexts.set(name, context);
    }
    return context;
  };
  const visited = weathered((request) => answer(request, sources, port), faults);
  const server = createTlsServer(
    {
      ALPNProtocols: ["http/1.1"],
      SNICallback: (name, done) => {
        contextFor(name.toLowerCase()).then(
          (context) => done(null, context),
          (error: Error) => done(error),
        );
      },
    },
    listenerOf(visited),
  );
  // A client that does not trust us, or leaves in the middle of the handshake, is no reason to fall over.
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return listen(server, port, "127.0.0.1");
}

/**
 * What answers on port 80: Vercel, and Cloudflare in front of a host, lead to https, a host of its own answers in clear.
 * https://vercel.com/docs/cdn-security: Vercel redirects with 308.
 */
export async function serveRedirects(sources: WebSources, port: number, faults: FaultController): Promise<Served> {
  const redirect = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const host = hostOf(request.headers.get("host") ?? url.host);
    const service = sources.service(host);
    if (service !== undefined && !service.proxied) return answer(request, sources, port);
    const location = `https://${host}${url.pathname}${url.search}`;
    const server = service === undefined ? "Vercel" : "cloudflare";
    return new Response(null, { status: service === undefined ? 308 : 301, headers: { location, server } });
  };
  return listen(createServer(listenerOf(weathered(redirect, faults))), port, "127.0.0.1");
}

function listenerOf(visited: Visited): NodeListener {
  const listener = getRequestListener(
    async (request, env) => {
      const outgoing = env.outgoing as ServerResponse;
      const response = await visited(request, () => outgoing.destroyed);
      if (response !== "drop") return response;
      // Destroying the socket, not the response: the client must see a reset, not an empty answer.
      outgoing.socket?.destroy();
      return RESPONSE_ALREADY_SENT;
    },
    { overrideGlobalObjects: false },
  );
  return (incoming, outgoing) => void listener(incoming, outgoing);
}
