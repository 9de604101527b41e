import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { type Code, SitefleetError } from "../../errors/index.ts";

/** Names under which this machine may ask itself. */
const LOCAL: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** A token for one start of a server. */
export const newToken = (): string => randomBytes(32).toString("base64url");

const json = (status: number, error: string, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify({ error }), { status, headers: { "content-type": "application/json", ...headers } });

/**
 * Refuses what no program of this machine would send: another name in Host (a page of a browser that reaches this server under a name
 * of its own), or the Origin of another page. Undefined: it may go on. Pure.
 *
 * @param origins `local`: pages of any port of this machine may ask; `own`: only this server's own page
 */
export function refuseForeign(request: Request, origins: "local" | "own"): Response | undefined {
  const host = request.headers.get("host") ?? "";
  const hostname = URL.parse(`http://${host}`)?.hostname ?? "";
  if (!LOCAL.has(hostname)) return json(403, "this server answers only under a name of its own machine");
  const origin = request.headers.get("origin");
  if (origin === null) return undefined;
  const from = URL.parse(origin);
  const fits = origins === "own" ? from?.host === host && from.protocol === "http:" : LOCAL.has(from?.hostname ?? "");
  return fits ? undefined : json(403, "pages of another origin are not answered");
}

/** Refuses what lacks the token. The comparison takes the same time whatever was sent. Pure. */
export function refuseWithoutToken(request: Request, token: string): Response | undefined {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const said = request.headers.get("authorization") ?? "";
  if (timingSafeEqual(digest(said), digest(`Bearer ${token}`))) return undefined;
  return json(401, "the token that was printed at the start is missing", { "www-authenticate": "Bearer" });
}

/** A server on this machine's own address. */
export interface LocalServer {
  readonly port: number;
  /** Takes no more connections, waits for what is to be done at the end, and cuts those that are still open. */
  close(last?: () => Promise<void>): Promise<void>;
}

/**
 * Puts a handler on a port of this machine's own address.
 *
 * @param port 0: a free one
 * @param code of the error when the port cannot be used
 */
export async function serveLocally(
  fetch: (request: Request) => Response | Promise<Response>,
  port: number,
  code: Code,
): Promise<LocalServer> {
  const { serve } = await import("@hono/node-server");
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = serve({ fetch, hostname: "127.0.0.1", port }, (info) => resolve(info.port));
  server.once("error", (cause: Error) => {
    const hint = "name another port, or none: a free one is taken";
    const message = `the port cannot be used: ${cause.message}`;
    reject(new SitefleetError({ code, message, subject: String(port), hint, cause }));
  });
  const at = await promise;
  return {
    port: at,
    async close(last) {
      const closed = new Promise<void>((done) => void server.close(() => done()));
      await last?.();
      // A client that neither ends its request nor goes would hold the server up.
      if ("closeAllConnections" in server) server.closeAllConnections();
      await closed;
    },
  };
}
