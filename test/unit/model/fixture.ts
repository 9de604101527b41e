import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Catalog, checkCatalog, formatProblem, type Problem } from "../../../model/index.ts";

/** What a caller knows of DNS vendors. */
const DNS_VENDORS = [
  { name: "cloudflare", cdn: true },
  { name: "plain", cdn: false },
];

/** A small catalog without problems, which tests change in one place at a time. */
export const BASE: Readonly<Record<string, string>> = {
  "zones.yaml": `zones:
  - name: qmoney.de
    kind: cname
  - name: remotecash.de
    kind: wildcard
    delegation: acme-challenge
    catchAll:
      repository: acme/kit
      rootDirectory: apps/catch-all
      framework: nextjs
      channel: stable
  - name: example.at
    kind: cname
    wildcard: false
    cdn: {}
    records:
      - { name: "@", type: MX, content: mail.example.org, priority: 10 }
      - { name: static, type: A, content: 203.0.113.7, ttl: 300 }
`,
  "sites.csv": `name,zone,project,repository,root_directory,framework,channel,tags
quiz,qmoney.de,own,acme/sites,sites/quiz,nextjs,stable,canary
zins,qmoney.de,own,acme/sites,sites/zins,,stable,
depot,remotecash.de,shared,acme/kit,apps/depot,astro,stable,paid;depot
bonus,qmoney.de,shared,acme/kit,apps/depot,astro,stable,
`,
  "hosts.yaml": `hosts:
  - { key: plesk, address: host.example.org, user: web01, root: /www/htdocs/w01 }
`,
  "services.yaml": `# Two lines of
# comment.
services:
  - key: main
    host: example.at
    path: /www/htdocs/w01/example.at
    kind: php
  - key: crm
    host: crm.example.at
    path: /www/htdocs/w01/subdomains/crm/httpdocs
    kind: drupal-civicrm
    database: { name: mo_crm, engine: mariadb, location: external }
    exclude: [sites/default/files]
`,
  "checks.yaml": `defaults:
  path: /
  tls: { days: 10 }
zones:
  qmoney.de: { slow: { percent: 50 } }
services:
  crm: { timeoutSeconds: 20 }
vantages:
  - { name: here }
  - { name: edge, address: 203.0.113.9 }
`,
  "releases.yaml": `channels:
  stable:
    ref: "0123456789abcdef0123456789abcdef01234567"
`,
  "secrets.yaml": `github:
  repository: acme/estate
secrets:
  - { name: SMTP_PORT, source: config, value: 587 }
  - { name: JWT_SECRET, source: generated, bytes: 64 }
  - { name: MO_CRM_DB_USER, source: database }
  - { name: MO_CRM_DB_PASS, source: database }
`,
  "limits.yaml": `limits:
${[
  ["vercel.repository-linked-projects", 4],
  ["vercel.project-domains", 3],
  ["cloudflare.zone-records", 6],
  ["github.environment-secrets", 6],
  ["github.environment-secret-bytes", 200],
  ["sitefleet.canary-sites", 2],
  ["plesk.ssh-sessions", 8],
]
  .map(
    ([id, amount]) =>
      `  - { id: ${id}, vendor: ${String(id).split(".")[0]}, what: w, amount: ${amount}, scope: team, source: s, checked: 2026-11, confidence: H }`,
  )
  .join("\n")}
`,
};

/** A file's new content, a change of it, or null to leave the file out. */
export type Change = string | Uint8Array | null | ((text: string) => string | Uint8Array);

/** What checking a changed catalog gave; file names without the directory. */
export interface Checked {
  readonly catalog?: Catalog;
  readonly problems: Problem[];
  readonly lines: string[];
}

// One directory for all: making and removing one for each check would cost more than checking. It goes with the run's own directory.
const dir = mkdtempSync(join(tmpdir(), "catalog-"));
for (const [name, text] of Object.entries(BASE)) writeFileSync(join(dir, name), text);

/** Checks the base catalog with changes, which are undone afterwards. */
export function check(changes: Readonly<Record<string, Change>> = {}): Checked {
  const changed = Object.entries(changes).map(([name, change]) => [name, BASE[name] ?? "", change] as const);
  try {
    for (const [name, text, change] of changed) {
      const content = typeof change === "function" ? change(text) : change;
      if (content === null) rmSync(join(dir, name), { force: true });
      else writeFileSync(join(dir, name), content);
    }
    const { catalog, problems } = checkCatalog(dir, DNS_VENDORS);
    const short = problems.map((problem) => ({ ...problem, file: problem.file.replace(`${dir}/`, "") }));
    const lines = short.map((problem) => formatProblem(problem).replaceAll(`${dir}/`, ""));
    return { ...(catalog ? { catalog } : {}), problems: short, lines };
  } finally {
    for (const [name, text] of changed) {
      if (Object.hasOwn(BASE, name)) writeFileSync(join(dir, name), text);
      else rmSync(join(dir, name), { force: true });
    }
  }
}

/** Replaces text that must be there. */
export function replace(from: string, to: string): (text: string) => string {
  return (text) => {
    if (!text.includes(from)) throw new Error(`the fixture has no ${JSON.stringify(from)}`);
    return text.replace(from, () => to);
  };
}

/** Adds text at the end. */
export function append(more: string): (text: string) => string {
  return (text) => `${text}${more}`;
}
