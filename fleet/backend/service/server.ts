import { randomUUID, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { gunzip as gunzipCallback } from "node:zlib";
import { SitefleetError } from "../../../errors/index.ts";
import { KEEPER_HEADER } from "../secrets/keeper.ts";

const gunzip = promisify(gunzipCallback);

/** A request of the engine: what its route names, and its body. */
export interface EngineRequest {
  /** What the route's groups caught, e.g. a stack's name. */
  readonly names: readonly string[];
  /** Parsed JSON; undefined where there is none. */
  readonly body: unknown;
  /** What the engine says that it is, e.g. `pulumi-cli/1 (v3.276.0; linux)`. */
  readonly agent: string;
}

/** What answers one kind of request. Undefined: there is nothing there. */
export interface Route {
  readonly method: string;
  readonly path: RegExp;
  /** What is sent matters to the service not at all, and is not read. @default it is read */
  readonly unread?: boolean;
  readonly answer: (request: EngineRequest) => unknown;
}

/** A server on this machine's loopback for one engine. */
export interface LoopbackServer {
  readonly url: string;
  /** What the engine must name with each request. */
  readonly token: string;
  close(): Promise<void>;
}

/**
 * Serves routes on a free port of the loopback, to who has the token. Node's own server without a library: ten routes, and each runner
 * loads it before its first stack.
 *
 * @param failed told of what a route has thrown; the engine gets it as an answer 500
 */
export async function serveLoopback(
  routes: readonly Route[],
  failed: (error: unknown) => void,
): Promise<LoopbackServer> {
  const token = randomUUID();
  const server = createServer((request, response) => {
    answer(routes, token, request).then(
      ({ status, body }) => send(response, status, body),
      (error: unknown) => {
        // An engine that was killed in the middle of a request says nothing about the service.
        if (!request.complete) return;
        failed(error);
        // 400 is final for the engine; it tries again after a 500.
        const status = error instanceof SitefleetError ? 400 : 500;
        send(response, status, { code: status, message: error instanceof Error ? error.message : String(error) });
      },
    );
  });
  // An engine keeps its connections open between requests.
  server.keepAliveTimeout = 300_000;
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, token, close: () => closed(server) };
}

async function answer(routes: readonly Route[], token: string, request: IncomingMessage) {
  const { pathname } = new URL(request.url ?? "/", "http://loopback");
  const { authorization, [KEEPER_HEADER]: keeper } = request.headers;
  if (!isOurs(authorization?.split(" ")[1] ?? keeper, token))
    return { status: 401, body: { code: 401, message: "not logged in" } };
  for (const route of routes) {
    const match = route.method === request.method && route.path.exec(pathname);
    if (!match) continue;
    if (route.unread) request.resume();
    const read = route.unread ? undefined : await bodyOf(request);
    const agent = request.headers["user-agent"] ?? "";
    const body = await route.answer({ names: match.slice(1), body: read, agent });
    if (body !== undefined) return { status: 200, body };
  }
  request.resume();
  return { status: 404, body: { code: 404, message: `not found: ${request.method} ${pathname}` } };
}

/** The engine says `token …` for itself and `update-token …` for an update, and a vault's token by itself. */
function isOurs(said: string | string[] | undefined, token: string): boolean {
  const given = Buffer.from(String(said ?? ""));
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const raw = Buffer.concat(parts);
  if (raw.length === 0) return undefined;
  return JSON.parse((request.headers["content-encoding"] === "gzip" ? await gunzip(raw) : raw).toString("utf8"));
}

function send(response: ServerResponse, status: number, body: unknown): void {
  // The engine may be gone: killed, or at its end.
  response.on("error", () => {});
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

const closed = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
