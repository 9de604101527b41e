/**
 * HTTPS proxy for real provider plugins. The Vercel provider has no base URL, so `HTTPS_PROXY` leads it here and
 * `SSL_CERT_FILE` makes it trust certificates of a throw-away authority; TLS ends here and the sandbox's Vercel answers.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { createSecureContext, type SecureContext } from "node:tls";
import { listen, type NodeListener, type Served } from "../core/index.ts";
import { loadAuthority } from "./authority.ts";
import { decide, isLoopback, VERCEL_HOSTS } from "./target.ts";

export { loadAuthority } from "./authority.ts";

/** Options of {@link startProxy}. */
export interface ProxyOptions {
  /** Answers requests to the proxied hosts: `nodeListener(vercel, { log, faults })`, which sees the host in the address. */
  readonly listener: NodeListener;
  /** Directory for the authority's certificate and key. */
  readonly dir: string;
  /** Hosts to answer for. @default {@link VERCEL_HOSTS} */
  readonly hosts?: readonly string[];
  /** @default 0: any free port */
  readonly port?: number;
  /** Told of every host that was refused. */
  readonly onRefused?: (host: string) => void;
}

/** A running proxy. */
export interface SandboxProxy extends Served {
  /** For SSL_CERT_FILE. */
  readonly caFile: string;
}

/** Starts the proxy on 127.0.0.1. @throws Error with code EADDRINUSE when the port is taken */
export async function startProxy(options: ProxyOptions): Promise<SandboxProxy> {
  const hosts = options.hosts ?? VERCEL_HOSTS;
  const authority = await loadAuthority(options.dir, hosts);
  const contexts = new Map<string, SecureContext>();
  for (const host of hosts) contexts.set(host, createSecureContext(await authority.issue(host)));

  // Never listens: sockets of tunnels are handed to it. HTTP/1.1 only, as the sandbox's vendors speak.
  const tls = createTlsServer(
    {
      ALPNProtocols: ["http/1.1"],
      SNICallback: (name, done) => {
        const context = contexts.get(name.toLowerCase());
        done(context === undefined ? new Error(`no certificate for ${name}`) : null, context);
      },
    },
    options.listener,
  );
  tls.keepAliveTimeout = 120_000;
  tls.requestTimeout = 0;
  // A client that does not trust us, or leaves in the middle of the handshake, is no reason to fall over.
  tls.on("tlsClientError", (_error, socket) => socket.destroy());

  const open = new Set<Duplex>();
  const refused = (host: string): void => options.onRefused?.(host);
  const server = createServer((incoming, outgoing) => forward(incoming, outgoing, refused));
  server.on("connect", (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    const decision = decide(incoming.url ?? "", hosts);
    if (decision.kind === "refuse") {
      refused(decision.host);
      const text = `The sandbox's proxy does not lead to ${decision.host.slice(0, 253)}.\n`;
      socket.end(
        `HTTP/1.1 403 Forbidden\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
      );
      return;
    }
    if (decision.kind === "terminate") {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      if (head.length > 0) socket.unshift(head);
      tls.emit("connection", socket);
      return;
    }
    tunnel(decision.host, decision.port, socket, head);
  });

  const served = await listen(server, options.port ?? 0, "127.0.0.1");
  return {
    ...served,
    caFile: authority.caFile,
    async close() {
      for (const socket of open) socket.destroy();
      await served.close();
    },
  };
}

function tunnel(host: string, port: number, socket: Duplex, head: Buffer): void {
  const upstream = connect(port, host, () => {
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    if (head.length > 0) upstream.write(head);
    upstream.pipe(socket);
    socket.pipe(upstream);
  });
  upstream.on("error", () => {
    // Before the tunnel stands this is the answer to CONNECT; afterwards the text would be taken for data.
    if (upstream.connecting || upstream.bytesRead === 0)
      socket.end("HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n");
    else socket.destroy();
  });
  upstream.on("close", () => socket.destroy());
  socket.on("close", () => upstream.destroy());
}

/** Plain HTTP through the proxy: loopback only. */
function forward(incoming: IncomingMessage, outgoing: ServerResponse, refused: (host: string) => void): void {
  const url = URL.canParse(incoming.url ?? "") ? new URL(incoming.url ?? "") : undefined;
  const host = url?.hostname.replace(/^\[|\]$/g, "") ?? "";
  if (url?.protocol !== "http:" || !isLoopback(host)) {
    if (host !== "") refused(host);
    outgoing.writeHead(403, { "content-type": "text/plain" }).end("The sandbox's proxy leads to the sandbox only.\n");
    return;
  }
  const { "proxy-connection": _, "proxy-authorization": __, ...headers } = incoming.headers;
  const upstream = request(url, { method: incoming.method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  upstream.on("error", () => {
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(502).end();
  });
  incoming.pipe(upstream);
}
