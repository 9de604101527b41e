import { createHash } from "node:crypto";
import { readlinkSync } from "node:fs";
import { join } from "node:path";
import { readSecrets } from "../../sandbox/daemon/secrets.ts";
import { readSettings } from "../../sandbox/daemon/settings.ts";
import { sql } from "../../sandbox/databases/index.ts";
import { sandboxPaths } from "../../sandbox/machine/paths.ts";
import type { Estate } from "./estate.ts";

/** Repository of the sample's estate. */
export const REPOSITORY = "menschlichkeit-oesterreich/estate";

/** What Drupal keeps of itself: each `drush` of a deployment and of a way back writes it anew. */
const OWN = new Set(["cache_default", "key_value"]);

/** The live release of a service, on this machine. */
export function liveOf(estate: Estate, service: string): string {
  const root = join(sandboxPaths(estate.sandbox).host, "www/htdocs/w01234567");
  const path =
    service === "main" ? "menschlichkeit-oesterreich.at.sitefleet" : `subdomains/${service}/httpdocs.sitefleet`;
  const [, release = ""] = /releases\/([^/]+)/.exec(readlinkSync(join(root, path, "current"))) ?? [];
  return join(root, path, "releases", release);
}

function databaseOf(estate: Estate, service: string) {
  const engine = service === "idp" ? "postgresql" : "mariadb";
  const server = readSettings(sandboxPaths(estate.sandbox).settings).databases.find((one) => one.engine === engine);
  if (server === undefined) throw new Error(`${engine} does not run`);
  return { engine, server, database: `mo_${service}` };
}

/** A row in a table of its own, as a visitor would write one. */
export async function writeRow(estate: Estate, service: string): Promise<void> {
  const { server, database } = databaseOf(estate, service);
  await sql(server, "CREATE TABLE written_since (id INT); INSERT INTO written_since VALUES (1);", { database });
}

/** Issues of the estate's repository at the sandbox's GitHub. */
export async function issuesOf(
  estate: Estate,
): Promise<readonly { readonly number: number; readonly title: string; readonly body: string }[]> {
  const { githubToken } = readSecrets(sandboxPaths(estate.sandbox).secrets);
  const url = new URL(`/repos/${REPOSITORY}/issues?state=all`, estate.info.urls.github);
  const answer = await fetch(url, { headers: { authorization: `Bearer ${githubToken}` } });
  if (!answer.ok) throw new Error(`${url.pathname}: ${answer.status}`);
  return (await answer.json()) as { number: number; title: string; body: string }[];
}

/** A digest of all rows in the databases of services, mails aside. Tables without rows count for nothing. */
export async function contentOf(estate: Estate, services: readonly string[]): Promise<string> {
  const all = createHash("sha256");
  for (const service of services) {
    const { engine, server, database } = databaseOf(estate, service);
    const schema = engine === "mariadb" ? "DATABASE()" : "'public'";
    const tables = await sql(
      server,
      `SELECT table_name FROM information_schema.tables WHERE table_schema = ${schema} ORDER BY 1;`,
      { database },
    );
    for (const table of tables.split("\n").filter((name) => name !== "" && !OWN.has(name))) {
      const quoted = engine === "mariadb" ? `\`${table}\`` : `"${table}"`;
      const rows = (await sql(server, `SELECT * FROM ${quoted};`, { database }))
        .split("\n")
        .filter((row) => row !== "");
      if (rows.length > 0) all.update(JSON.stringify([database, table, rows.sort()]));
    }
  }
  return all.digest("hex");
}
