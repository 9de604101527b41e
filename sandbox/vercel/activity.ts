import type { Hono } from "hono";
import { type Api, type Env, json, route } from "./api.ts";
import { newId } from "./ids.ts";

/** Events that are kept, newest last; they are not part of what a sandbox saves. */
const KEPT = 5000;
/** Events a page where none is asked for, and the largest page. */
const PAGE = { usual: 20, most: 100 };

/** The list of what an account's members have done (vercel.com/docs/rest-api/user/list-user-events). */
export class Activity {
  readonly #events: { readonly type: string; readonly at: number; readonly payload: object }[] = [];

  /** Notes a change. Its type is the sandbox's own word for it. */
  note(type: string, at: number, payload: object): void {
    this.#events.push({ type, at, payload });
    if (this.#events.length > KEPT) this.#events.shift();
  }

  /** Events between two times, newest first. */
  between(since: number, until: number, limit: number) {
    const found = this.#events.filter(({ at }) => at >= since && at < until).reverse();
    return found.slice(0, limit);
  }
}

/** `GET /v3/events`. */
export function activityRoutes(app: Hono<Env>, api: Api, activity: Activity): void {
  route(app, "get", [3], "/events", (call) => {
    const time = (name: string, fallback: number) => {
      const text = call.req.query(name);
      const ms = text === undefined ? Number.NaN : Number.isNaN(Number(text)) ? Date.parse(text) : Number(text);
      return Number.isNaN(ms) ? fallback : ms;
    };
    const limit = Math.min(PAGE.most, Math.max(1, Number(call.req.query("limit")) || PAGE.usual));
    const types = call.req.query("types")?.split(",");
    const found = activity.between(time("since", 0), time("until", Number.POSITIVE_INFINITY), limit);
    const { id, slug } = api.user;
    const user = { uid: id, username: slug, email: `${slug}@example.com`, slug };
    const events = found
      .filter(({ type }) => types === undefined || types.includes(type))
      .map(({ type, at, payload }) => ({
        id: newId("uev"),
        type,
        text: `${slug} did ${type}`,
        entities: [],
        createdAt: at,
        user,
        userId: id,
        principal: { type: "user", ...user },
        principalId: id,
        ...(call.req.query("withPayload") === "true" ? { payload } : {}),
      }));
    return json(call, { events });
  });
}
