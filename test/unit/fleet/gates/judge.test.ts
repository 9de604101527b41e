import { describe, expect, test } from "vitest";
import { COMPONENT } from "../../../../components/tokens.ts";
import { graver, judgeGates } from "../../../../fleet/gates/judge.ts";
import type { GateChange, GateFacts } from "../../../../fleet/gates/types.ts";
import { facts, held, rulesOf, SATURDAY, said, sites } from "./support.ts";

// Breaks when a rule speaks one step too early or too late, or when its sentence loses a figure.

/** Only these rules are asked. */
const only = (...ids: string[]) => {
  const all = Object.keys(rulesOf().rules);
  return `rules: {${all
    .filter((id) => !ids.includes(id))
    .map((id) => ` ${id}: { severity: off }`)
    .join(",")} }`;
};
const change = (type: string, op: string, name: string, more: Partial<GateChange> = {}): GateChange => ({
  stack: "prod",
  op,
  type,
  name,
  ...more,
});
const PROJECT = "vercel:index/project:Project";
const DOMAIN = "vercel:index/projectDomain:ProjectDomain";
const RECORD = "cloudflare:index/dnsRecord:DnsRecord";
const ZONE = "cloudflare:index/zone:Zone";
const ENVIRONMENT = "github:index/repositoryEnvironment:RepositoryEnvironment";
const COMMAND = "command:local:Command";

const TABLE: [rule: string, what: string, facts: Partial<GateFacts>, lines: string[]][] = [
  ["first-sites", "under: the eleventh site", { live: 10, changes: sites(1) }, []],
  [
    "first-sites",
    "at: the tenth",
    { live: 9, changes: sites(1) },
    ["approve first-sites: 1 new site is among the first 10 of the estate (9 live before): s0.example.at"],
  ],
  [
    "first-sites",
    "over: the tenth and others",
    { live: 8, changes: sites(3) },
    [
      "approve first-sites: 2 new sites are among the first 10 of the estate (8 live before): s0.example.at, s1.example.at, s2.example.at",
    ],
  ],
  [
    "new-zone-dns",
    "under: a record of a known zone",
    { changes: [change(RECORD, "create", "a.example.at/A", { parent: "example.at" })] },
    [],
  ],
  [
    "new-zone-dns",
    "at: a new zone",
    {
      changes: [
        change(COMPONENT.zone, "create", "new.at", { component: true }),
        change(RECORD, "create", "new.at/MX", { parent: "new.at" }),
      ],
    },
    ["approve new-zone-dns: DNS of 1 new zone with 1 record: new.at"],
  ],
  ["many-sites", "under", { changes: sites(49, "update") }, []],
  ["many-sites", "at", { changes: sites(50, "update") }, []],
  [
    "many-sites",
    "over",
    { changes: sites(51, "update") },
    ["approve many-sites: 51 sites change in one run, more than 50"],
  ],
  ["share-of-deletes", "under", { stacks: [held("prod-cell-07", 11, 3)] }, []],
  ["share-of-deletes", "at", { stacks: [held("prod-cell-07", 10, 3)] }, []],
  [
    "share-of-deletes",
    "over",
    { stacks: [held("prod-cell-07", 10, 4)] },
    [
      "approve share-of-deletes: 4 of 10 sites (40 %) of the estate would be deleted or replaced, more than 30 %; so it is in 1 more stack",
    ],
  ],
  ["share-of-deletes", "under its floor", { stacks: [held("prod-cell-07", 9, 9)] }, []],
  [
    "share-of-deletes",
    "over in one stack of a large estate",
    {
      stacks: [held("prod-cell-07", 10, 4), held("prod-cell-08", 100, 0)],
    },
    [
      "approve share-of-deletes: 4 of 10 sites (40 %) of stack prod-cell-07 would be deleted or replaced, more than 30 %",
    ],
  ],
  ["share-of-updates", "at", { stacks: [held("prod-cell-07", 10, 3, "updated")] }, []],
  [
    "share-of-updates",
    "over",
    { stacks: [held("prod-cell-07", 13, 4, "updated")] },
    [
      "approve share-of-updates: 4 of 13 sites (30.8 %) of the estate would be updated, more than 30 %; so it is in 1 more stack",
    ],
  ],
  ["delete-project", "under", { changes: [change(PROJECT, "update", "quiz")] }, []],
  [
    "delete-project",
    "at",
    { changes: [change(PROJECT, "delete", "quiz")] },
    ["approve delete-project: 1 project would be deleted: quiz"],
  ],
  [
    "delete-zone",
    "at",
    { changes: [change(ZONE, "delete", "qmoney.de")] },
    ["approve delete-zone: 1 zone would be deleted: qmoney.de"],
  ],
  [
    "delete-domain",
    "at",
    { changes: [change(DOMAIN, "delete", "b.at"), change(DOMAIN, "delete", "a.at")] },
    ["approve delete-domain: 2 domains would be taken from their projects: a.at, b.at"],
  ],
  [
    "delete-environment",
    "at",
    { changes: [change(ENVIRONMENT, "delete", "production")] },
    ["approve delete-environment: 1 environment would be deleted: production"],
  ],
  [
    "delete-database",
    "at",
    { stacks: [held("prod-plesk", 1, 1, "deleted", "database")] },
    ["approve delete-database: 1 database would be let go of: database0"],
  ],
  ["service-leaves", "under: it is deployed", { stacks: [held("prod-plesk", 3, 1, "updated", "service")] }, []],
  [
    "service-leaves",
    "at",
    { stacks: [held("prod-plesk", 3, 1, "deleted", "service")] },
    ["approve service-leaves: 1 service leaves the catalog: service0"],
  ],
  [
    "bad-release",
    "at",
    { bad: ["acme/site@abc"] },
    ["stop bad-release: 1 release is remembered as bad: acme/site@abc"],
  ],
  [
    "irreversible-migration",
    "at",
    { migrations: ["crm", "games"] },
    [
      "approve irreversible-migration: 2 services migrate their databases with no way back but the snapshot: crm, games",
    ],
  ],
  ["loss", "under: a site is new", { changes: sites(1) }, []],
  [
    "loss",
    "at: a project goes",
    { changes: [change(PROJECT, "delete", "quiz")] },
    [
      "approve loss: 1 change does not come back without loss: a deleted project comes back empty: without its deployments, and built again",
    ],
  ],
  [
    "window-host",
    "inside",
    { changes: [change(COMMAND, "update", "deploy", { parent: "crm", stack: "prod-plesk" })] },
    [],
  ],
  [
    "window-host",
    "outside",
    {
      now: new Date("2026-11-28T14:00:00Z"),
      changes: [change(COMMAND, "update", "deploy", { parent: "crm", stack: "prod-plesk" })],
    },
    [
      "approve window-host: 1 service changes outside of the window (Saturday 08:00–14:00 UTC): it is 2026-11-28 14:00 UTC, it opens 2026-12-05 08:00 UTC",
    ],
  ],
  ["window-mass", "at", { changes: sites(50) }, []],
  [
    "window-mass",
    "over",
    { changes: sites(51) },
    [
      "approve window-mass: 51 sites change outside of the window (daily 02:00–04:00 UTC): it is 2026-11-28 10:00 UTC, it opens 2026-11-29 02:00 UTC",
    ],
  ],
  ["window-mass", "over, in the window", { changes: sites(51), now: new Date("2026-11-29T03:59:59Z") }, []],
  ["window-mass", "under", { changes: sites(49) }, []],
  ["window-host", "under: only sites change", { changes: sites(3), now: new Date("2026-11-28T14:00:00Z") }, []],
  ["share-of-updates", "under", { stacks: [held("prod-cell-07", 11, 3, "updated")] }, []],
  // A rule about any delete is over its threshold of none by the first one; beyond five names it counts.
  ["delete-zone", "under: it is updated", { changes: [change(ZONE, "update", "qmoney.de")] }, []],
  [
    "delete-zone",
    "replaced",
    { changes: [change(ZONE, "replace", "qmoney.de"), change(ZONE, "delete-replaced", "qmoney.de")] },
    ["approve delete-zone: 1 zone would be deleted: qmoney.de"],
  ],
  ["delete-domain", "under: it is new", { changes: [change(DOMAIN, "create", "a.at")] }, []],
  [
    "delete-domain",
    "over",
    { changes: ["a", "b", "c", "d", "e", "f", "g"].map((name) => change(DOMAIN, "delete", `${name}.at`)) },
    ["approve delete-domain: 7 domains would be taken from their projects: a.at, b.at, c.at, d.at, e.at and 2 more"],
  ],
  [
    "delete-project",
    "over",
    { changes: [change(PROJECT, "delete", "quiz"), change(PROJECT, "delete", "shop")] },
    ["approve delete-project: 2 projects would be deleted: quiz, shop"],
  ],
  ["delete-environment", "under", { changes: [change(ENVIRONMENT, "update", "production")] }, []],
  [
    "delete-environment",
    "over",
    { changes: [change(ENVIRONMENT, "delete", "a"), change(ENVIRONMENT, "delete", "b")] },
    ["approve delete-environment: 2 environments would be deleted: a, b"],
  ],
  ["delete-database", "under: it is updated", { stacks: [held("prod-plesk", 3, 1, "updated", "database")] }, []],
  [
    "delete-database",
    "over",
    { stacks: [held("prod-plesk", 3, 2, "deleted", "database")] },
    ["approve delete-database: 2 databases would be let go of: database0, database1"],
  ],
  [
    "delete-database",
    "of a stack that the run leaves alone",
    { stacks: [{ ...held("prod-plesk", 1, 1, "deleted", "database"), inRun: false }] },
    [],
  ],
  [
    "service-leaves",
    "over",
    { stacks: [held("prod-plesk", 3, 2, "deleted", "service")] },
    ["approve service-leaves: 2 services leave the catalog: service0, service1"],
  ],
  ["bad-release", "under", { changes: sites(1) }, []],
  [
    "bad-release",
    "over",
    { bad: ["acme/a@1", "acme/b@2"] },
    ["stop bad-release: 2 releases are remembered as bad: acme/a@1, acme/b@2"],
  ],
  ["irreversible-migration", "under", { changes: [change(COMMAND, "update", "deploy", { parent: "crm" })] }, []],
  [
    "irreversible-migration",
    "at the first",
    { migrations: ["crm"] },
    ["approve irreversible-migration: 1 service migrates its database with no way back but the snapshot: crm"],
  ],
];

test.each(TABLE)("%s, %s", (rule, _, more, lines) => {
  expect(said(more, only(rule))).toEqual(lines);
});

describe("figures from elsewhere", () => {
  const cost = (more: Partial<GateFacts>, rule: string) =>
    said(more, `rules: { cost: ${rule}, quality: { severity: off } }`);
  test("without a source the rule is not asked", () => {
    expect(said({ cost: { value: 99 } })).toEqual([]);
  });
  test("at the limit and over it", () => {
    expect(cost({ cost: { value: 20 } }, "{ source: forecast }")).toEqual([]);
    expect(cost({ cost: { value: 20.01 } }, "{ source: forecast }")).toEqual([
      "approve cost: the account would cost €20.01 a month, more than €20",
    ]);
  });
  test("not known is no zero: it has a severity of its own", () => {
    const line = "cost: monthly cost: not known (no invoice yet)";
    expect(cost({ cost: { unknown: "no invoice yet" } }, "{ source: forecast }")).toEqual([`approve ${line}`]);
    expect(cost({ cost: { unknown: "no invoice yet" } }, "{ source: forecast, unknown: inform }")).toEqual([
      `inform ${line}`,
    ]);
    expect(cost({}, "{ source: forecast, unknown: off }")).toEqual([]);
  });
  test("quality", () => {
    const check = (name: string, state: "fail" | "not-run", why: string) => ({
      service: "crm",
      check: name,
      state,
      why,
    });
    expect(said({ quality: [] })).toEqual([]);
    expect(said({ quality: [check("axe", "fail", "violations 3 (at most 0)")] })).toEqual([
      "stop quality: 1 quality check fails: axe for crm (violations 3 (at most 0))",
    ]);
    const two = [
      check("tests of platform", "not-run", "it ran for another artifact"),
      check("axe", "fail", "violations 1"),
    ];
    expect(said({ quality: two })).toEqual([
      "stop quality: 1 quality check fails: axe for crm (violations 1)",
      "stop quality-not-run: 1 quality check is not known: tests of platform for crm (it ran for another artifact)",
    ]);
    // Each is lifted by its own name, and asks for an approval then.
    const lifted = judgeGates(rulesOf(), facts({ quality: two }), { allow: ["quality-not-run"] });
    expect(lifted.map(({ rule, severity }) => [rule, severity])).toEqual([
      ["quality", "stop"],
      ["quality-not-run", "approve"],
    ]);
    expect(said({ qualityAltered: true })).toEqual([
      "approve quality: the change alters quality.yaml, which says what must be proven",
    ]);
    // As estates wrote it before: nothing is asked without quality.yaml.
    expect(said({}, "rules: { quality: { severity: approve, unknown: approve, source: gates } }")).toEqual([]);
  });
});

describe("freeze", () => {
  const text = 'freezes: [{ from: "2026-11-27", to: "2026-11-28", timeZone: Europe/Vienna, reason: the fair }]';
  const head = "freeze: the estate is frozen from 2026-11-27 to 2026-11-28 (Europe/Vienna): the fair";
  test("stops what changes something", () => {
    expect(said({ changes: sites(1) }, text)).toEqual([`stop ${head}`]);
    expect(said({}, text)).toEqual([]);
  });
  test("a hotfix names what it mends, and mends nothing else", () => {
    expect(said({ changes: sites(1), hotfix: ["s0.example.at"] }, text)).toEqual([
      `approve ${head}; hotfix of s0.example.at`,
    ]);
    expect(said({ changes: sites(2), hotfix: ["s0.example.at"] }, text)).toEqual([
      `stop ${head}; beside the hotfix of s0.example.at this changes s1.example.at`,
    ]);
  });
  test("lifted by name, it asks for an approval instead", () => {
    expect(said({ changes: sites(1) }, text, ["freeze"])).toEqual([`approve ${head}`]);
  });
});

test("going back is stopped by loss alone: no count, share, window or freeze", () => {
  const text = 'freezes: [{ from: "2026-11-28", to: "2026-11-28", reason: x }]';
  expect(
    said({ direction: "back", changes: sites(100, "delete"), stacks: [held("prod-cell-07", 100, 100)] }, text),
  ).toEqual([]);
  expect(said({ direction: "back", changes: [change(PROJECT, "delete", "quiz")] }, text).join()).toContain(
    "approve loss",
  );
});

test("a rule's scope leaves other stacks out", () => {
  const text = "rules: { many-sites: { sites: 1, scope: [prod-cell-08] }, window-mass: { severity: off } }";
  expect(said({ changes: sites(5) }, text)).toEqual([]);
  expect(said({ changes: sites(5, "update", "prod-cell-08") }, text)).toHaveLength(1);
  const cells = "rules: { many-sites: { sites: 1, scope: [cells] }, window-mass: { severity: off } }";
  expect(said({ changes: sites(5) }, cells)).toHaveLength(1);
});

test("of two sets of rules the graver verdict holds: a change does not loosen the rule that judges it", () => {
  const judged = (text: string) => judgeGates(rulesOf(text), facts({ changes: sites(60), now: SATURDAY }));
  const loose = judged("rules: { many-sites: { sites: 5000 }, window-mass: { severity: inform } }");
  const strict = judged("rules: { many-sites: { approvals: 2 } }");
  for (const [a, b] of [
    [loose, strict],
    [strict, loose],
  ] as const) {
    expect(graver(a, b).map(({ rule, severity, approvals }) => [rule, severity, approvals])).toEqual([
      ["many-sites", "approve", 2],
      ["window-mass", "approve", 1],
    ]);
  }
});
