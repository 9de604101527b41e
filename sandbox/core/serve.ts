import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { createPipeline, type PipelineParts } from "./pipeline.ts";
import type { Vendor } from "./vendor.ts";

/** Options of {@link serve}. */
export interface ServeOptions extends PipelineParts {
  /** @default 0: any free port */
  readonly port?: number;
  /** @default 127.0.0.1: the sandbox is never reachable from outside */
  readonly host?: string;
}

/** A vendor behind a port. */
export interface Served {
  readonly port: number;
  /** Base address without a trailing slash, `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly server: Server;
  /** Stops listening and cuts open connections. */
  close(): Promise<void>;
}

/** What node's `http` and `https` servers call for every request. */
export type NodeListener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/**
 * Puts a vendor behind a port, with log, latency, faults and limits in front of it.
 * @throws Error with code EADDRINUSE when the port is taken
 */
export async function serve(vendor: Vendor, options: ServeOptions = {}): Promise<Served> {
  const server = createServer(nodeListener(vendor, options));
  return listen(server, options.port ?? 0, options.host ?? "127.0.0.1");
}

/** The same pipeline as {@link serve} for a server that another module owns (the TLS proxy). */
export function nodeListener(vendor: Vendor, parts: PipelineParts = {}): NodeListener {
  const pipeline = createPipeline(vendor, parts);
  const listener = getRequestListener(
    async (request, env) => {
      const outgoing = env.outgoing as ServerResponse;
      const response = await pipeline(request, { closed: () => outgoing.destroyed });
      if (response !== "drop") return response;
      // Destroying the socket, not the response: the client must see a reset, not an empty answer.
      outgoing.socket?.destroy();
      return RESPONSE_ALREADY_SENT;
    },
    { overrideGlobalObjects: false },
  );
  return (incoming, outgoing) => void listener(incoming, outgoing);
}

/** Listens and answers with the port that was given; keep-alive outlives the pauses of a client's pool. */
export async function listen(server: Server, port: number, host: string): Promise<Served> {
  // Longer than the idle time of Go's (90 s) and undici's pools, or a reused connection meets a reset.
  server.keepAliveTimeout = 120_000;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `http://${host}:${bound}`,
    server,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
