import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  checkCatalog,
  findLimit,
  formatProblem,
  RULES,
  releaseRef,
  sharedProjects,
  sitesByCell,
} from "../../../model/index.ts";
import { sampleCsv, sampleSites } from "../../../model/sample/sites.ts";
import { jsonSchemas } from "../../../model/shape/json-schema.ts";

const ZONE = "menschlichkeit-oesterreich.at";
const ROOT = "/www/htdocs/w01234567";
const { catalog, problems } = checkCatalog("catalog");
if (!catalog) throw new Error(problems.map(formatProblem).join("\n"));

describe("the committed catalog", () => {
  test("1500 sites in at least ten repositories, the first ten canaries", () => {
    expect(catalog.sites).toHaveLength(1500);
    expect(new Set(catalog.sites.map((site) => site.host)).size).toBe(1500);
    expect(catalog.sites.map((site) => site.cell === "canary")).toEqual(catalog.sites.map((_, index) => index < 10));
    const own = catalog.sites.filter((site) => site.project === "own");
    expect(own.length).toBeGreaterThan(1000);
    expect(new Set(catalog.sites.map((site) => site.repository)).size).toBeGreaterThanOrEqual(10);
    expect(sitesByCell(catalog.sites).size).toBe(65);
    expect(sharedProjects(catalog)).toHaveLength(9);
    for (const site of catalog.sites)
      expect(releaseRef(catalog.releases, site.channel, site.repository)).toMatch(/^[0-9a-f]{40}$/);
  });

  test("22 services at the hosts and paths that were ordered", () => {
    expect(catalog.services).toHaveLength(22);
    const labels =
      "votes support status s3 newsletter n8n media logs idp hooks grafana games forum docs crm consent api.stg analytics admin.stg";
    const at = new Map(catalog.services.map((service) => [service.host, service.path]));
    for (const label of labels.split(" "))
      expect(at.get(`${label}.${ZONE}`)).toBe(`${ROOT}/subdomains/${label}/httpdocs`);
    expect(at.get(ZONE)).toBe(`${ROOT}/${ZONE}`);
    expect(at.get(`api.${ZONE}`)).toBe(`${ROOT}/api.${ZONE}`);
    expect([...at.values()]).toContain(`${ROOT}/frontend`);
  });

  test("14 databases, each with user svc_<service> and two secrets", () => {
    const databases = catalog.services.flatMap(({ key, database }) => (database ? [{ key, ...database }] : []));
    expect(databases).toHaveLength(14);
    for (const { key, name, user, userSecret, passwordSecret } of databases) {
      expect([name, user]).toEqual([`mo_${key}`, `svc_${key}`]);
      const of = (secret: string) => catalog.secrets.entries.find((entry) => entry.name === secret);
      expect(of(userSecret)).toEqual({
        name: userSecret,
        source: "database",
        database: { service: key, part: "user" },
      });
      expect(of(passwordSecret)).toMatchObject({
        source: "database",
        bytes: 32,
        database: { service: key, part: "password" },
      });
    }
    const engines = (engine: string, location: string) =>
      databases.filter((d) => d.engine === engine && d.location === location).map((d) => d.key);
    expect(engines("mariadb", "plesk").sort()).toEqual(["forum", "newsletter", "support", "votes"]);
    expect(engines("postgresql", "external").sort()).toEqual(["grafana", "idp"]);
  });

  test("every secret that was ordered, and no confidential value", () => {
    expect(catalog.secrets.entries).toHaveLength(47);
    const bytes = Object.fromEntries(
      catalog.secrets.entries.filter((entry) => entry.source === "generated").map((entry) => [entry.name, entry.bytes]),
    );
    expect(bytes).toEqual({ JWT_SECRET: 64, SESSION_SECRET: 64, API_KEY_KEYCLOAK: 32, OAUTH_CLIENT_SECRET: 32 });
    const values = Object.fromEntries(
      catalog.secrets.entries.flatMap((entry) => (entry.value === undefined ? [] : [[entry.name, entry.value]])),
    );
    expect(values).toEqual({ SSH_PORT: "22", MYSQL_PORT: "3306", PG_PORT: "5432", SMTP_PORT: "587" });
  });

  test("limits: every one has a source and a date; plans differ", () => {
    for (const limit of catalog.limits) expect(limit.source.length).toBeGreaterThan(10);
    expect(findLimit(catalog.limits, "cloudflare.zone-records", "pro")?.amount).toBe(3500);
    expect(findLimit(catalog.limits, "cloudflare.zone-records")?.amount).toBe(200);
    expect(findLimit(catalog.limits, "github.environment-secrets", "team")?.amount).toBe(100);
    expect(findLimit(catalog.limits, "no.such")).toBeUndefined();
  });

  test("every service has its sample artifact", () => {
    for (const { artifact } of catalog.services) expect(readdirSync(`catalog/${artifact}`)).not.toEqual([]);
  });

  // Breaks when the sample is edited by hand, or the generator changed without writing it.
  test("sites.csv is what the sample's generator writes", () => {
    expect(readFileSync("catalog/sites.csv", "utf8")).toBe(sampleCsv(1500));
  });

  // Breaks when a shape changes and editors go on checking against the old one.
  test("the JSON Schemas are up to date, and every YAML file names its own", () => {
    for (const { name, text } of jsonSchemas()) {
      expect(readFileSync(`catalog/schema/${name}`, "utf8"), `${name}: run node model/shape/generate.ts`).toBe(text);
    }
    const names = new Set(jsonSchemas().map(({ name }) => name));
    for (const file of ["zones", "hosts", "services", "releases", "secrets", "limits", "checks", "prices"]) {
      expect(names).toContain(`${file}.schema.json`);
      expect(readFileSync(`catalog/${file}.yaml`, "utf8").split("\n")[0]).toBe(
        `# yaml-language-server: $schema=./schema/${file}.schema.json`,
      );
    }
  });

  // Breaks when a rule is added without explaining it.
  test("docs/reference/catalog.md explains every rule and names every field", () => {
    const docs = readFileSync("docs/reference/catalog.md", "utf8");
    for (const [id, text] of Object.entries(RULES)) expect(docs).toContain(`| \`${id}\` | ${text} |`);
    for (const { name, text } of jsonSchemas()) {
      for (const field of fieldsOf(JSON.parse(text))) expect(docs, `${field} of ${name}`).toContain(`| \`${field}\` |`);
    }
  });
});

describe("the sample", () => {
  test("a smaller fleet is the beginning of a larger one", () => {
    expect(sampleSites(5000).slice(0, 300)).toEqual(sampleSites(300));
  });

  test("hosts stay unique at 5000 sites", () => {
    expect(new Set(sampleSites(5000).map((row) => `${row.name}.${row.zone}`)).size).toBe(5000);
  });
});

/** Names of all fields of a JSON Schema, at any depth. */
function fieldsOf(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => [
    ...(key === "properties" ? Object.keys(value) : []),
    ...fieldsOf(value),
  ]);
}
