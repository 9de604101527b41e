import type { Happened, History } from "../history.ts";
import { listIn } from "../inventory.ts";
import { objectOf, type Props, textOf } from "../live.ts";
import { scan } from "./scan.ts";

/** Events a page, and pages at most: what was done in a night is on a few. */
const PAGE = 100;
const PAGES = 20;

/** Who an event is of: `principal` has taken the place of `user` (docs/rest-api/user/list-user-events). Pure. */
function whoOf(event: Props): string {
  const one = objectOf(event, "principal") ?? objectOf(event, "user");
  return textOf(one, "email") ?? textOf(one, "username") ?? textOf(one, "slug") ?? textOf(event, "userId") ?? "unknown";
}

/** Texts in a payload that can name an object: ids, names, hosts; no further than two levels down. */
function namesIn(value: unknown, depth = 2): string[] {
  if (typeof value === "string") return value.length <= 253 ? [value] : [];
  if (typeof value !== "object" || value === null || depth === 0) return [];
  return Object.values(value).flatMap((one) => namesIn(one, depth - 1));
}

/** Vercel's list of what a team's members have done. */
export const history: History = {
  source: "Vercel's activity log, GET /v3/events",
  api: scan.api,
  async read(client, since) {
    const found: Happened[] = [];
    let until: string | undefined;
    for (let page = 0; page < PAGES; page++) {
      const query = { limit: String(PAGE), since: since.toISOString(), withPayload: "true" };
      const answer = await client.get("/v3/events", until === undefined ? query : { ...query, until });
      const events = listIn(answer, "events", { vendor: "vercel", what: "events", args: {} });
      for (const event of events) {
        const at = new Date(Number(event.createdAt ?? event.created)).toISOString();
        const text = textOf(event, "text") ?? "";
        found.push({ at, who: whoOf(event), what: textOf(event, "type") ?? text, about: namesIn(event.payload, 3) });
      }
      const oldest = found.at(-1)?.at;
      if (events.length < PAGE || oldest === undefined || oldest === until) break;
      until = oldest;
    }
    return found;
  },
};
