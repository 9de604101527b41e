import { createServer } from "node:http";
import { SitefleetError } from "../errors/index.ts";

/** Where a page of metrics is served. */
export interface Listen {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** Names under which a server of this machine alone is asked: a page of a browser cannot reach it under another one. */
const OWN_NAMES = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

/** Reads `9464`, `127.0.0.1:9464` or `[::1]:9464`. @throws SitefleetError `usage` */
export function readListen(text: string): Listen {
  const [, host = "127.0.0.1", port] = /^(?:(\[[0-9a-fA-F:.]+\]|[^:\s[\]]+):)?(\d{1,5})$/.exec(text) ?? [];
  if (port !== undefined && Number(port) <= 65_535) return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
  throw new SitefleetError({ code: "usage", message: `--listen takes [host:]port like 9464, not ${text}` });
}

/** A server of `/metrics` that is on. */
export interface MetricsServer {
  readonly url: string;
  /** What is served from now on. */
  show(text: string): void;
  close(): void;
}

/**
 * Serves the last text at `/metrics`, and nothing else; it takes no input and changes nothing. Until there is a text it answers 503.
 *
 * @throws SitefleetError `metrics.listen`
 */
export async function serveMetrics({ host, port }: Listen): Promise<MetricsServer> {
  let text: string | undefined;
  const server = createServer((request, response) => {
    const answer = (status: number, body: string, type = "text/plain; charset=utf-8") =>
      response.writeHead(status, { "content-type": type, "x-content-type-options": "nosniff" }).end(body);
    if (LOOPBACK.has(host) && !OWN_NAMES.test(request.headers.host ?? "")) return answer(403, "another host's name\n");
    if (request.method !== "GET" && request.method !== "HEAD") return answer(405, "GET only\n");
    if (request.url?.split("?")[0] !== "/metrics") return answer(404, "only /metrics is here\n");
    if (text === undefined) return answer(503, "the first measurement is not done\n");
    return answer(200, text, "text/plain; version=0.0.4; charset=utf-8");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  }).catch((error: Error) => {
    throw new SitefleetError({
      code: "metrics.listen",
      message: `this address cannot be listened on: ${error.message}`,
      subject: `${host}:${port}`,
      hint: "another port, or an address of this machine",
      cause: error,
    });
  });
  const address = server.address();
  const taken = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${taken}/metrics`,
    show(next) {
      text = next;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
