import { listIn, nextPage, type Scanner, type ScanPage, type ScanTask, type Seen } from "../inventory.ts";
import { fields, part, textOf } from "../live.ts";
import { readOptions } from "./live.ts";

const VENDOR = "github";
/** GitHub's largest page ("Using pagination in the REST API"). */
const PAGE = 100;

const task = (what: string, args: ScanTask["args"]): ScanTask => ({ vendor: VENDOR, what, args });

const totalOf = (answer: unknown, listed: number): number => {
  const total = fields(answer).total_count;
  return typeof total === "number" ? total : listed;
};

/** Reads the environment that jobs get their secrets from, and the names of its secrets: GitHub shows no value. */
export const scan: Scanner = {
  api: ({ env }) => readOptions(env),
  begin: ({ secrets }) => [task("environments", { repository: secrets.repository })],
  async read(page, client): Promise<ScanPage> {
    const { repository = "", environment = "", page: number = "1" } = page.args;
    const [owner = "", name = ""] = repository.split("/");
    const base = `/repos/${part(owner)}/${part(name)}/environments`;
    const query = { per_page: String(PAGE), page: number };
    if (page.what === "environments") {
      const answer = await client.get(base, query);
      if (answer === undefined) return { seen: [], next: [] };
      const seen = listIn(answer, "environments", page).map((raw): Seen => {
        const found = textOf(raw, "name") ?? "";
        return { vendor: VENDOR, role: "environment", id: `${name}:${found}`, name: found, of: repository, facts: {} };
      });
      const parts = seen.map((one) => task("secrets", { repository, environment: one.name }));
      return { seen, next: [...nextPage(page, totalOf(answer, seen.length), PAGE), ...parts] };
    }
    const answer = await client.get(`${base}/${part(environment)}/secrets`, query);
    if (answer === undefined) return { seen: [], next: [] };
    const of = `${name}:${environment}`;
    const seen = listIn(answer, "secrets", page).map((raw): Seen => {
      const found = textOf(raw, "name") ?? "";
      return { vendor: VENDOR, role: "secret", id: `${of}:${found}`, name: found, of, facts: {} };
    });
    return { seen, next: nextPage(page, totalOf(answer, seen.length), PAGE) };
  },
};
