import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { holders } from "../../fleet/backend/locks/locks.ts";
import { loadCatalog } from "../../model/index.ts";
import { compareWithState } from "../../sandbox/compare.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { watchArguments } from "../support/arguments.ts";
import { Estate, type Row } from "../support/estate.ts";
import { digestOfDirectory } from "../support/states.ts";

// The whole path of a small estate through the real engine. What breaks when these fail: the demo, and everything that is
// built on it. The tests follow on each other: they tell the life of one estate.

const rows: Row[] = [
  { name: "first", tags: "canary" },
  { name: "shop-a" },
  { name: "shop-b" },
  { name: "shop-c", zone: "remotecash.de" },
  { name: "land-a", project: "shared" },
  { name: "land-b", project: "shared", zone: "remotecash.de" },
];
const estate = new Estate(rows);
const { services } = loadCatalog(estate.catalog);
/** Arguments of all processes while the estate came up. */
let started: string[] = [];

interface Report {
  readonly ok: boolean;
  readonly total: Record<string, number>;
  readonly byStack: { stack: string; attempts?: number }[];
  readonly steps: { op: string; type: string; name: string; stack: string }[];
  readonly failed: { stack: string; errors: string[] }[];
}
const report = (text: string) => JSON.parse(text) as Report;
const short = ({ steps }: Report) =>
  steps.map(({ op, type, name }) => `${op} ${type.split(":").at(-1)} ${name}`).sort();

/** Every service with a release, as the sandbox's host has it. */
async function live(): Promise<{ id: string; release: string; schema: string | null }[]> {
  const { host } = (await estate.control("/inventory?vendor=host")) as {
    host: { services: Awaited<ReturnType<typeof live>> };
  };
  return host.services;
}

beforeAll(async () => {
  // Zones that are there already: a created one is protected, and the last test destroys everything.
  estate.edit("zones.yaml", (text) => text.replaceAll("mode: create", "mode: existing"));
  await estate.start();
});
afterAll(() => estate.remove());

describe("an estate from nothing", () => {
  it("previews before anything exists, also what refers to a stack that is not there yet", async () => {
    const { code, stdout, stderr } = await estate.sitefleet("preview", "--json", "--detailed-exitcode");
    expect(code, stderr).toBe(2);
    expect(report(stdout).total).toMatchObject({ changed: 0, replaced: 0, deleted: 0 });
  });

  it("comes up, and a second preview finds nothing to change", async () => {
    const watch = watchArguments();
    const up = await estate.sitefleet("up", "--yes", "--json");
    started = watch.stop();
    expect(up.code, up.stdout + up.stderr).toBe(0);
    const second = await estate.sitefleet("preview", "--json", "--detailed-exitcode");
    expect(second.code, second.stdout + second.stderr).toBe(0);
    expect(report(second.stdout).total).toMatchObject({ created: 0, changed: 0, replaced: 0, deleted: 0 });
  });

  it("has nothing to do with the same catalog at another place: only content decides", async () => {
    const moved = join(estate.dir, "moved catalog");
    cpSync(estate.catalog, moved, { recursive: true });
    const ran = await estate.sitefleet("preview", "--stack", "prod-plesk", "--all", "--json", "--catalog", moved);
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    expect(report(ran.stdout).total).toMatchObject({ created: 0, changed: 0, replaced: 0, deleted: 0 });
  });

  it("leaves at the vendors exactly what the state holds", async () => {
    const { missing, orphans, compared } = await compareWithState(estate.info);
    expect({ missing, orphans }).toEqual({ missing: [], orphans: [] });
    expect(compared).toBeGreaterThan(60);
  });

  it("has nothing wrong by doctor, which leaves no trace at vendors, in the backend and on the host", async () => {
    const before = [digestOfDirectory(estate.stateDir), JSON.stringify(await live())];
    await fetch(new URL("/requests", estate.info.urls.control), { method: "DELETE" });
    const { code, stdout, stderr } = await estate.sitefleet("doctor", "--json", "--within", "60s");
    const { lines, seconds } = JSON.parse(stdout) as { lines: { id: string; level: string }[]; seconds: number };
    // Processes that other tests' killed runs have left on this machine are not this estate's.
    expect(lines.filter(({ id, level }) => level !== "ok" && id !== "leftovers")).toEqual([]);
    expect(code, stderr).toBe(0);
    expect(lines.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["host.plesk", "host.plesk.databases", "github.environment"]),
    );
    expect(seconds).toBeLessThan(60);
    const { latest } = (await estate.control("/requests?latest=1000")) as {
      latest: { method: string; vendor: string }[];
    };
    expect(latest.filter(({ method, vendor }) => method !== "GET" && vendor !== "host")).toEqual([]);
    expect([digestOfDirectory(estate.stateDir), JSON.stringify(await live())]).toEqual(before);
  });

  it("has every service live, and the databases of those that migrate at the version that their release brings", async () => {
    const found = await live();
    expect(found.map(({ id }) => id).sort()).toEqual(services.map(({ key }) => key).sort());
    const migrated = found.filter(({ schema }) => schema !== null).map(({ id }) => id);
    expect(migrated.sort()).toEqual(["analytics", "api_stg", "crm", "games", "grafana", "idp", "n8n"]);
  });

  it("serves every site and every service by its host name", async () => {
    const ask = async (host: string) => {
      const { stdout } = await estate.run("curl", [
        "-s",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        "-H",
        `Host: ${host}`,
        estate.info.urls.web,
      ]);
      return [host, stdout];
    };
    const hosts = [
      ...rows.map(({ name, zone = "qmoney.de" }) => `${name}.${zone}`),
      ...services.map(({ host }) => host),
    ];
    expect(await Promise.all(hosts.map(ask))).toEqual(hosts.map((host) => [host, "200"]));
  });
});

describe("plain pulumi", () => {
  const cell = async () =>
    (JSON.parse((await estate.sitefleet("cells", "--json")).stdout) as { cells: { stack: string }[] }).cells[0]
      ?.stack ?? "";

  it("finds nothing to change on any stack with the sandbox's configuration file", async () => {
    const config = estate.env().SITEFLEET_CONFIG_FILE ?? "";
    for (const stack of ["prod", "prod-plesk", await cell()]) {
      const { code, stdout, stderr } = await estate.pulumi(
        "preview",
        "-s",
        stack,
        "--config-file",
        config,
        "--expect-no-changes",
      );
      expect(code, `${stack}: ${stdout}${stderr}`).toBe(0);
    }
  });

  it("refuses a configuration that lacks what it needs, naming every key, without a stack trace", async () => {
    const { SITEFLEET_TARGET: _, ...env } = estate.env();
    // A copy: pulumi writes how secrets are encrypted into a configuration file that does not say so.
    const file = join(estate.dir, "Pulumi.prod.yaml");
    copyFileSync(join(PROJECT_ROOT, "Pulumi.prod.yaml"), file);
    const args = ["preview", "-s", "prod", "--config-file", file, "--non-interactive", "--color", "never"];
    const { code, stdout, stderr } = await estate.run("pulumi", args, env);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("sitefleet:target is not set");
    expect(stdout + stderr).toContain("sitefleet:secrets.SSH_PRIVATE_KEY is not set");
    expect(stdout + stderr).not.toMatch(/\bat .*\.ts:\d+/);
  });
});

describe("changes of the catalog", () => {
  it("touch exactly the sites they are about", async () => {
    const changed: Row[] = [
      ...rows.filter(({ name }) => name !== "shop-b" && name !== "shop-a"),
      { name: "shop-a", framework: "astro" },
      { name: "added" },
    ];
    estate.writeSites(changed);
    const expected = [
      "create Project added.qmoney.de",
      "create ProjectDomain added.qmoney.de",
      "create Release added.qmoney.de",
      "create Site added.qmoney.de",
      "delete Project shop-b.qmoney.de",
      "delete ProjectDomain shop-b.qmoney.de",
      "delete Release shop-b.qmoney.de",
      "delete Site shop-b.qmoney.de",
      "update Project shop-a.qmoney.de",
      // Another framework: the same commit is built again.
      "update Release shop-a.qmoney.de",
    ];
    const preview = await estate.sitefleet("preview", "--json");
    expect(short(report(preview.stdout))).toEqual(expected);
    const up = await estate.sitefleet("up", "--yes", "--json");
    expect(up.code, up.stdout + up.stderr).toBe(0);
    const { missing, orphans } = await compareWithState(estate.info);
    expect({ missing, orphans }).toEqual({ missing: [], orphans: [] });
  });
});

describe("one service on its host", () => {
  const docs = join(estate.catalog, "sample/artifacts/docs");
  interface Previewed extends Report {
    readonly notes: { subject: string; level: string; text: string }[];
  }
  const preview = async () => {
    const ran = await estate.sitefleet("preview", "--stack", "prod-plesk", "--all", "--json");
    return { ...ran, report: JSON.parse(ran.stdout) as Previewed };
  };
  const deployDocs = async () => {
    const ran = await estate.sitefleet("plesk", "deploy", "--service", "docs", "--yes", "--json");
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    return report(ran.stdout);
  };

  it("shows exactly the one file that changed, deploys that service alone, and is then as declared", async () => {
    appendFileSync(join(docs, "index.html"), "<!-- two -->\n");
    // Another service is due as well: a deployment of the first must not touch it, nor hide it.
    appendFileSync(join(estate.catalog, "sample/artifacts/status/status.json"), "\n");
    const { report: found } = await preview();
    expect(short(found)).toEqual(["update Command docs", "update Command status"]);
    const [note] = found.notes.filter(({ subject }) => subject === "docs");
    expect(note?.text).toContain("0 created, 1 changed, 0 deleted");
    expect(note?.text).toMatch(/\n +~ index\.html\n/);
    expect(found.notes.map(({ subject }) => subject)).toEqual(["docs", "status"]);
    expect((await deployDocs()).total).toMatchObject({ created: 0, changed: 1, deleted: 0 });
    expect(short((await preview()).report)).toEqual(["update Command status"]);
  });

  it("goes back without the engine; the next preview says so and would change nothing of it", async () => {
    const back = await estate.sitefleet("plesk", "rollback", "--service", "docs", "--json");
    expect(back.code, back.stdout + back.stderr).toBe(0);
    const { report: found } = await preview();
    expect(short(found)).toEqual(["update Command status"]);
    expect(found.notes.find(({ subject }) => subject === "docs")).toMatchObject({
      level: "warning",
      text: expect.stringContaining("rolled back"),
    });
  });

  it("refuses in the preview what would delete too much, for that service and with the way out", async () => {
    const pages = Array.from({ length: 12 }, (_, index) => join(docs, `page-${index}.html`));
    for (const page of pages) writeFileSync(page, "page");
    await deployDocs();
    for (const page of pages) rmSync(page);
    const { code, report: found } = await preview();
    expect(code).toBe(1);
    const errors = found.failed.flatMap(({ errors }) => errors).join("\n");
    expect(errors).toMatch(/docs: deletes 12 of 1\d files .*allow: \[\{ safeguard: delete-share, release: "/);
    expect(errors).not.toContain("status:");
    for (const page of pages) writeFileSync(page, "page");
  });
});

describe("faults", () => {
  it("fails the stack it hits, says which site, and the next run goes on", async () => {
    estate.writeSites([...rows, { name: "late" }]);
    const action = { type: "status", status: 500 };
    const rule = { id: "no-new-projects", vendor: "vercel", method: "POST", path: "^/v\\d+/projects$", action };
    await estate.control("/faults", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ faults: [rule] }),
    });
    const hit = await estate.sitefleet("up", "--yes", "--json");
    expect(hit.code).toBe(1);
    expect(JSON.stringify(report(hit.stdout).failed)).toContain("late.qmoney.de");
    await estate.control("/faults", { method: "DELETE" });
    const again = await estate.sitefleet("up", "--yes", "--json");
    expect(again.code, again.stdout + again.stderr).toBe(0);
    const { missing, orphans } = await compareWithState(estate.info);
    expect({ missing, orphans }).toEqual({ missing: [], orphans: [] });
  });
});

describe("a vendor's bad moment", () => {
  it("is tried again within the run: nobody has to go on with it by hand", async () => {
    estate.writeSites([...rows, { name: "late" }, { name: "moment" }]);
    const project = { vendor: "vercel", method: "POST", path: "^/v\\d+/projects$", times: 1 };
    await estate.control("/faults", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        faults: [{ id: "moment", ...project, action: { type: "apply-then-fail", status: 502 } }],
      }),
    });
    const { code, stdout, stderr } = await estate.sitefleet("up", "--yes", "--json");
    expect(code, stdout + stderr).toBe(0);
    await estate.control("/faults", { method: "DELETE" });
    expect(report(stdout).byStack.filter(({ attempts }) => attempts)).toMatchObject([{ attempts: 2 }]);
    const { missing, orphans } = await compareWithState(estate.info);
    expect({ missing, orphans }).toEqual({ missing: [], orphans: [] });
  });
});

describe("services' new releases in a rollout", () => {
  const migration = "sample/artifacts/games/prisma/migrations/20261103000000_teams/migration.sql";
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(estate.catalog, file)), { recursive: true });
    writeFileSync(join(estate.catalog, file), text);
  };
  const rollout = async (code: number, ...args: string[]) => {
    const ran = await estate.sitefleet("rollout", ...args, "--json");
    expect(ran.code, ran.stdout + ran.stderr).toBe(code);
    return JSON.parse(ran.stdout);
  };
  const releaseOf = (all: Awaited<ReturnType<typeof live>>, key: string) => all.find(({ id }) => id === key)?.release;

  it("stop where a migration fails: its group is as it was, with its database, and abort takes the group before it back", async () => {
    estate.edit("rollout.yaml", (text) => text.replaceAll(/soakSeconds: \d+/g, "soakSeconds: 0"));
    const before = await live();
    for (const key of ["idp", "docs"]) write(`sample/artifacts/${key}/note.txt`, "one");
    write(migration, "CREATE TABLE Team (id INTEGER PRIMARY KEY);\nCREATE TABLE Team (id INTEGER PRIMARY KEY);\n");
    const stopped = await rollout(1, "--yes");
    expect(stopped).toMatchObject({
      status: "stopped",
      waves: [
        { name: "services-1", services: ["idp"], step: "passed", verdict: "pass", figures: { sites: 22, failed: 0 } },
        { name: "services-2", services: ["games", "docs"], step: "rolled-back", verdict: "fail" },
      ],
    });
    expect(stopped.waves[1].reason).toContain("games");
    const now = await live();
    expect(releaseOf(now, "idp")).not.toBe(releaseOf(before, "idp"));
    const others = (all: typeof before) => all.filter(({ id }) => id !== "idp");
    expect(others(now)).toEqual(others(before));
    expect(await rollout(0, "abort")).toMatchObject({ status: "aborted" });
    expect(await live()).toEqual(before);
  });

  it("go out in order once it is mended, and nothing else does; then nothing differs", async () => {
    const before = await live();
    for (const key of ["idp", "docs"]) write(`sample/artifacts/${key}/note.txt`, "two");
    write(migration, "CREATE TABLE Team (id INTEGER PRIMARY KEY);\n");
    expect(await rollout(0, "--yes")).toMatchObject({
      status: "done",
      waves: [{ step: "passed" }, { step: "passed" }],
    });
    const after = await live();
    expect(after.find(({ id }) => id === "games")?.schema).toBe("20261103000000_teams");
    const brought = after.filter((one, index) => one.release !== before[index]?.release).map(({ id }) => id);
    expect(brought.sort()).toEqual(["docs", "games", "idp"]);
    const found = await estate.sitefleet("preview", "--stack", "prod-plesk", "--all", "--json");
    expect(JSON.parse(found.stdout)).toMatchObject({
      total: { created: 0, changed: 0, replaced: 0, deleted: 0 },
      notes: [],
    });
    expect(await rollout(0, "--plan")).toMatchObject({ status: "done", waves: [] });
    const { missing, orphans } = await compareWithState(estate.info);
    expect({ missing, orphans }).toEqual({ missing: [], orphans: [] });
  });
});

describe("two runs at once", () => {
  it("on the same stacks: the second is refused with the holder's name, and what the first does is whole", async () => {
    estate.writeSites([...rows, { name: "late" }, { name: "moment" }, { name: "contested" }]);
    const first = estate.sitefleet("up", "--yes", "--json", "--all");
    await expect.poll(() => holders({ dir: join(estate.stateDir, ".sitefleet") }), { timeout: 60_000 }).not.toEqual([]);
    const second = await estate.sitefleet("up", "--yes", "--json", "--all", "--lock-timeout", "1");
    expect(second.code).toBe(1);
    expect(JSON.parse(second.stdout)).toMatchObject({ error: { code: "lock.held" } });
    expect(second.stdout).toContain(hostname());
    const { code, stdout, stderr } = await first;
    expect(code, stdout + stderr).toBe(0);
    const { missing, orphans } = await compareWithState(estate.info);
    expect({ missing, orphans }).toEqual({ missing: [], orphans: [] });
  });
});

describe("drift", () => {
  it("is told apart from what the catalog has changed, and put back", async () => {
    const { VERCEL_API_URL = "", VERCEL_API_TOKEN = "" } = estate.env();
    const inventory = (await estate.control("/inventory")) as { vercel: { projects: { id: string; name: string }[] } };
    const projectOf = (start: string) => inventory.vercel.projects.find(({ name }) => name.startsWith(start))?.id ?? "";
    const headers = { authorization: `Bearer ${VERCEL_API_TOKEN}`, "content-type": "application/json" };
    const ask = async (path: string, init: RequestInit = {}) => {
      const answer = await fetch(`${VERCEL_API_URL}${path}`, { ...init, headers });
      const body = (await answer.json()) as Record<string, unknown>;
      expect(answer.status, JSON.stringify(body)).toBe(200);
      return body;
    };
    const { teams } = (await ask("/v2/teams")) as { teams: { id: string }[] };
    const project = `/v9/projects/${projectOf("shop-a")}?teamId=${teams[0]?.id}`;
    await ask(project, { method: "PATCH", body: JSON.stringify({ framework: "hugo" }) });
    estate.writeSites([...rows, { name: "late" }, { name: "moment" }, { name: "contested", framework: "astro" }]);
    const preview = await estate.sitefleet("preview", "--refresh", "--json");
    const { steps } = JSON.parse(preview.stdout) as { steps: { name: string; op: string; cause: string }[] };
    expect(steps.map(({ name, op, cause }) => `${op} ${name}: ${cause}`).sort()).toEqual([
      // The project and its release.
      "update contested.qmoney.de: code",
      "update contested.qmoney.de: code",
      "update shop-a.qmoney.de: drift",
    ]);
    const up = await estate.sitefleet("up", "--yes", "--json", "--refresh");
    expect(up.code, up.stdout + up.stderr).toBe(0);
    expect((await ask(project)).framework).toBe("nextjs");
  });
});

describe("passwords", () => {
  /** What a service reads on its host. */
  const environmentOf = (key: string) => {
    const tail = `/${key}/httpdocs.sitefleet/shared/.env`;
    const found = readdirSync(estate.sandbox, { recursive: true, encoding: "utf8" }).find((name) =>
      name.endsWith(tail),
    );
    return readFileSync(join(estate.sandbox, found ?? ""), "utf8");
  };

  it("are as declared; passwords are rotated without a window, and a renamed secret is there before the old one goes", async () => {
    const verified = await estate.sitefleet("secrets", "verify", "--json");
    expect([verified.code, JSON.parse(verified.stdout)]).toMatchObject([0, { ok: true, findings: [] }]);
    const before = ["n8n", "grafana"].map(environmentOf);
    estate.edit("secrets.yaml", (text) =>
      text.replace("OAUTH_CLIENT_SECRET", "OAUTH_SECRET").replace("rotation:\n", "rotation:\n  longestJobMinutes: 0\n"),
    );
    const names = ["--secret", "MO_N8N_DB_PASS", "--secret", "MO_GRAFANA_DB_PASS"];
    const rotated = await estate.sitefleet("secrets", "rotate", ...names, "--yes", "--json");
    expect(rotated.code, rotated.stderr + rotated.stdout).toBe(0);
    expect(JSON.parse(rotated.stdout).secrets).toMatchObject(
      ["MO_N8N_DB_PASS", "MO_GRAFANA_DB_PASS"].map((name) => ({ name, phase: "steady", current: 2 })),
    );
    const after = ["n8n", "grafana"].map(environmentOf);
    expect(after[0]).not.toBe(before[0]);
    expect([after[0]?.includes("DB_USER=svc_n8n\n"), after[1]?.includes("DB_USER=svc_grafana_b\n")]).toEqual([
      true,
      true,
    ]);
    const catalog = readFileSync(join(estate.catalog, "secrets.yaml"), "utf8");
    expect(catalog).toContain("MO_N8N_DB_PASS, source: database, bytes: 32, rotation: { current: 2 } }");

    const { latest } = (await estate.control("/requests?latest=5000")) as {
      latest: { method: string; path: string }[];
    };
    const written = latest.flatMap(({ method, path }) => {
      const name = /\/secrets\/(OAUTH\w+)$/.exec(path)?.[1];
      return name && method !== "GET" ? [`${method} ${name}`] : [];
    });
    expect(written.slice(-2)).toEqual(["PUT OAUTH_SECRET", "DELETE OAUTH_CLIENT_SECRET"]);
    // An old checkout, or a rollback: the passwords in use stay.
    estate.edit("secrets.yaml", (text) => text.replaceAll(", rotation: { current: 2 }", ""));
    const again = await estate.sitefleet("preview", "--stack", "prod", "--stack", "prod-plesk", "--all", "--json");
    expect(report(again.stdout).total, again.stderr).toMatchObject({ created: 0, changed: 0, deleted: 0, replaced: 0 });
  });
});

describe("secrets", () => {
  it("stand in no state file, no log of the sandbox, no argument of a program and nothing that was printed", async () => {
    const values = await secretValues();
    // 14 database passwords, 4 generated ones, the SSH key and the mail password.
    expect(values.length).toBeGreaterThanOrEqual(20);
    const texts = [...filesBelow(estate.stateDir), ...filesBelow(join(estate.sandbox, "logs"))].map(
      (file): [string, string] => [file, readFileSync(file, "latin1")],
    );
    texts.push(["output of the commands", estate.printed]);
    texts.push(...started.map((line): [string, string] => ["arguments", line]));
    // The watch was awake: database clients, the driver and its ssh are among what it saw.
    for (const program of [/mariadb-dump /, /mariadb --defaults-extra-file=/, /plesk\/main\.ts deploy/, /^ssh /]) {
      expect(
        started.some((line) => program.test(line)),
        String(program),
      ).toBe(true);
    }
    const leaks = texts.flatMap(([where, text]) =>
      values.filter(([, value]) => text.includes(value)).map(([name]) => `${name} in ${where}`),
    );
    expect(leaks).toEqual([]);
  });

  /** Every secret of the shared stack that is long enough not to stand somewhere by chance. */
  async function secretValues(): Promise<[string, string][]> {
    const { stdout } = await estate.run(
      "pulumi",
      ["stack", "output", "secrets", "-s", "prod", "--show-secrets", "--json"],
      estate.env(),
    );
    estate.printed = estate.printed.replace(stdout, "");
    const all = Object.entries(JSON.parse(stdout) as Record<string, string>).filter(
      ([name]) => !/_(HOST|PORT|USER|EMAIL|FROM|BOUNCE)$/.test(name),
    );
    // A key of several lines would hide behind JSON's \n: one line of its middle is enough.
    return all.map(([name, value]) => [name, value.split("\n")[2] ?? value]);
  }

  function filesBelow(dir: string): string[] {
    return readdirSync(dir, { recursive: true, encoding: "utf8" })
      .map((name) => join(dir, name))
      .filter((file) => statSync(file).isFile());
  }
});

describe("the end", () => {
  it("leaves nothing of ours at the vendors when all stacks are destroyed", async () => {
    estate.writeSites([]);
    const env = estate.env();
    const { stdout } = await estate.run("pulumi", ["stack", "ls", "--json"], env);
    const names = (JSON.parse(stdout) as { name: string }[])
      .map(({ name }) => name)
      .sort()
      .reverse();
    const config = env.SITEFLEET_CONFIG_FILE ?? "";
    for (const name of names) {
      const { code, stderr, stdout } = await estate.pulumi("destroy", "-s", name, "--config-file", config, "--yes");
      expect(code, `${name}: ${stdout}${stderr}`).toBe(0);
    }
    const { missing, orphans } = await compareWithState(estate.info);
    expect({ missing, orphans }).toEqual({ missing: [], orphans: [] });
  });
});
