import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SitefleetError } from "../../../../errors/index.ts";
import { judgeLocks, judgeSpace } from "../../../../operations/doctor/backend.ts";
import { judgeBudgets } from "../../../../operations/doctor/budget.ts";
import { judgeHost } from "../../../../operations/doctor/hosts.ts";
import type { ServiceLook } from "../../../../plesk/index.ts";
import { isRead } from "../../../../sandbox/core/log.ts";
import { digestOfDirectory, stateText, writeState } from "../../../support/states.ts";
import { edited, World } from "./world.ts";

// What breaks when these fail: a person learns in the middle of a run what could be known before, or doctor cries wolf.

let world: World;
beforeAll(async () => {
  world = await new World().open();
});
afterAll(() => world.close());
beforeEach(() => world.settle());

const reply = (status: number, body: object | string, headers: Record<string, string> = {}) =>
  typeof body === "string" ? new Response(body, { status, headers }) : Response.json(body, { status, headers });
const lock = (fields: object) =>
  JSON.stringify({ pid: 1, username: "eva", hostname: hostname(), timestamp: new Date().toISOString(), ...fields });
const LOCKS = "locks/organization/sitefleet/prod";

/** One trouble: how it comes about, which line tells it, and what that line says. */
type Trouble = readonly [name: string, id: string, level: "fault" | "warning", says: RegExp, plant: () => void];

const TROUBLES: readonly Trouble[] = [
  // This machine
  [
    "no engine",
    "tools.engine",
    "fault",
    /pulumi is not in PATH/,
    () => {
      world.env.PATH = "/usr/bin:/bin";
    },
  ],
  ["an old engine", "tools.version", "fault", /pulumi is v3\.100\.0/, () => engineSays("v3.100.0")],
  [
    "no home",
    "tools.home",
    "warning",
    /HOME is not set/,
    () => {
      world.env.HOME = undefined;
    },
  ],
  [
    "a plugin that may not be fetched",
    "plugins",
    "fault",
    /plugin random is not installed/,
    () => {
      world.env.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION = "true";
      world.env.PULUMI_DEBUG_PROVIDERS = "vercel:1,cloudflare:2,github:3,command:4";
    },
  ],
  // The catalog and the configuration
  [
    "a catalog with an error",
    "catalog",
    "fault",
    /sites\.csv:2: project/,
    () =>
      world.write(
        "sites.csv",
        "name,zone,project,repository,root_directory,framework,channel,tags\nshop,example.com,mine,acme/shop,,nextjs,stable,\n",
      ),
  ],
  ["no catalog", "catalog", "fault", /is no directory/, () => rmSync(world.catalogDir, { recursive: true })],
  ["no configuration file", "settings.file", "fault", /not there/, () => rmSync(world.configFile)],
  [
    "no target",
    "settings.target",
    "fault",
    /target is not set/,
    () =>
      world.configure((_, config) => {
        delete config["sitefleet:target"];
      }),
  ],
  [
    "no team in the settings",
    "settings.vercelTeam",
    "fault",
    /vercelTeam is not set/,
    () =>
      world.configure((_, config) => {
        delete config["sitefleet:vercelTeam"];
      }),
  ],
  [
    "a setting that is none",
    "settings.skewProtection",
    "fault",
    /is none of/,
    () =>
      world.configure((_, config) => {
        config["sitefleet:skewProtection"] = "1 minute";
      }),
  ],
  [
    "a secret that is not set",
    "settings.secrets",
    "fault",
    /lacks SMTP_PASS/,
    () =>
      world.configure((_, config) => {
        delete config["sitefleet:secrets"];
      }),
  ],
  [
    "no salt",
    "passphrase",
    "fault",
    /no encryptionsalt/,
    () =>
      world.configure((file) => {
        delete file.encryptionsalt;
      }),
  ],
  [
    "another passphrase",
    "passphrase",
    "fault",
    /does not open/,
    () => writeFileSync(join(world.dir, "passphrase"), "wrong\n"),
  ],
  [
    "a passphrase for all to read",
    "passphrase.file",
    "warning",
    /others .* can read/,
    () => chmodSync(join(world.dir, "passphrase"), 0o644),
  ],
  // Tokens in the environment
  [
    "a token that is missing",
    "tokens.github",
    "fault",
    /GITHUB_TOKEN is not set/,
    () => {
      world.env.GITHUB_TOKEN = undefined;
    },
  ],
  [
    "a token with a line break",
    "tokens.cloudflare",
    "fault",
    /holds a line break/,
    () => {
      world.env.CLOUDFLARE_API_TOKEN = "c0ffee\n";
    },
  ],
  [
    "a token that is none",
    "tokens.vercel",
    "fault",
    /is no token of Vercel/,
    () => {
      world.env.VERCEL_API_TOKEN = "short";
    },
  ],
  [
    "an address that is none",
    "addresses",
    "fault",
    /GITHUB_BASE_URL is no address/,
    () => {
      world.env.GITHUB_BASE_URL = "nonsense";
    },
  ],
  [
    "half a sandbox",
    "addresses",
    "warning",
    /GitHub would be called in the world/,
    () => {
      world.env.GITHUB_BASE_URL = undefined;
      world.env.GITHUB_TOKEN = "a b";
    },
  ],
  // The state backend
  [
    "a backend that is none",
    "backend.reach",
    "fault",
    /no address of a state backend/,
    () => {
      world.env.PULUMI_BACKEND_URL = "state";
    },
  ],
  [
    "a backend that is not there",
    "backend.reach",
    "fault",
    /is not there/,
    () => rmSync(world.backend, { recursive: true }),
  ],
  [
    "a lock of a dead engine",
    "backend.locks",
    "warning",
    /has left its lock on prod/,
    () => writeState(world.backend, `${LOCKS}/a.json`, lock({ pid: 4_194_303 })),
  ],
  [
    "a lock of another machine",
    "backend.locks",
    "warning",
    /another machine has locked prod/,
    () => writeState(world.backend, `${LOCKS}/a.json`, lock({ hostname: "elsewhere" })),
  ],
  [
    "a state that is cut off",
    "backend.states",
    "fault",
    /stack prod: /,
    () => {
      writeState(world.backend, "stacks/sitefleet/prod.json", stateText("prod").slice(0, 900));
      writeState(world.backend, "history/sitefleet/prod/prod-1.history.json", "{}");
    },
  ],
  [
    "operations that were cut off",
    "backend.states",
    "warning",
    /stack prod has operations/,
    () => {
      const state = JSON.parse(stateText("prod"));
      state.checkpoint.latest.pending_operations = [
        { type: "creating", resource: state.checkpoint.latest.resources[1] },
      ];
      writeState(world.backend, "stacks/sitefleet/prod.json", JSON.stringify(state));
    },
  ],
  [
    "states of another salt",
    "passphrase",
    "fault",
    /is not the one that stack prod was encrypted with/,
    () => {
      writeState(world.backend, "stacks/sitefleet/prod.json", stateText("prod", { salt: "v1:b3RoZXI=" }));
      world.configure((file) => {
        file.other = 1;
      });
    },
  ],
  [
    "a run that was cut off",
    "backend.runs",
    "warning",
    /is not complete/,
    () => {
      mkdirSync(join(world.backend, ".sitefleet/runs"), { recursive: true });
      const at = "2026-11-01T10:00:00.000Z";
      const entries = [
        { event: "run-started", run: "20261101T100000Z-abcdef", operation: "up", stacks: ["prod"] },
        { event: "stack-started", stack: "prod" },
      ];
      const run = join(world.backend, ".sitefleet/runs/20261101T100000Z-abcdef.jsonl");
      writeFileSync(run, entries.map((entry) => `${JSON.stringify({ at, ...entry })}\n`).join(""));
    },
  ],
  // The vendor that hosts
  [
    "a token that is refused",
    "vercel.token",
    "fault",
    /does not accept VERCEL_API_TOKEN/,
    () => world.answers("vercel", () => reply(403, { error: { code: "forbidden" } })),
  ],
  [
    "a token that ends soon",
    "vercel.token",
    "warning",
    /expires in 3 days/,
    () =>
      world.answers("vercel", (path, answer) =>
        path.startsWith("/v5/")
          ? edited(answer, ({ token }) => {
              Object.assign(token ?? {}, { expiresAt: Date.now() + 2.5 * 86_400_000 });
            })
          : undefined,
      ),
  ],
  [
    "another team",
    "vercel.team",
    "fault",
    /does not see the team other; it sees acme/,
    () =>
      world.configure((_, config) => {
        config["sitefleet:vercelTeam"] = "other";
      }),
  ],
  [
    "a role that may not write",
    "vercel.team",
    "warning",
    /role of .* is VIEWER/,
    () =>
      world.answers("vercel", (path, answer) =>
        path === "/v2/teams/acme"
          ? edited(answer, ({ membership }) => {
              Object.assign(membership ?? {}, { role: "VIEWER" });
            })
          : undefined,
      ),
  ],
  [
    "a repository that the app may not read",
    "vercel.repositories",
    "fault",
    /may not read acme\/news/,
    () =>
      world.write(
        "sites.csv",
        "name,zone,project,repository,root_directory,framework,channel,tags\nnews,example.com,own,acme/news,,nextjs,stable,\n",
      ),
  ],
  [
    "an owner without the app",
    "vercel.repositories",
    "fault",
    /not installed for other/,
    () =>
      world.write(
        "sites.csv",
        "name,zone,project,repository,root_directory,framework,channel,tags\nnews,example.com,own,other/news,,nextjs,stable,\n",
      ),
  ],
  [
    "a page in place of the API",
    "vercel.token",
    "fault",
    /is no API/,
    () => world.answers("vercel", () => reply(200, "<!doctype html><title>Welcome</title>")),
  ],
  [
    "a vendor that is down",
    "vercel.token",
    "fault",
    /answers status 500/,
    () => world.answers("vercel", () => reply(500, "oops")),
  ],
  [
    "a vendor that limits",
    "vercel.token",
    "warning",
    /limits this token's calls/,
    () => world.answers("vercel", () => reply(429, {}, { "retry-after": "30" })),
  ],
  // The vendor of zones
  [
    "a token that was switched off",
    "cloudflare.token",
    "fault",
    /is disabled/,
    () =>
      world.answers("cloudflare", (path, answer) =>
        path.endsWith("/tokens/verify")
          ? edited(answer, ({ result }) => {
              Object.assign(result ?? {}, { status: "disabled" });
            })
          : undefined,
      ),
  ],
  [
    "a zone that is not there",
    "cloudflare.zones",
    "fault",
    /does not see the zone example\.net/,
    () =>
      world.write(
        "zones.yaml",
        "zones: [{ name: example.com, kind: cname, mode: existing }, { name: example.org, kind: cname, mode: create }, { name: example.net, kind: cname, mode: existing }]\n",
      ),
  ],
  [
    "a zone that another server answers for",
    "cloudflare.zones",
    "warning",
    /example\.com is pending/,
    () => zoneIs({ status: "pending" }),
  ],
  ["a zone that is paused", "cloudflare.zones", "warning", /is paused/, () => zoneIs({ paused: true })],
  [
    "a right that is missing",
    "cloudflare.zones",
    "warning",
    /lacks DNS Edit/,
    () => zoneIs({ permissions: ["#zone:read", "#dns_records:read"] }),
  ],
  [
    "a zone that is nearly full",
    "room.records",
    "warning",
    /198 of the 200 records/,
    () =>
      world.answers("cloudflare", (path, answer) =>
        path.includes("/dns_records")
          ? edited(answer, (body) => {
              Object.assign(body.result_info ?? {}, { total_count: 198 });
            })
          : undefined,
      ),
  ],
  [
    "an account that is not the token's",
    "cloudflare.account",
    "fault",
    /does not see the account/,
    () =>
      world.configure((_, config) => {
        config["sitefleet:cloudflareAccountId"] = "f".repeat(32);
      }),
  ],
  // The vendor of secrets
  [
    "a repository that is not there",
    "github.repository",
    "fault",
    /acme\/none is not there/,
    () =>
      world.write(
        "secrets.yaml",
        "github: { repository: acme/none }\nsecrets: [{ name: SMTP_PASS, source: config }]\n",
      ),
  ],
  [
    "a token that may only read",
    "github.repository",
    "warning",
    /may not make environments/,
    () =>
      world.answers("github", (path, answer) =>
        path.endsWith("/repos/acme/estate")
          ? edited(answer, ({ permissions }) => {
              Object.assign(permissions ?? {}, { admin: false });
            })
          : undefined,
      ),
  ],
  [
    "a permission that is missing",
    "github.environment",
    "fault",
    /lacks environments=read/,
    () =>
      world.answers("github", (path) =>
        path.includes("/environments/")
          ? reply(403, { message: "Resource not accessible" }, { "x-accepted-github-permissions": "environments=read" })
          : undefined,
      ),
  ],
  [
    "a protection without reviewers",
    "github.environment",
    "warning",
    /asks for reviewers and has none/,
    () =>
      world.answers("github", (path) =>
        path.endsWith("/environments/production")
          ? reply(200, { name: "production", protection_rules: [{ type: "required_reviewers", reviewers: [] }] })
          : undefined,
      ),
  ],
  [
    "more secrets than there is room for",
    "room.secrets",
    "fault",
    /would hold 101 secrets/,
    () =>
      world.answers("github", (path) =>
        path.includes("/production/secrets")
          ? reply(200, {
              total_count: 100,
              secrets: Array.from({ length: 100 }, (_, index) => ({ name: `S_${index}` })),
            })
          : undefined,
      ),
  ],
  // Between them
  [
    "a clock that is wrong",
    "clock",
    "fault",
    /360\d s ahead/,
    () =>
      world.answers("github", (_, answer) =>
        edited(answer, () => {}, { date: new Date(Date.now() - 3_600_000).toUTCString() }),
      ),
  ],
  [
    "a budget that is used up",
    "calls.github",
    "warning",
    /leaves 3 of 5000 calls/,
    () =>
      world.answers("github", (_, answer) =>
        edited(answer, () => {}, { "x-ratelimit-limit": "5000", "x-ratelimit-remaining": "3" }),
      ),
  ],
];

function engineSays(version: string): void {
  const bin = join(world.dir, "old");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "pulumi"), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
  world.env.PATH = `${bin}:${world.env.PATH}`;
}

function zoneIs(fields: object): void {
  world.answers("cloudflare", (path, answer) =>
    path.startsWith("/client/v4/zones?")
      ? edited(answer, ({ result }) => {
          for (const zone of result as unknown as object[]) Object.assign(zone, fields);
        })
      : undefined,
  );
}

it("a healthy estate has neither fault nor warning, and nothing is written anywhere", async () => {
  const before = [world.backend, world.catalogDir].map(digestOfDirectory);
  const lines = await world.examine();
  expect(lines.filter(({ level }) => level !== "ok")).toEqual([]);
  expect(new Set(lines.map(({ id }) => id.split(".")[0]))).toEqual(
    new Set([
      "catalog",
      "approvals",
      "tools",
      "plugins",
      "settings",
      "tokens",
      "addresses",
      "passphrase",
      "backend",
      "vercel",
      "cloudflare",
      "github",
      "budget",
      "clock",
    ]),
  );
  expect([world.backend, world.catalogDir].map(digestOfDirectory)).toEqual(before);
  const { latest } = world.log.summary();
  expect(latest.length).toBeGreaterThan(8);
  expect(latest.filter(({ method }) => !isRead(method))).toEqual([]);
});

describe("a trouble is told by its own line, with what to do", () => {
  it.each(TROUBLES)("%s: %s", async (_, id, level, says, plant) => {
    plant();
    const lines = await world.examine();
    const found = lines.filter((line) => line.id === id && line.level === level);
    expect(found.map((line) => line.says).join("\n"), JSON.stringify(lines, null, 1)).toMatch(says);
    expect(found.every(({ todo = "" }) => todo.length > 3)).toBe(true);
    // No token and no passphrase is ever shown.
    expect(JSON.stringify(lines)).not.toMatch(/abcdefghijklmnopqrstuvwx|ghp_x|c0ffee|"right"/);
  });
});

it("a vendor that never answers is a line of its own, and the others are told all the same", async () => {
  world.answers("cloudflare", () => new Promise(() => {}));
  const lines = await world.examine({ within: 1 });
  const bad = lines.filter(({ level }) => level !== "ok");
  expect(bad.map(({ id, says }) => `${id}: ${says}`)).toEqual([
    "cloudflare.token: Cloudflare, what the token is: no answer within 0.8 s",
    "cloudflare.zones: Cloudflare, its zones: no answer within 0.8 s",
  ]);
  expect(lines.map(({ id }) => id)).toEqual(
    expect.arrayContaining(["vercel.team", "github.environment", "backend.reach"]),
  );
});

it("a backend that does not answer is one fault, and what lies in it is not known", async () => {
  world.env.PULUMI_BACKEND_URL = "postgres://eva:geheim@127.0.0.1:1/states";
  const lines = (await world.examine({ offline: true })).filter(({ level }) => level !== "ok");
  expect(lines.map(({ id, level }) => `${level} ${id}`)).toEqual([
    "warning passphrase",
    "fault backend.reach",
    "warning backend.locks",
    "warning backend.states",
    "warning budget",
  ]);
  expect(JSON.stringify(lines)).not.toContain("geheim");
});

it("what a vendor writes into a name moves no cursor and hides nothing", async () => {
  world.answers("vercel", (path, answer) =>
    path === "/v2/user"
      ? edited(answer, ({ user }) => {
          Object.assign(user ?? {}, { username: "eva\u001b[2J\u202eok\nfault  forged" });
        })
      : undefined,
  );
  const [line] = (await world.examine()).filter(({ id }) => id === "vercel.token");
  expect(line).toEqual({ id: "vercel.token", level: "ok", says: "valid, of eva [2Jok fault forged" });
});

it("offline, no vendor is called", async () => {
  await world.examine({ offline: true });
  expect(world.log.summary().total).toBe(0);
});

describe("a host", () => {
  const host = { key: "plesk", address: "h.example", profile: "generic" as const };
  const probe = {
    shell: "bash 5.2",
    user: "web",
    tools: new Set<string>(),
    writable: true,
    sameFileSystem: true,
    freeBytes: 9 * 2 ** 30,
    usedBytes: undefined,
  };
  const whole: ServiceLook = {
    service: "main",
    probe,
    lacks: [],
    perhaps: [],
    obstacles: [],
    pending: false,
    locks: [],
    database: undefined,
  };
  const lines = (change: Partial<ServiceLook>) => {
    const outcomes = [{ service: "main", ok: true as const, value: { ...whole, ...change } }];
    return judgeHost({ host, outcomes, unasked: [] }).filter(({ level }) => level !== "ok");
  };

  it("as it should be has nothing to tell", () => {
    expect(lines({})).toEqual([]);
  });

  const lacking = { what: "rsync (for uploads)", reason: "it is not on the account's PATH", wayOut: "install it" };
  it.each<[string, Partial<ServiceLook>, string, string, RegExp]>([
    [
      "where the account may not write",
      { probe: { ...probe, writable: false } },
      "host.plesk.rights",
      "fault",
      /may not write/,
    ],
    ["with a full disk", { probe: { ...probe, freeBytes: 2 ** 20 } }, "host.plesk.disk", "fault", /1 MiB are free/],
    [
      "with little room",
      { probe: { ...probe, freeBytes: 2 ** 30 } },
      "host.plesk.disk",
      "warning",
      /1024 MiB are free/,
    ],
    ["without rsync", { lacks: [lacking] }, "host.plesk.tools", "fault", /lacks rsync/],
    [
      "without a program of a step",
      { perhaps: [{ ...lacking, what: "drush" }] },
      "host.plesk.tools",
      "warning",
      /lacks drush, of main/,
    ],
    [
      "with something in the way",
      { obstacles: ["current is a directory"] },
      "host.plesk.services",
      "fault",
      /current is a directory/,
    ],
    ["with a deployment that was cut off", { pending: true }, "host.plesk.services", "warning", /cut off on main/],
    [
      "whose database lacks grants",
      {
        database: new SitefleetError({
          code: "plesk.database.grants",
          message: "svc may not",
          details: ["TRIGGER"],
          hint: "grant",
        }),
      },
      "host.plesk.databases",
      "fault",
      /svc may not \(TRIGGER\)/,
    ],
  ])("%s", (_, change, id, level, says) => {
    expect(lines(change)).toEqual([{ id, level, says: expect.stringMatching(says), todo: expect.any(String) }]);
  });

  it("that cannot be reached is one line, whatever number of services it has", () => {
    const error = new SitefleetError({ code: "plesk.ssh.host-key", message: "another key", hint: "compare" });
    const outcomes = ["a", "b"].map((service) => ({ service, ok: false as const, error }));
    expect(judgeHost({ host, outcomes, unasked: [] })).toEqual([
      { id: "host.plesk", level: "fault", says: "h.example: another key", todo: "compare" },
    ]);
  });
});

it.each([
  [[{ engine: "dead" as const }], "warning", /has left its lock/],
  [[{ engine: "live" as const }], "ok", /works on prod/],
])("locks %j", (locks, level, says) => {
  const engines = locks.map(({ engine }) => ({
    stack: "prod",
    user: "eva",
    host: "h",
    pid: 1,
    since: "2026-11-01T10:00:00Z",
    file: "f",
    state: engine,
  }));
  expect(judgeLocks({ engines, runs: [], now: 0 })).toMatchObject([{ level, says: expect.stringMatching(says) }]);
});

it.each([
  [undefined, []],
  [2 ** 20, ["fault"]],
  [100 * 2 ** 20, ["warning"]],
  [2 ** 40, ["ok"]],
])("room of %s bytes for states", (free, levels) => {
  expect(judgeSpace(free).map(({ level }) => level)).toEqual(levels);
});

it("a budget that is used up, and a vendor that refuses calls, are told", () => {
  const standing = { key: "x.create", amount: 100, used: 95, held: 0 };
  expect(judgeBudgets([standing, { ...standing, key: "x.api", used: 0, blockedUntil: 120_000 }], 0)).toMatchObject([
    { level: "warning", says: "x.create: 95 of 100 are used" },
    { level: "warning", says: "x.api: the vendor refuses all calls for 2 minutes more" },
  ]);
});
