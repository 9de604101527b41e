import type { Happened, History } from "../history.ts";
import { listIn } from "../inventory.ts";
import { objectOf, part, textOf } from "../live.ts";
import { scan } from "./scan.ts";

/** Entries a page; the API's largest is 1000 ("List Audit Logs"). */
const PAGE = 1000;
const PAGES = 5;

/** Texts of an entry that can name an object. */
function namesIn(value: unknown): string[] {
  if (typeof value === "string") return value.length <= 253 ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).filter((one): one is string => typeof one === "string" && one.length <= 253);
}

/** Cloudflare's audit logs of all accounts that the token sees. */
export const history: History = {
  source: "Cloudflare's audit logs, GET /accounts/:account/audit_logs",
  api: scan.api,
  async read(client, since) {
    const task = (what: string) => ({ vendor: "cloudflare", what, args: {} });
    const accounts = listIn(await client.get("/accounts", { per_page: "50" }), "result", task("accounts"));
    const found: Happened[] = [];
    for (const id of accounts.flatMap((one) => textOf(one, "id") ?? [])) {
      for (let page = 1; page <= PAGES; page++) {
        const query = { since: since.toISOString(), direction: "desc", per_page: String(PAGE), page: String(page) };
        const entries = listIn(
          await client.get(`/accounts/${part(id)}/audit_logs`, query),
          "result",
          task("audit logs"),
        );
        for (const entry of entries) {
          const actor = objectOf(entry, "actor");
          const resource = objectOf(entry, "resource");
          found.push({
            at: textOf(entry, "when") ?? "",
            who: textOf(actor, "email") ?? textOf(actor, "type") ?? "unknown",
            what: `${textOf(objectOf(entry, "action"), "type") ?? "change"} ${textOf(resource, "type") ?? ""}`.trim(),
            about: [
              textOf(resource, "id") ?? "",
              ...namesIn(entry.metadata),
              ...namesIn(entry.newValueJson),
              ...namesIn(entry.oldValueJson),
            ].filter((one) => one !== ""),
          });
        }
        if (entries.length < PAGE) break;
      }
    }
    return found.sort((a, b) => (a.at < b.at ? 1 : -1));
  },
};
