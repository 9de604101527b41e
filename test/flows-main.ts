/**
 * `npm run flows`: the seven user flows on a sandbox of their own, and that they leave no row behind. `--broken` breaks each function once
 * and says which flow has found it; `--take-back` deploys a release whose donation is broken; `--looks` changes a headline and a masked text.
 */
import { createHash } from "node:crypto";
import { cpSync, existsSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readSettings } from "../sandbox/daemon/settings.ts";
import { sql } from "../sandbox/databases/index.ts";
import { sandboxPaths } from "../sandbox/machine/paths.ts";
import { PROJECT_ROOT } from "../stacks/root.ts";
import { Estate, type Ran } from "./support/estate.ts";

/** Services that flows write to, by the function that their `application.json` can break. */
const BREAKS = {
  registration: "idp",
  login: "idp",
  donation: "crm",
  achievement: "games",
  support: "support",
  newsletter: "newsletter",
  consent: "consent",
} as const;
const SERVICES = [...new Set(Object.values(BREAKS))];

/** What Drupal keeps of itself: each `drush` of a deployment and of a way back writes it anew. */
const OWN = new Set(["cache_default", "key_value"]);

const estate = new Estate([{ name: "quiz" }]);
cpSync(join(PROJECT_ROOT, "catalog/flows.yaml"), join(estate.catalog, "flows.yaml"));
let wrong = 0;
const say = (text: string): void => console.log(text);
const check = (what: string, ok: boolean): void => {
  if (!ok) wrong++;
  say(`${ok ? "ok    " : "WRONG "} ${what}`);
};

try {
  await estate.start();
  say("deploying the services");
  const up = await estate.sitefleet("up", "--stack", "prod", "--stack", "prod-plesk", "--yes");
  if (up.code !== 0) throw new Error(up.stderr.slice(-2000));
  const before = await digest();
  const started = Date.now();
  const { document, code } = await flows();
  const seconds = (Date.now() - started) / 1000;
  for (const { flow, state, reason } of document.results) say(`       ${flow}: ${state} ${reason}`);
  check(
    `seven flows pass in ${seconds.toFixed(1)} s`,
    code === 0 && document.failed === 0 && document.results.length === 7,
  );
  check("no row is left: the databases are as before", (await digest()) === before);
  if (process.argv.includes("--broken")) await broken();
  if (process.argv.includes("--looks")) await looks();
  if (process.argv.includes("--take-back")) await takeBack();
} finally {
  await estate.remove();
}
process.exitCode = wrong === 0 ? 0 : 1;

interface Document {
  readonly failed: number;
  readonly sentence: string;
  readonly results: readonly {
    readonly flow: string;
    readonly state: string;
    readonly reason: string;
    readonly tries: readonly { readonly evidence: readonly string[] }[];
  }[];
}

async function flows(): Promise<{ document: Document; code: number | null }> {
  const { stdout, stderr, code } = await estate.sitefleet("flows", "run", "--json");
  if (!stdout.startsWith("{")) throw new Error(stderr);
  return { document: JSON.parse(stdout) as Document, code };
}

/** Breaks each function in the live release, as a release that is wrong would have it. */
async function broken(): Promise<void> {
  estate.edit("flows.yaml", (text) =>
    text.replace("repeats: 1", "repeats: 0").replace("stepSeconds: 10", "stepSeconds: 5"),
  );
  for (const [flow, service] of Object.entries(BREAKS)) {
    const file = join(liveOf(service), "application.json");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, JSON.stringify({ application: service, broken: [flow] }));
    const { document } = await flows();
    writeFileSync(file, text);
    const failing = document.results.filter(({ state }) => state === "fail");
    const files = failing.flatMap(({ tries }) => tries.flatMap(({ evidence }) => evidence));
    const found =
      failing.length === 1 &&
      failing[0]?.flow === flow &&
      files.some((path) => path.endsWith(".png") && existsSync(path));
    check(`${flow} broken: ${document.sentence}; ${failing[0]?.reason ?? ""}`, found);
  }
}

/** A headline that changes is a difference; what changes below a mask is none. */
async function looks(): Promise<void> {
  await estate.sitefleet("flows", "visual", "--page", "home", "--accept");
  const file = join(liveOf("main"), "index.php");
  const text = readFileSync(file, "utf8");
  const look = (): Promise<Ran> => estate.sitefleet("flows", "visual", "--page", "home", "--json");
  writeFileSync(file, text.replace("<?= htmlspecialchars($release) ?>", "<?= strrev($release) ?>"));
  check("a change below a mask is no difference", (await look()).code === 0);
  writeFileSync(file, text.replace("<h1>", "<h1>New "));
  const { code, stdout } = await look();
  writeFileSync(file, text);
  const pages = (
    JSON.parse(stdout) as {
      pages: { page: string; size: string; state: string; percent: number; evidence: string[] }[];
    }
  ).pages;
  for (const { page, size, state, percent, evidence } of pages)
    say(`       ${page} ${size}: ${state}, ${percent?.toFixed(2)} %, ${evidence.length} pictures`);
  check(
    "a changed headline differs, with its picture",
    code === 1 && pages.every(({ evidence }) => evidence.every((path) => existsSync(path))),
  );
}

/** One of seven is 14 %: the release goes back, and the database is as before. */
async function takeBack(): Promise<void> {
  const artifact = join(estate.catalog, "sample/artifacts/crm/application.json");
  writeFileSync(artifact, JSON.stringify({ application: "crm", broken: ["donation"] }));
  const before = [await digest(), liveOf("crm")];
  const { code, stdout, stderr } = await estate.sitefleet("plesk", "deploy", "--service", "crm", "--yes", "--json");
  const proof = (
    JSON.parse(stdout || "{}") as { proof?: { reason: string; takenBack: { ok: boolean; what: string } | null } }
  ).proof;
  if (proof === undefined) throw new Error(stderr.slice(-2000));
  say(`       ${proof.takenBack?.what}`);
  check(`the release goes back: ${proof.reason}`, code === 1 && proof.takenBack?.ok === true);
  check("the same release and the same database as before", [await digest(), liveOf("crm")].join() === before.join());
  const { incidents } = JSON.parse((await estate.sitefleet("incident", "list", "--json")).stdout) as {
    incidents: { rule: string }[];
  };
  check("one incident", incidents.length === 1 && incidents[0]?.rule === "taken-back");
}

/** The live release of a service, on this machine. */
function liveOf(service: string): string {
  const root = join(sandboxPaths(estate.sandbox).host, "www/htdocs/w01234567");
  const path =
    service === "main" ? "menschlichkeit-oesterreich.at.sitefleet" : `subdomains/${service}/httpdocs.sitefleet`;
  const [, release = ""] = /releases\/([^/]+)/.exec(readlinkSync(join(root, path, "current"))) ?? [];
  return join(root, path, "releases", release);
}

/** Of all rows in the databases that flows write to, mails aside. Tables without rows count for nothing. */
async function digest(): Promise<string> {
  const servers = readSettings(sandboxPaths(estate.sandbox).settings).databases;
  const all = createHash("sha256");
  for (const service of SERVICES) {
    const engine = service === "idp" ? "postgresql" : "mariadb";
    const server = servers.find((one) => one.engine === engine);
    if (server === undefined) throw new Error(`${engine} does not run`);
    const database = `mo_${service}`;
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
