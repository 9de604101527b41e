// What would break: services would be shown as deployed whose migrations never ran, a driver that loses data would pass, or the
// faults that prove the opposite would hit nothing. Real MariaDB, PostgreSQL, sshd and PHP.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { sandboxStatus, stopSandbox } from "../../../../sandbox/control.ts";
import { World } from "./world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const world = new World();
beforeAll(async () => {
  await world.start();
  await world.publish();
  for (const { key, database } of world.catalog.services) if (database !== undefined) await world.setPassword(key);
});
afterAll(() => world.remove());
afterEach(async () => {
  await world.control("/faults", "DELETE");
  await world.control("/host", "DELETE");
});

let copies = 0;
/** A copy of a service's sample artifact with other files. */
function changed(key: string, files: Readonly<Record<string, string>>): string {
  copies += 1;
  const dir = join(world.folder, `artifact-${copies}`);
  cpSync(join("catalog", world.service(key).artifact), dir, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

/** Kinds whose steps change a database: key, schema version after the first deployment, a table that it brings. */
const MIGRATING = [
  ["n8n", "1.118.2", "workflow_entity"],
  ["idp", "26.4.5", "realm"],
  ["grafana", "12.2.1", "dashboard"],
  ["games", "20261102000000_player", "Player"],
  ["crm", "estate 10002, system 8901, civicrm 6.8.0", "estate_receipt"],
  ["api_stg", "0002", "notes"],
  ["analytics", "5.5.1", "matomo_log_visit"],
] as const;

describe("a deployment", () => {
  it.each(MIGRATING)("of %s migrates its real database, and shows release and version", async (key, schema, table) => {
    const { release, ran, snapshot } = await world.deploy(key);
    expect(ran.length).toBeGreaterThan(0);
    expect(snapshot?.proven).toBe(true);
    expect(await world.live(key)).toMatchObject({ id: key, release, schema });
    expect(await world.tables(key)).toContain(table);
    expect((await world.ask(key)).headers["x-release"]).toBe(release);
  });

  it("reaches the host's own MariaDB by its socket and the others over TCP, each with its own user only", async () => {
    const login = (host: string, port: number, key: string, database: string) => {
      const file = `printf '[client]\\nhost=${host}\\nport=${port}\\nuser=svc_${key}\\npassword="%s"\\n'`;
      const password = (world.passwords.get(key) ?? "").replaceAll("\\", "\\\\").replaceAll('"', '\\"');
      const quoted = `'${password.replaceAll("'", "'\\''")}'`;
      return world.ssh(
        `mariadb --defaults-extra-file=<(${file} ${quoted}) -N ${database} -e 'SELECT CURRENT_USER()' 2>&1; true`,
      );
    };
    const port = world.info.ports.mariadb ?? 0;
    expect(await login("localhost", 3306, "votes", "mo_votes")).toBe("svc_votes@localhost\n");
    expect(await login("127.0.0.1", port, "crm", "mo_crm")).toBe("svc_crm@127.0.0.1\n");
    expect(await login("127.0.0.1", port, "votes", "mo_votes")).toContain("Access denied");
    expect(await login("localhost", 3306, "votes", "mo_support")).toContain("Access denied");
    // Sessions run with the rights of whoever started the sandbox; the servers must not take them for their administrator.
    expect(await world.ssh("mariadb -u root -e 'SELECT 1' 2>&1; true")).toContain("Access denied");
  });
});

describe("faults", () => {
  const newer = () =>
    changed("games", {
      "prisma/migrations/20261103000000_more/migration.sql": "CREATE TABLE More (id INTEGER PRIMARY KEY);",
    });

  it.each([
    ["before anything is done", "^/tools/games/prisma/migrate%20deploy$"],
    ["between two migrations", "^/migrations/games/prisma/20261103000000_more$"],
    ["after everything was done", "^/done/games/prisma/migrate%20deploy$"],
  ])("in a migration, %s, are put back by the driver: release, version and tables", async (_when, path) => {
    const before = await world.live("games");
    const tables = await world.tables("games");
    await world.faults({
      faults: [
        {
          id: "f",
          vendor: "host",
          path,
          action: { type: "status", status: 500, code: 7, message: "the disk is on fire" },
        },
      ],
    });
    const failure = await world.deploy("games", newer()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "plesk.step" });
    expect(JSON.stringify(failure)).toContain("the disk is on fire");
    expect(await world.live("games")).toEqual(before);
    expect(await world.tables("games")).toEqual(tables);
  });

  it("a connection that is cut kills the program, a hanging one runs into the step's time-out", async () => {
    await world.faults({
      faults: [{ id: "cut", vendor: "host", path: "^/tools/games/prisma/", times: 1, action: { type: "drop" } }],
    });
    const service = world.service("games").path;
    const command = `cd ${service}.sitefleet/current && . ../../shared/.env`;
    // The session's own shell is what ssh reports on; 137 is 128 + SIGKILL.
    expect(await world.ssh(`${command}; prisma migrate status; echo $?`)).toBe("137\n");
    await world.faults({
      faults: [{ id: "slow", vendor: "host", path: "^/tools/", action: { type: "delay", ms: 300 } }],
    });
    const started = performance.now();
    await world.ssh(`set -a; ${command}; prisma migrate status`);
    expect(performance.now() - started).toBeGreaterThan(300);
  });

  it("too small grants and a wrong password are found before anything is changed", async () => {
    const before = await world.live("games");
    await world.behave({ grants: { games: "read" } });
    await expect(world.deploy("games", newer())).rejects.toMatchObject({ code: "plesk.database.grants", exitCode: 13 });
    await world.behave({ grants: { grafana: "read" } });
    const grafana = changed("grafana", {
      "docker-compose.yml": `services:\n  grafana:\n    image: grafana/grafana-oss:13.0.0\n${MOUNTED}`,
    });
    await expect(world.deploy("grafana", grafana)).rejects.toMatchObject({ code: "plesk.database.grants" });
    await world.behave({ wrongPasswords: ["games"] });
    await expect(world.deploy("games", newer())).rejects.toMatchObject({ code: "plesk.database" });
    expect(await world.live("games")).toEqual(before);
    await world.control("/host", "DELETE");
    expect(await world.deploy("grafana", grafana)).toMatchObject({ outcome: "released" });
    expect(await world.live("grafana")).toMatchObject({ schema: "13.0.0" });
  });

  it("a Grafana whose container does not see its dashboards goes back", async () => {
    const before = await world.live("grafana");
    const blind = changed("grafana", image("grafana/grafana-oss", "13.0.0"));
    await expect(world.deploy("grafana", blind)).rejects.toMatchObject({ code: "plesk.step" });
    expect(await world.live("grafana")).toEqual(before);
  });

  it("an older container refuses a newer database", async () => {
    const older = changed("grafana", {
      "docker-compose.yml": "services:\n  grafana:\n    image: grafana/grafana-oss:11.0.0\n",
    });
    const failure = await world.deploy("grafana", older).catch((error: unknown) => error);
    expect(JSON.stringify(failure)).toContain("the database is of version 13.0.0, newer than 11.0.0");
  });
});

/** Where the sample's Grafana has its dashboards from. */
const MOUNTED = "    volumes:\n      - ./provisioning:/etc/grafana/provisioning:ro\n";
/** Tools that claim what is not so: key, what changes, the tool and its arguments as its stand-in asks for them, and files that make it matter. */
const estate = (last: number) =>
  `<?php\n${Array.from({ length: last - 10000 }, (_, index) => `function estate_update_${10001 + index}() {}\n`).join("")}`;
const image = (name: string, tag: string) => ({
  "docker-compose.yml": `services:\n  ${name.replace(/.*\//, "")}:\n    image: ${name}:${tag}\n`,
});
const LIARS: readonly (readonly [
  key: string,
  what: string,
  tool: string,
  args: string,
  files: Record<string, string>,
])[] = [
  ["crm", "updates", "drush", "updatedb", { "modules/custom/estate/estate.install": estate(10005) }],
  ["crm", "configuration", "drush", "config:import", { "config/sync/system.site.yml": "name: lies\n" }],
  ["crm", "deploy hooks", "drush", "deploy:hook", { "modules/custom/estate/estate.deploy.php": "<?php\n" }],
  [
    "crm",
    "CiviCRM",
    "cv",
    "upgrade:db",
    { "vendor/civicrm/civicrm-core/xml/version.xml": "<version><version_no>6.9.0</version_no></version>" },
  ],
  ["crm", "maintenance on", "drush", "state:set system.maintenance_mode 1", {}],
  ["crm", "maintenance off", "drush", "state:set system.maintenance_mode 0", {}],
  ["api_stg", "the environment", "python3", "-m venv venv", {}],
  ["api_stg", "packages", "pip", "install", {}],
  [
    "api_stg",
    "revisions",
    "alembic",
    "upgrade head",
    { "migrations/versions/0003_lie.py": 'revision = "0003"\ndown_revision = "0002"\ndef upgrade():\n    pass\n' },
  ],
  [
    "games",
    "migrations",
    "prisma",
    "migrate deploy",
    { "prisma/migrations/20261104000000_lie/migration.sql": "CREATE TABLE Lie (id INTEGER PRIMARY KEY);" },
  ],
  ["n8n", "the container", "docker", "compose --project-name n8n up", image("n8nio/n8n", "1.119.0")],
  [
    "n8n",
    "workflows",
    "docker",
    "compose --project-name n8n exec -T n8n n8n import:workflow",
    {
      "workflows/notify.json": JSON.stringify({
        id: "deploymentnotify",
        name: "Deployment notification",
        nodes: [{ name: "A", type: "t" }],
        connections: {},
        active: true,
      }),
    },
  ],
  ["n8n", "what is active", "docker", "compose --project-name n8n exec -T n8n sh", {}],
  [
    "idp",
    "the container",
    "docker",
    "compose --project-name keycloak up",
    image("quay.io/keycloak/keycloak", "26.5.0"),
  ],
  ["grafana", "the container", "docker", "compose --project-name grafana up", image("grafana/grafana-oss", "13.1.0")],
  ["analytics", "Matomo", "php", "console core:update --yes", { "core/Version.php": "<?php const VERSION = '5.6.0';" }],
];
/** Text as a stand-in writes it into the address that it asks. */
const asked = (text: string) => encodeURIComponent(text).replaceAll(".", "\\.");

describe("a tool that ends with", () => {
  let lies = 0;
  const tell = async (key: string, path: string, code: number, files: Record<string, string>) => {
    const before = await world.live(key);
    const tables = await world.tables(key);
    lies += 1;
    await world.faults({
      faults: [
        {
          id: "lie",
          vendor: "host",
          path: `^/${path}`,
          times: 1,
          action: { type: "status", status: 500, code, message: "all is well" },
        },
      ],
    });
    const failure = await world
      .deploy(key, changed(key, { ...files, "lie.txt": String(lies) }))
      .catch((e: unknown) => e);
    expect(failure).toMatchObject({ code: "plesk.step" });
    expect(await world.live(key)).toEqual(before);
    expect(await world.tables(key)).toEqual(tables);
    return failure as { readonly message: string };
  };

  it.each(LIARS)("0 and does nothing: %s, %s", async (key, _, tool, args, files) => {
    const { message } = await tell(key, `tools/${key}/${tool}/${asked(args)}`, 0, files);
    // These say it by their own exit code: a plain test, Prisma since 4.3.0, and Alembic with --check-heads.
    const own = ["python venv look failed", "prisma migrate status failed", "alembic current failed"];
    expect(own.includes(message) || message.includes("ended well, but"), message).toBe(true);
  });

  // Of each kind one: going by what the tool says costs a deployment, and nothing else.
  it.each(LIARS.filter(([key], index) => LIARS.findIndex(([other]) => other === key) === index))(
    "1 and does everything: %s, %s",
    async (key, _, tool, args, files) => {
      const done = args.replace(/^compose --project-name \S+/, "compose");
      await tell(key, `done/${key}/${tool}/${asked(done)}`, 1, files);
    },
  );

  it("0 and tells the truth is believed", async () => {
    expect(await world.deploy("n8n", changed("n8n", { "truth.txt": "1" }))).toMatchObject({ outcome: "released" });
    expect(await world.sql("mariadb", "SELECT DISTINCT active FROM workflow_entity;", "mo_n8n")).toBe("1\n");
  });
});

describe("PHP", () => {
  const page = (text: string) =>
    changed("votes", { "index.php": `<?php echo '${text} ', basename(__DIR__);`, "reset.php": RESET });
  const RESET = "<?php opcache_reset(); clearstatcache(true); echo 'reset';";

  it("runs a service's pages with the release that is live", async () => {
    const first = await world.deploy("votes", page("one"));
    expect((await world.ask("votes")).text).toBe(`one ${first.release}`);
    const second = await world.deploy("votes", page("two"));
    expect((await world.ask("votes")).text).toBe(`two ${second.release}`);
    expect((await world.ask("votes", "/none.php")).status).toBe(404);
  });

  it("goes on with the old code after a switch, until it is told to forget it", async () => {
    await world.behave({ php: { staleCode: true } });
    const old = (await world.ask("votes")).text;
    // A kind of which the driver does not know that PHP runs: it resets nothing. See stale-code.test.ts for those it knows.
    const document = world.document("votes", page("three"));
    const { release } = await world.deployDocument({ ...document, service: { ...document.service, kind: "generic" } });
    expect((await world.ask("votes")).text).toBe(old);
    expect((await world.ask("votes", "/.well-known/sitefleet-release")).text.trim()).toBe(release);
    expect((await world.ask("votes", "/reset.php")).text).toBe("reset");
    expect((await world.ask("votes")).text).toBe(`three ${release}`);
  });
});

it("a client that asks 50 times a second while a migrating service gets a good release sees no error, and only the old or the new one", async () => {
  const old = await world.live("crm");
  let going = true;
  const seen: string[] = [];
  const client = (async () => {
    while (going) {
      const next = sleep(20);
      const { status, headers } = await world.ask("crm");
      seen.push(`${status} ${String(headers["x-release"])}`);
      await next;
    }
  })();
  const files = {
    "modules/custom/estate/estate.install":
      "<?php\nfunction estate_update_10001() {}\nfunction estate_update_10002() {}\nfunction estate_update_10003() {}\n",
  };
  const { release } = await world.deploy("crm", changed("crm", files));
  await sleep(200);
  going = false;
  await client;
  expect([...new Set(seen)].sort()).toEqual([`200 ${old?.release}`, `200 ${release}`].sort());
  expect(seen.at(-1)).toBe(`200 ${release}`);
  expect(seen.length).toBeGreaterThan(5);
  expect(await world.live("crm")).toMatchObject({ schema: "estate 10003, system 8901, civicrm 6.8.0" });
});

describe("the database servers", () => {
  it("keep what they hold over kill -9 and over stop and start, and take a new password", async () => {
    const before = await Promise.all(MIGRATING.map(([key]) => world.live(key)));
    const { parts } = await sandboxStatus({ dir: world.dir });
    for (const name of ["mariadb", "postgresql"] as const) process.kill(parts[name].pid ?? 0, "SIGKILL");
    await vi.waitFor(async () => expect((await sandboxStatus({ dir: world.dir })).running).toBe(false), 5000);
    const { ports } = world.info;
    await world.start();
    expect(world.info.ports).toEqual(ports);
    expect(await Promise.all(MIGRATING.map(([key]) => world.live(key)))).toEqual(before);
    await stopSandbox({ dir: world.dir });
    await world.start();
    expect(await Promise.all(MIGRATING.map(([key]) => world.live(key)))).toEqual(before);
    await world.setPassword("games", "another-one");
    expect(await world.deploy("games")).toMatchObject({ outcome: "unchanged" });
    expect(await world.deploy("games", changed("games", { "assets/game.js": "2" }))).toMatchObject({
      outcome: "released",
    });
  });

  it("hold no password of a service in any file of the sandbox", async () => {
    const everything = await world
      .ssh("true")
      .then(() => filesWith(world.dir, [...world.passwords.values(), "another-one"]));
    // The service's own .env on the host is where its password belongs.
    expect(everything.filter((name) => !name.endsWith(".sitefleet/shared/.env"))).toEqual([]);
  });
});

function filesWith(dir: string, texts: readonly string[]): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    if (!entry.isFile()) return [];
    const path = join(entry.parentPath, entry.name);
    const content = readFileSync(path);
    return texts.some((text) => content.includes(text)) ? [path] : [];
  });
}
