import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { Hono } from "hono";
import { z } from "zod";
import type { SiteDetail } from "../../fleet/overview/index.ts";
import { type Failure, failureOf } from "../../operations/kit/failure.ts";
import { refuseForeign, refuseWithoutToken } from "../../operations/kit/loopback.ts";
import type { Asset } from "./assets.ts";
import type { Feed } from "./feed.ts";
import { streamOf } from "./stream.ts";

/** Pages that look at once; each is a connection and a share of the machine. */
const MOST_PAGES = 32;
/** Characters of a request's body. */
const LARGEST = 1000;
const packed = promisify(gzip);

/** What the page may ask for beside looking. */
interface Actions {
  /** The rollout waits before its next step. */
  pause(): Promise<void>;
  /** It ends, and what it has brought goes back. @param keep leave what it has brought */
  abort(keep: boolean): Promise<void>;
}

/** What the server is made of. */
export interface AppOptions {
  readonly token: string;
  readonly feed: Feed;
  readonly actions: Actions;
  readonly detail: (host: string) => Promise<SiteDetail | undefined>;
  /** By path, with a slash at its beginning. */
  readonly assets: ReadonlyMap<string, Asset>;
}

/** Nothing from elsewhere, nothing inline, in no frame; no address of this page goes anywhere. */
const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** The routes. The page itself holds nothing of the estate; all that does wants the token. There are two writes: pause and abort. */
export function dashboardApp({ token, feed, actions, detail, assets }: AppOptions): Hono {
  const app = new Hono();
  let pages = 0;
  app.use(async (c, next) => {
    const refused = refuseForeign(c.req.raw, "own");
    if (refused) c.res = refused;
    else await next();
    for (const [name, value] of Object.entries(HEADERS)) c.res.headers.set(name, value);
  });
  app.use("/api/*", async (c, next) => refuseWithoutToken(c.req.raw, token) ?? next());
  app.onError((error, c) => c.json(failureOf(error), 500));
  app.get("/api/overview", async (c) => {
    const text = JSON.stringify(await feed.picture());
    const type = { "content-type": "application/json; charset=utf-8", vary: "accept-encoding" };
    if (!/\bgzip\b/.test(c.req.header("accept-encoding") ?? "")) return c.body(text, 200, type);
    return c.body(new Uint8Array(await packed(text)), 200, { ...type, "content-encoding": "gzip" });
  });
  app.get("/api/events", (c) => {
    if (pages >= MOST_PAGES) return c.json({ code: "dashboard.pages", message: "too many pages are open" }, 503);
    pages++;
    return streamOf(feed, c.req.query("after") ?? "", () => pages--);
  });
  app.get("/api/site", async (c) => {
    const found = await detail((c.req.query("host") ?? "").slice(0, 300));
    return c.json(found ?? { known: false, why: "no site was named" });
  });
  const act = async (work: () => Promise<void>): Promise<{ readonly failure?: Failure }> => {
    try {
      await work();
      return {};
    } catch (error) {
      return { failure: failureOf(error) };
    } finally {
      // The page sees it at once.
      void feed.look().catch(() => {});
    }
  };
  app.post("/api/pause", async (c) => {
    const { failure } = await act(() => actions.pause());
    return failure ? c.json(failure, 409) : c.json({ ok: true });
  });
  app.post("/api/abort", async (c) => {
    const text = await c.req.text();
    const body = text.length > LARGEST ? undefined : z.strictObject({ keep: z.boolean() }).safeParse(parsed(text));
    if (!body?.success) return c.json({ code: "usage", message: 'abort takes {"keep": true or false}' }, 400);
    const { failure } = await act(() => actions.abort(body.data.keep));
    return failure ? c.json(failure, 409) : c.json({ ok: true });
  });
  app.get("*", (c) => {
    const asset = assets.get(c.req.path);
    if (asset === undefined) return c.text("not found", 404);
    return c.body(asset.text, 200, { "content-type": asset.type });
  });
  return app;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
