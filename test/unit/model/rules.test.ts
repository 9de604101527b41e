import { expect, test } from "vitest";
import { RULES, type RuleId } from "../../../model/index.ts";
import { append, type Change, check, replace } from "./fixture.ts";

const COMMIT = '"0123456789abcdef0123456789abcdef01234567"';
const rows = (...lines: string[]) => append(`${lines.join("\n")}\n`);
const site = (name: string, zone = "qmoney.de", rest = "own,acme/more,,,stable,") => `${name},${zone},${rest}`;
const record = (text: string) => replace("- { name: static,", `- ${text}\n      - { name: static,`);
const zone = (text: string) => append(`  - ${text}\n`);
/** A third service; a path or kind that is given stands in place of the usual one. */
const service = (text: string) => {
  const usual = ["path: /www/htdocs/w01/x", "kind: php"].filter(
    (one) => !text.startsWith(one.slice(0, one.indexOf(" ") + 1)),
  );
  return append(`  - { key: x, host: x.example.at, ${[...usual, text].join(", ")} }\n`);
};
/** A second host; fields that are given stand in place of the usual ones. */
const host = (text: string) => {
  const rest = ["address: a.example.org", "user: u", "root: /w"].filter(
    (one) => !text.includes(one.split(":")[0] ?? ""),
  );
  return append(`  - { ${[text, ...rest].join(", ")} }\n`);
};
const secret = (text: string) => append(`  - ${text}\n`);

/** Rule, what is done, and where exactly it has to be reported (`file:line: field: ` and a part of the text). */
type Case = [RuleId, Record<string, Change>, string, string];
/** A price list of one price. */
const PRICES = `rates: [{ from: USD, to: EUR, rate: 0.9, on: 2026-01-01, source: bank }]
prices:
  - { kind: metered, id: vercel.cpu, vendor: vercel, what: CPU, driver: cpu, amount: 1, unit: h, effectiveFrom: 2026-01-01, source: here, checked: 2026-01, confidence: H }
`;

/** A flow of service crm. */
const FLOWS = "flows:\n  - { key: a, title: A, service: crm, steps: [{ open: / }] }\n";

const CASES: Case[] = [
  ["file.missing", { "zones.yaml": null }, "zones.yaml:1: file: ", "does not exist"],
  [
    "file.encoding",
    { "sites.csv": (text) => Buffer.from(`${text}m\xfcller\n`, "latin1") },
    "sites.csv:6: file: ",
    "UTF-8",
  ],
  ["file.empty", { "limits.yaml": " \n" }, "limits.yaml:1: file: ", "is empty"],
  ["file.syntax", { "zones.yaml": append("  - [\n") }, "zones.yaml:", "is not YAML"],
  [
    "file.duplicate-key",
    { "releases.yaml": append(`  stable: { ref: ${COMMIT} }\n`) },
    "releases.yaml:4: channels.stable: ",
    "first in line 2",
  ],
  ["file.alias", { "zones.yaml": replace("kind: cname", "kind: *x") }, "zones.yaml:", "alias"],
  [
    "file.unknown-key",
    { "services.yaml": service("colour: red") },
    "services.yaml:14: services[2].colour: ",
    "not known",
  ],
  ["file.column", { "sites.csv": rows("a,b") }, "sites.csv:6: row: ", "has 2 values, 8"],
  ["file.value", { "services.yaml": service("mail: nobody") }, "services.yaml:14: services[2].mail: ", "mail address"],
  ["name.host", { "sites.csv": rows(site("Quiz2")) }, "sites.csv:6: name: ", "upper case"],
  ["name.unique-host", { "sites.csv": rows(site("quiz")) }, "sites.csv:6: name: ", "sites.csv:2"],
  [
    "zone.unique",
    { "zones.yaml": zone("{ name: qmoney.de, kind: cname }") },
    "zones.yaml:19: zones[3].name: ",
    "line 2",
  ],
  [
    "zone.registrable",
    { "zones.yaml": zone("{ name: a.b.co.uk, kind: cname }") },
    "zones.yaml:19: zones[3].name: ",
    '"b.co.uk"',
  ],
  [
    "zone.zone-id",
    { "zones.yaml": zone("{ name: a.de, kind: cname, zoneId: 0123456789abcdef0123456789abcdef }") },
    "zones.yaml:19: zones[3].zoneId: ",
    "existing",
  ],
  [
    "zone.wildcard-kind",
    { "zones.yaml": replace("kind: wildcard", "kind: wildcard\n    wildcard: false") },
    "zones.yaml:6: zones[1].wildcard: ",
    "true",
  ],
  [
    "zone.catch-all",
    { "zones.yaml": zone("{ name: a.de, kind: wildcard }") },
    "zones.yaml:19: zones[3].catchAll: ",
    "missing",
  ],
  [
    "zone.delegation",
    { "zones.yaml": zone("{ name: a.de, kind: cname, delegation: zone }") },
    "zones.yaml:19: zones[3].delegation: ",
    "kind cname",
  ],
  [
    "zone.cdn",
    { "zones.yaml": zone("{ name: a.de, kind: cname, cdn: {} }") },
    "zones.yaml:19: zones[3].cdn: ",
    "wildcard",
  ],
  [
    "zone.dns",
    { "zones.yaml": zone("{ name: a.de, kind: cname, dns: nobody }") },
    "zones.yaml:19: zones[3].dns: ",
    "one of cloudflare, plain",
  ],
  [
    "zone.record-limit",
    {
      "zones.yaml": (text) =>
        [1, 2, 3].reduce((now, n) => record(`{ name: r${n}, type: A, content: 203.0.113.${n} }`)(now), text),
    },
    "zones.yaml:16: zones[2].records: ",
    "7 records",
  ],
  [
    "record.name",
    { "zones.yaml": record("{ name: www.example.at, type: TXT, content: x }") },
    "zones.yaml:18: zones[2].records[1].name: ",
    '"www"',
  ],
  [
    "record.content",
    { "zones.yaml": record("{ name: a, type: A, content: 300.0.0.1 }") },
    "zones.yaml:18: zones[2].records[1].content: ",
    "IPv4",
  ],
  [
    "record.ttl",
    { "zones.yaml": record("{ name: a, type: TXT, content: x, ttl: 30 }") },
    "zones.yaml:18: zones[2].records[1].ttl: ",
    "60",
  ],
  [
    "record.proxied",
    { "zones.yaml": record("{ name: a, type: TXT, content: x, proxied: true }") },
    "zones.yaml:18: zones[2].records[1].proxied: ",
    "TXT",
  ],
  [
    "record.priority",
    { "zones.yaml": record("{ name: a, type: MX, content: m.example.org }") },
    "zones.yaml:18: zones[2].records[1].priority: ",
    "missing",
  ],
  [
    "record.duplicate",
    { "zones.yaml": record("{ name: static, type: A, content: 203.0.113.7 }") },
    "zones.yaml:19: zones[2].records[2].name: ",
    "line 18",
  ],
  [
    "record.set-size",
    {
      "zones.yaml": replace(
        "qmoney.de\n    kind: cname\n",
        `qmoney.de\n    kind: cname\n    records:\n${[1, 2, 3, 4, 5]
          .map((n) => `      - { name: big, type: TXT, content: ${String(n).repeat(1700)}x }\n`)
          .join("")}`,
      ),
    },
    "zones.yaml:9: zones[0].records[4].content: ",
    "8192",
  ],
  [
    "record.cname",
    { "zones.yaml": record("{ name: static, type: CNAME, content: a.example.org }") },
    "zones.yaml:18: zones[2].records[1].name: ",
    "and A",
  ],
  [
    "record.hides-wildcard",
    {
      "zones.yaml": replace(
        "kind: cname\n  - name: remote",
        "kind: cname\n    records: [{ name: quiz, type: TXT, content: x }]\n  - name: remote",
      ),
    },
    "zones.yaml:4: zones[0].records[0].name: ",
    "quiz.qmoney.de",
  ],
  [
    "record.reserved",
    {
      "zones.yaml": replace(
        "kind: cname\n  - name: remote",
        "kind: cname\n    records: [{ name: '*', type: A, content: 203.0.113.1 }]\n  - name: remote",
      ),
    },
    "zones.yaml:4: zones[0].records[0].name: ",
    "wildcard: true",
  ],
  [
    "site.zone",
    { "sites.csv": rows(site("a", "other.de")) },
    "sites.csv:6: zone: ",
    "example.at, qmoney.de, remotecash.de",
  ],
  ["site.dns", { "sites.csv": rows(site("a", "example.at")) }, "sites.csv:6: name: ", "no wildcard"],
  ["site.one-label", { "sites.csv": rows(site("a.b", "remotecash.de")) }, "sites.csv:6: name: ", "one label"],
  [
    "site.channel",
    { "sites.csv": rows(site("a", "qmoney.de", "own,acme/more,,,beta,")) },
    "sites.csv:6: channel: ",
    "one of stable",
  ],
  [
    "site.tags",
    { "sites.csv": rows(site("a", "qmoney.de", "own,acme/more,,,stable,x;x")) },
    "sites.csv:6: tags: ",
    "twice",
  ],
  [
    "site.canary",
    { "sites.csv": rows(...["a", "b"].map((name) => site(name, "qmoney.de", "own,acme/more,,,stable,canary"))) },
    "sites.csv:7: tags: ",
    "3 sites",
  ],
  ["site.project-name", { "sites.csv": rows(site("a.b"), site("a-b")) }, "sites.csv:7: name: ", "a-b-qmoney-de"],
  [
    "site.shared",
    { "sites.csv": rows(site("a", "qmoney.de", "shared,acme/kit,apps/depot,vite,stable,")) },
    "sites.csv:6: framework: ",
    "sites.csv:4",
  ],
  [
    "site.repository-spelling",
    { "sites.csv": rows(site("a", "qmoney.de", "own,Acme/Sites,,,stable,")) },
    "sites.csv:6: repository: ",
    "acme/sites",
  ],
  [
    "site.repository-links",
    { "sites.csv": rows(...["a", "b", "c", "d", "e"].map((name) => site(name))) },
    "sites.csv:10: repository: ",
    "5 projects",
  ],
  [
    "site.project-domains",
    {
      "sites.csv": rows(
        ...["a", "b"].map((name) => site(name, "qmoney.de", "shared,acme/kit,apps/depot,astro,stable,")),
      ),
    },
    "sites.csv:7: root_directory: ",
    "4 domains",
  ],
  ["release.commit", { "releases.yaml": replace(COMMIT, "main") }, "releases.yaml:3: channels.stable.ref: ", "branch"],
  [
    "release.repository",
    { "releases.yaml": append(`    repositories:\n      acme/typo: { ref: ${COMMIT} }\n`) },
    "releases.yaml:5: channels.stable.repositories[",
    "no site",
  ],
  ["host.unique", { "hosts.yaml": host("key: plesk") }, "hosts.yaml:3: hosts[1].key: ", "line 2"],
  [
    "host.address",
    { "hosts.yaml": host("key: x, address: Host.example") },
    "hosts.yaml:3: hosts[1].address: ",
    "upper",
  ],
  ["host.root", { "hosts.yaml": host("key: x, root: /a/../b") }, "hosts.yaml:3: hosts[1].root: ", "normalised"],
  ["host.parallel", { "hosts.yaml": host("key: x, parallel: 9") }, "hosts.yaml:3: hosts[1].parallel: ", "at most 8"],
  [
    "service.server",
    { "services.yaml": service("server: other") },
    "services.yaml:14: services[2].server: ",
    "one of plesk",
  ],
  [
    "service.shared",
    { "services.yaml": service("shared: [../up]") },
    "services.yaml:14: services[2].shared[0]: ",
    "inside the artifact",
  ],
  [
    "service.commands",
    { "services.yaml": service("commands: [{ name: m, phase: check, argv: [m], migrates: true }]") },
    "services.yaml:14: services[2].commands[0].migrates: ",
    "no database",
  ],
  [
    "service.unique",
    { "services.yaml": append("  - { key: crm, host: x.example.at, path: /www/htdocs/w01/x, kind: php }\n") },
    "services.yaml:14: services[2].key: ",
    "line 8",
  ],
  [
    "service.zone",
    { "services.yaml": append("  - { key: x, host: x.other.at, path: /www/htdocs/w01/x, kind: php }\n") },
    "services.yaml:14: services[2].host: ",
    "example.at",
  ],
  [
    "service.path",
    { "services.yaml": append("  - { key: x, host: x.example.at, path: /www/htdocs/w02/x, kind: php }\n") },
    "services.yaml:14: services[2].path: ",
    "not inside",
  ],
  [
    "service.nested",
    { "services.yaml": append("  - { key: x, host: x.example.at, path: /www/htdocs/w01/example.at/x, kind: php }\n") },
    "services.yaml:14: services[2].path: ",
    "inside",
  ],
  [
    "service.certificate",
    { "services.yaml": append("  - { key: x, host: x.y.example.at, path: /www/htdocs/w01/x, kind: php }\n") },
    "services.yaml:14: services[2].host: ",
    "Universal SSL",
  ],
  [
    "service.exclude",
    { "services.yaml": service('exclude: ["- *"]') },
    "services.yaml:14: services[2].exclude[0]: ",
    "rsync",
  ],
  [
    "service.artifact",
    { "services.yaml": service("artifact: ../x") },
    "services.yaml:14: services[2].artifact: ",
    "relative",
  ],
  [
    "service.build",
    { "services.yaml": service("build: { repository: ../x, env: [A, PATH] }") },
    "services.yaml:14: services[2].build.env[1]: ",
    "set by the build",
  ],
  [
    "service.after",
    { "services.yaml": service("after: [idq]") },
    "services.yaml:14: services[2].after[0]: ",
    "is no service",
  ],
  [
    "secret.name",
    { "secrets.yaml": secret("{ name: github_token, source: config }") },
    "secrets.yaml:8: secrets[4].name: ",
    "A-Z",
  ],
  [
    "secret.count",
    {
      "secrets.yaml": (text) =>
        ["A", "B", "C"].reduce((now, name) => secret(`{ name: ${name}, source: config }`)(now), text),
    },
    "secrets.yaml:10: secrets[6].name: ",
    "7 secrets",
  ],
  [
    "secret.size",
    { "secrets.yaml": secret(`{ name: A, source: config, value: ${"x".repeat(201)} }`) },
    "secrets.yaml:8: secrets[4].value: ",
    "201 bytes",
  ],
  [
    "secret.source",
    { "secrets.yaml": secret("{ name: SMTP_PASS, source: config, value: hunter2 }") },
    "secrets.yaml:8: secrets[4].value: ",
    "confidential",
  ],
  [
    "secret.rotation",
    { "secrets.yaml": secret("{ name: SMTP_X, source: config, rotation: { current: 2 } }") },
    "secrets.yaml:8: secrets[4].rotation.current: ",
    "generated values and database passwords",
  ],
  [
    "secret.database",
    { "secrets.yaml": secret("{ name: MO_X_DB_USER, source: database }") },
    "secrets.yaml:8: secrets[4].name: ",
    "no service",
  ],
  [
    "limit.unique",
    { "limits.yaml": (text) => `${text}${text.split("\n")[1]}\n` },
    "limits.yaml:9: limits[7].id: ",
    "line 2",
  ],
  [
    "limit.required",
    { "limits.yaml": (text) => text.replace(/.*canary-sites.*\n/, "") },
    "limits.yaml:1: limits: ",
    "sitefleet.canary-sites",
  ],
  ["check.unknown", { "checks.yaml": replace("  crm:", "  crn:") }, "checks.yaml:7: services.crn: ", "not declared"],
  [
    "quality.repository",
    { "quality.yaml": "repositories:\n  - { key: own, path: .., checks: [eslint, tests] }\n" },
    "quality.yaml:2: repositories[0].checks: ",
    "tests needs reports.tests",
  ],
  [
    "quality.service",
    { "quality.yaml": "services:\n  except: [crn]\n" },
    "quality.yaml:2: services.except[0]: ",
    "no service",
  ],
  [
    "quality.osv",
    { "quality.yaml": "services:\n  checks: [dependencies]\n" },
    "quality.yaml:2: services.checks: ",
    "needs osv",
  ],
  [
    "gate.window",
    { "gates.yaml": 'rules:\n  window-host: { windows: [{ from: "08:00", to: "08:00" }] }\n' },
    "gates.yaml:2: rules.window-host.windows[0].to: ",
    "no length",
  ],
  [
    "gate.freeze",
    { "gates.yaml": 'freezes:\n  - { from: "2026-12-24", to: "2026-12-23", reason: x }\n' },
    "gates.yaml:2: freezes[0].to: ",
    "before 2026-12-24",
  ],
  [
    "gate.approver",
    { "approvers.yaml": "approvers:\n  - { name: maria, emails: [m@example.org] }\n" },
    "approvers.yaml:2: approvers[0].keys: ",
    "no way to say yes",
  ],
  [
    "gate.approvals",
    {
      "gates.yaml": "rules:\n  many-sites: { approvals: 2 }\n",
      "approvers.yaml":
        "approvers:\n  - { name: maria, emails: [m@example.org], githubId: 1, areas: [general, dns, money, databases] }\n",
    },
    "gates.yaml:2: rules.many-sites.approvals: ",
    "needs 2 approvals",
  ],
  [
    "rollout.waves",
    { "rollout.yaml": "waves:\n  - { name: few, share: 5 }\n" },
    "rollout.yaml:2: waves[0].share: ",
    "does not reach all",
  ],
  [
    "rollout.services",
    { "rollout.yaml": "services: { after: most }\n" },
    "rollout.yaml:1: services.after: ",
    "is no wave",
  ],
  [
    "price.unique",
    { "prices.yaml": `${PRICES}${PRICES.split("\n")[2]}\n` },
    "prices.yaml:4: prices[1].id: ",
    "stands a second time",
  ],
  [
    "price.rate",
    { "prices.yaml": PRICES.replace("USD", "CHF") },
    "prices.yaml:3: prices[0].currency: ",
    "no rate to EUR",
  ],
  [
    "price.account",
    { "prices.yaml": `account: { tier: huge }\n${PRICES}` },
    "prices.yaml:1: account.tier: ",
    "no tier",
  ],
  [
    "flow.unique",
    { "flows.yaml": `${FLOWS}  - { key: a, title: B, service: crm, steps: [{ open: / }] }\n` },
    "flows.yaml:3: flows[1].key: ",
    "stands twice",
  ],
  ["flow.service", { "flows.yaml": FLOWS.replace("crm", "shop") }, "flows.yaml:2: flows[0].service: ", "no service"],
  ["flow.steps", { "flows.yaml": FLOWS.replace("open: /", "see: Hello") }, "flows.yaml:2: flows[0].steps: ", "a page"],
  [
    "flow.mailbox",
    { "flows.yaml": FLOWS.replace("}]", "}, { mail: Yes }]") },
    "flows.yaml:2: flows[0].steps: ",
    "mailbox",
  ],
  [
    "flow.page",
    { "flows.yaml": `${FLOWS}visual: { pages: [{ key: p, service: crm, flow: b }] }\n` },
    "flows.yaml:3: visual.pages[0].flow: ",
    "is no flow",
  ],
  [
    "notify.receiver",
    { "notify.yaml": "receivers:\n  - { kind: slack, name: team, webhook: A, token: B, channel: c }\n" },
    "notify.yaml:2: receivers[0].kind: ",
    "no way in, or two",
  ],
  [
    "check.vantage",
    { "checks.yaml": replace("address: 203", "proxy: 'http://p:1', address: 203") },
    "checks.yaml:10: vantages[1].proxy: ",
    "one of both",
  ],
];

test("the base catalog has no problem", () => {
  expect(check().lines).toEqual([]);
});

// Breaks when a rule is switched off, or reports at a place where nobody looks.
test.each(CASES)("%s", (rule, changes, place, part) => {
  const { lines, catalog } = check(changes);
  const found = lines.filter((line) => line.endsWith(`[${rule}]`));
  expect(lines, lines.join("\n")).toContainEqual(expect.stringContaining(`[${rule}]`));
  expect(found[0]).toContain(place);
  expect(found.join("\n")).toContain(part);
  expect(catalog).toBeUndefined();
});

test("a zone at a vendor without a CDN has neither CDN settings nor proxied records; ids have their vendor's form", () => {
  const id = "zoneId: z.1, mode: existing";
  const at = (text: string) => check({ "zones.yaml": zone(`{ name: a.de, kind: cname, ${text} }`) }).lines;
  const proxied = "records: [{ name: x, type: A, content: 203.0.113.1, proxied: true }]";
  expect(at(`dns: plain, ${id}`)).toEqual([]);
  expect(at(`dns: cloudflare, ${id}`)).toEqual([expect.stringContaining("zones[3].zoneId: ")]);
  expect(at("dns: plain, wildcard: false, cdn: {}")).toEqual([expect.stringContaining("zones[3].cdn: ")]);
  expect(at(`dns: plain, ${proxied}`)).toEqual([expect.stringContaining("zones[3].records[0].proxied: ")]);
});

// A shared path is a link in every release: what each release needs of its own must not lie in one, or no check of its health succeeds.
test.each([
  ["shared: [.well-known/]", 0, "names the release"],
  ["shared: [.well-known]", 0, "names the release"],
  ["shared: [.well-known/sitefleet-release]", 0, "names the release"],
  ["webRoot: web, shared: [web/.well-known/]", 0, "names the release"],
  ["webRoot: web/public, shared: [web/]", 0, "contains the web root"],
  ["webRoot: web, shared: [web]", 0, "contains the web root"],
  [`shared: [a/, sitefleet-reset-${"0a".repeat(16)}.php]`, 1, "driver's own"],
  ["shared: [.env]", 0, "document root"],
  ["shared: [.env.before]", 0, "driver's own"],
  ["shared: [uploads/, uploads/a/]", 1, "lies in uploads/"],
  ["shared: [uploads/, uploads]", 1, "stands beside uploads/"],
  // Whatever lies below a file of the driver's own cannot be made, and keeps that file from being written.
  ["webRoot: web, shared: [.env/x]", 0, "lies below .env"],
  ["webRoot: web, shared: [a/, .env.before/x]", 1, "lies below .env.before"],
  // The kind's own paths are shared beside these.
  ["kind: matomo, shared: [tmp/cache/]", 0, "lies in tmp/"],
  ["kind: matomo, shared: [tmp]", 0, "stands beside tmp/"],
  [`shared: [${"a/".repeat(256)}b]`, 0, "513 characters"],
])("service.shared refuses %s", (text, index, wrong) => {
  const { lines } = check({ "services.yaml": service(text) });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`services.yaml:14: services[2].shared[${index}]: `);
  expect(lines[0]).toContain(wrong);
});

test.each([
  "shared: [.well-known/acme-challenge/, uploads/]",
  "webRoot: web, shared: [.env, .well-known/, web/files/]",
  "kind: matomo, shared: [tmp/, tmp2/]",
])("service.shared lets %s through", (text) => expect(check({ "services.yaml": service(text) }).lines).toEqual([]));

// What passes here and is refused by the driver stops every preview of the services' stack.
test.each([
  ["service.path", `path: /www/htdocs/w01/${"a/".repeat(250)}b`, "at most 512"],
  ["service.exclude", `exclude: [${"a".repeat(513)}]`, "more than 512"],
  ["service.exclude", `exclude: [${"a,".repeat(200)}a]`, "201 patterns"],
  ["service.commands", "commands: [{ name: m, phase: check, argv: [m], when: ../x }]", "inside the artifact"],
  ["service.commands", "commands: [{ name: m, phase: check, argv: [m], when: /x }]", "inside the artifact"],
  [
    "service.unique",
    `database: { name: ${"d".repeat(56)}, engine: postgresql, location: external, userSecret: MO_CRM_DB_USER, passwordSecret: MO_CRM_DB_PASS }`,
    "has 64 characters",
  ],
  ["service.nested", "path: /www/htdocs/w01/example.at.sitefleet", "holds the releases and data"],
  ["service.nested", "path: /www/htdocs/w01/example.at.sitefleet/shared", "holds the releases and data"],
])("%s refuses what the driver would: %s", (rule, text, wrong) => {
  const { lines } = check({ "services.yaml": service(text) });
  const found = lines.filter((line) => line.endsWith(`[${rule}]`) && line.includes(wrong));
  expect(found).toHaveLength(1);
});

test.each([
  [secret("{ name: X, source: generated, rotation: { current: 2, retired: 1 } }"), "only current for source generated"],
  [
    replace("DB_PASS, source: database", "DB_PASS, source: database, rotation: { current: 1, next: 3 }"),
    "is 3, and current is 1",
  ],
  [replace("DB_USER, source: database", "DB_USER, source: database, rotation: { current: 2 }"), "the name follows it"],
  [secret("{ name: X, source: github, value: a }"), "values for source config only"],
])("a rotation that cannot be, or a value of what is set elsewhere, is one problem: %#", (change, wrong) => {
  const { lines } = check({ "secrets.yaml": change });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(wrong);
});

// Breaks when somebody adds a rule without a test.
test("every rule has a case", () => {
  // alerts.yaml has a reader of its own: test/unit/operations/alerts/rules.test.ts.
  expect([...CASES.map(([rule]) => rule), "alert.rule"].sort()).toEqual(Object.keys(RULES).sort());
});

// Breaks when rules get noisy: one mistake should be one line. Those listed cannot help a second one.
test("one mistake gives one problem", () => {
  const two = new Set<RuleId>(["zone.wildcard-kind", "file.missing", "file.syntax", "file.alias"]);
  for (const [rule, changes] of CASES) {
    if (!two.has(rule)) expect(check(changes).lines, rule).toHaveLength(1);
  }
});

// Breaks when a zone with a wildcard of its own is held to a record a site.
test("a declared wildcard covers sites, and can be hidden like ours", () => {
  const own = (records: string) => ({
    "zones.yaml": append(`  - { name: a.de, kind: cname, wildcard: false, records: [${records}] }\n`),
    "sites.csv": append("x,a.de,own,acme/more,,,stable,\n"),
  });
  const star = "{ name: '*', type: CNAME, content: cname.vercel-dns.com }";
  expect(check(own(star)).lines).toEqual([]);
  expect(check(own("{ name: x, type: A, content: 203.0.113.1 }")).lines).toEqual([]);
  expect(check(own(`${star}, { name: _dmarc.x, type: TXT, content: y }`)).lines).toEqual([
    expect.stringContaining('TXT record "_dmarc.x.a.de" hides *.a.de from site "x.a.de" (line 6)'),
  ]);
});

const withRecords = (records: string) =>
  replace("kind: cname\n  - name: remote", `kind: cname\n    records: [${records}]\n  - name: remote`);

// Breaks when only a record at exactly the site's name is looked at.
test.each([
  ["quiz", "TXT", true],
  ["_dmarc.quiz", "TXT", true],
  ["*.quiz", "A", true],
  ["a.b.quiz", "A", true],
  ["other", "A", false],
  ["_dmarc", "TXT", false],
  ["@", "MX", false],
])("a record at %s (%s) hides the wildcard from quiz: %s", (name, type, hides) => {
  const content = type === "A" ? "203.0.113.1" : type === "MX" ? "m.example.org, priority: 10" : "x";
  const { problems } = check({ "zones.yaml": withRecords(`{ name: "${name}", type: ${type}, content: ${content} }`) });
  expect(problems.map((problem) => problem.rule)).toEqual(hides ? ["record.hides-wildcard"] : []);
});

test("a service below a site hides the wildcard from it, and a record above a site does", () => {
  const { lines } = check({
    "services.yaml": append("  - { key: x, host: api.quiz.qmoney.de, path: /www/htdocs/w01/x, kind: php }\n"),
    "zones.yaml": withRecords("{ name: deep, type: A, content: 203.0.113.1 }"),
    "sites.csv": append("very.deep,qmoney.de,own,acme/more,,,stable,\n"),
  });
  expect(lines).toEqual([
    expect.stringContaining('services.yaml:14: services[2].host: service x at "api.quiz.qmoney.de" hides *.qmoney.de'),
    expect.stringContaining(
      'zones.yaml:4: zones[0].records[0].name: A record "deep.qmoney.de" hides *.qmoney.de from site "very.deep',
    ),
  ]);
});

// Breaks when a password in an address would be recorded, when git would be given a transport that runs commands, or when a
// branch that moves would be built.
test.each([
  ["git: https://user:pw@example.org/x.git, ref: &", "user or password"],
  ["git: 'ext::sh -c touch', ref: &", "no address"],
  ["git: --upload-pack=x, ref: &", "no address"],
  ["git: https://example.org/x.git", "has no ref"],
  ["git: https://example.org/x.git, ref: main", "40 hex digits"],
  ["output: ../x", "relative directory"],
  ["directory: ../x", "relative directory"],
  ["steps: [{ run: [] }]", "too small"],
  ["steps: [{ run: [npm], env: [HOME] }]", "set by the build"],
])("a build with %s is refused", (fields, why) => {
  const commit = "0123456789abcdef0123456789abcdef01234567";
  const { lines } = check({
    "services.yaml": service(`build: { repository: ../x, ${fields.replace("&", `"${commit}"`)} }`),
  });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(why);
});

// Breaks when a service whose build is declared deploys what somebody copied together by hand.
test("attestation is required where a build is declared, unless it says otherwise", () => {
  const attested = (fields: string) =>
    check({ "services.yaml": service(fields) }).catalog?.services.find(({ key }) => key === "x")?.attested;
  expect(attested("build: { repository: ../x }")).toBe("required");
  expect(attested("build: { repository: ../x }, attested: optional")).toBe("optional");
  expect(attested("mail: a@example.at")).toBe("optional");
});
