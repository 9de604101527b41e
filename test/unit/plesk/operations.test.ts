// What a person does at night when something is wrong: see, go back, unlock, repair. With a real sshd and real databases.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  deploy,
  parseDocument,
  parseTarget,
  permissions,
  planAll,
  restoreDatabase,
  rollback,
  snapshotDatabase,
  status,
  unlock,
} from "../../../plesk/index.ts";
import type { DeployDocumentInput } from "../../../plesk/input.ts";
import { chooseRelease } from "../../../plesk/operations/rollback.ts";
import { releasesToRemove } from "../../../plesk/transaction/inspection.ts";
import { HAS_MARIADB, startMariadb, type TestServer } from "./support/databases.ts";
import { slowLine } from "./support/delay.ts";
import { makeArtifact, writeFiles } from "./support/driver.ts";
import { startSshd, type TestHost } from "./support/sshd.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let host: TestHost;
let number = 0;
beforeAll(async () => {
  host = await startSshd();
});
afterAll(() => host?.stop());

/** A service with releases of the given contents, the last one live. */
async function service(contents: readonly string[], more: Partial<DeployDocumentInput> = {}) {
  number += 1;
  const path = more.service?.path ?? join(host.root, `o${number}/httpdocs`);
  const artifact = makeArtifact({ "bin/run": "#!/bin/sh" });
  chmodSync(join(artifact, "bin/run"), 0o755);
  const input: DeployDocumentInput = {
    host: host.host,
    service: { key: `o${number}`, path, ...more.service } as DeployDocumentInput["service"],
    artifact: { dir: artifact },
    ...("database" in more ? { database: more.database } : {}),
    ...("env" in more ? { env: more.env } : {}),
  };
  const ids: string[] = [];
  for (const content of contents) {
    writeFiles(artifact, { "index.html": content });
    ids.push((await deploy(parseDocument(input))).release);
  }
  return {
    path,
    base: `${path}.sitefleet`,
    ids,
    input,
    artifact,
    target: parseTarget(input),
    live: () => basename(readlinkSync(`${path}.sitefleet/current`)),
  };
}

const page = (path: string): string => readFileSync(`${path}/index.html`, "utf8");

describe("status", () => {
  test("tells what is live, what could be, and that a service was never deployed, over one connection", async () => {
    const s = await service(["one", "two"]);
    const never = parseTarget({ ...s.input, service: { key: "never", path: join(host.root, "never/httpdocs") } });
    const [known, unknown] = await status([s.target, never]);
    expect(known).toMatchObject({ ok: true, value: { docroot: "ours", live: s.ids[1], locks: [], pending: false } });
    const releases = known!.ok ? known!.value.releases : [];
    expect(releases.map(({ id, live, previous }) => [id, live, previous])).toEqual(
      expect.arrayContaining([
        [s.ids[1], true, false],
        [s.ids[0], false, true],
      ]),
    );
    expect(unknown).toMatchObject({ ok: true, value: { docroot: "absent", live: null, releases: [] } });
    expect(existsSync(join(host.root, "never"))).toBe(false);
  });

  test("a host that does not answer is the outcome of its services, not the end of the others", async () => {
    const s = await service(["one"]);
    const gone = parseTarget({ ...s.input, host: { ...host.host, port: 1 } });
    const [a, b] = await status([gone, s.target]);
    expect(a).toMatchObject({ ok: false, error: { code: "plesk.ssh.unreachable" } });
    expect(b).toMatchObject({ ok: true });
  });
});

describe("rollback", () => {
  test("goes to the release before without an artifact, remembers the bad one, and forward again on request", async () => {
    const s = await service(["one", "two"]);
    const start = performance.now();
    const [back] = await rollback([s.target]);
    console.info(`rollback of one service: ${((performance.now() - start) / 1000).toFixed(2)} s`);
    expect(back).toMatchObject({ ok: true, value: { release: s.ids[0], before: s.ids[1], restored: null } });
    expect(page(s.path)).toBe("one");
    await expect(deploy(parseDocument(s.input))).rejects.toMatchObject({ code: "plesk.bad-release" });
    const [again] = await rollback([s.target], { to: s.ids[1]!.slice(0, 8) });
    expect(again).toMatchObject({ ok: true, value: { release: s.ids[1] } });
    expect(page(s.path)).toBe("two");
  });

  test("takes a service back to what it was before it was ever deployed here", async () => {
    const path = join(host.root, "orig/httpdocs");
    writeFiles(path, { "index.html": "by hand" });
    const s = await service(["one"], { service: { key: "orig", path } });
    expect(page(path)).toBe("one");
    const [back] = await rollback([s.target]);
    expect(back).toMatchObject({ ok: true, value: { release: "original" } });
    expect(page(path)).toBe("by hand");
  });

  test("says why there is nothing to go back to", async () => {
    const s = await service(["one"]);
    const [result] = await rollback([s.target]);
    expect(result).toMatchObject({ ok: false, error: { code: "plesk.rollback" } });
    expect(page(s.path)).toBe("one");
    expect(existsSync(`${s.base}/lock`)).toBe(false);
  });

  test("22 services over one connection and a line of 20 ms: plan and rollback", { timeout: 300_000 }, async () => {
    const services: Awaited<ReturnType<typeof service>>[] = [];
    for (let index = 0; index < 22; index += 1) services.push(await service(["one", "two"]));
    const line = await slowLine(host.host.port as number, 20);
    const far = <One extends { host: object }>(one: One): One => ({ ...one, host: { ...one.host, port: line.port } });
    const timed = async <Value>(what: string, most: number, work: () => Promise<Value>): Promise<Value> => {
      const before = line.connections();
      const start = performance.now();
      const value = await work();
      const seconds = (performance.now() - start) / 1000;
      console.info(`${what} of 22 services over a line of 20 ms: ${seconds.toFixed(2)} s`);
      expect(line.connections() - before).toBe(1);
      expect(seconds).toBeLessThan(most);
      return value;
    };
    try {
      const documents = services.map(({ input }) => far(parseDocument(input)));
      const plans = await timed("plan", 15, () => planAll(documents));
      expect(plans.map((plan) => plan.ok && plan.value.outcome)).toEqual(services.map(() => "unchanged"));
      const outcomes = await timed("rollback", 30, () => rollback(services.map(({ target }) => far(target))));
      expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
    } finally {
      line.stop();
    }
    for (const { path } of services) expect(page(path)).toBe("one");
  });

  test("chooseRelease takes ids and beginnings, never the live, an incomplete or an ambiguous one", () => {
    const release = (id: string, complete = true) => ({ id, goodAt: 1, complete, bad: false });
    const a = `aaaaaa${"0".repeat(58)}`;
    const b = `aaaaaa${"1".repeat(58)}`;
    const c = `cccccc${"2".repeat(58)}`;
    const state = {
      live: c,
      previous: a,
      releases: [release(a), release(b), release(c), release("d".repeat(64), false)],
    };
    expect(chooseRelease(state)).toBe(a);
    expect(chooseRelease(state, b)).toBe(b);
    for (const to of ["aaaaaa", "aaaaa", c, "d".repeat(64), "../etc", "", "original"]) {
      expect(() => chooseRelease(state, to), to).toThrow(expect.objectContaining({ code: "plesk.rollback" }));
    }
  });
});

test("pruning never takes the live release, the one before, or the next one", () => {
  const ids = ["a", "b", "c", "d"];
  const releases = ids.map((id, index) => ({
    id,
    goodAt: index === 3 ? undefined : index,
    complete: true,
    bad: id === "b",
  }));
  expect(releasesToRemove({ releases, live: "a", previous: "d" }, "c", 2)).toEqual(["b", "d"]);
  expect(releasesToRemove({ releases, live: "a", previous: "d" }, "a", 2)).toEqual(["b", "c"]);
  expect(releasesToRemove({ releases, live: undefined, previous: undefined }, "d", 9)).toEqual(["b"]);
});

describe("unlock", () => {
  test("removes what expired, leaves what is held, and removes that too when told so", async () => {
    const s = await service(["one"]);
    mkdirSync(`${s.base}/lock`);
    writeFileSync(`${s.base}/lock/1.dead`, "bob@ci pid 1\n");
    expect(await unlock(s.target)).toMatchObject({ removed: ["bob@ci pid 1"], left: [] });
    mkdirSync(`${s.base}/lock`);
    writeFileSync(`${s.base}/lock/9999999999.feed`, "anna@ci pid 2\n");
    expect(await unlock(s.target)).toMatchObject({ removed: [], left: ["anna@ci pid 2"] });
    expect(await unlock(s.target, { force: true })).toMatchObject({ removed: ["anna@ci pid 2"], left: [] });
    expect(existsSync(`${s.base}/lock`)).toBe(false);
  });
});

describe("permissions", () => {
  test("finds and repairs modes inside the live release and nowhere else", async () => {
    const s = await service(["one"]);
    const outside = join(host.root, "outside");
    writeFiles(outside, { secret: "x" });
    chmodSync(join(outside, "secret"), 0o600);
    const live = `${s.base}/current`;
    expect((await permissions([s.target]))[0]).toMatchObject({ ok: true, value: { wrong: 0, paths: [] } });
    chmodSync(`${live}/index.html`, 0o666);
    chmodSync(`${live}/bin`, 0o777);
    writeFileSync(`${live}/it's\n$(id)`, "");
    chmodSync(`${live}/it's\n$(id)`, 0o600);
    symlinkSync(outside, `${live}/link`);
    const [found] = await permissions([s.target]);
    expect(found).toMatchObject({ ok: true, value: { wrong: 3, repaired: false } });
    expect(found!.ok && found!.value.paths.join("\n")).toContain("-rw-rw-rw- index.html");
    expect((await permissions([s.target], { repair: true }))[0]).toMatchObject({
      ok: true,
      value: { wrong: 3, repaired: true },
    });
    const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
    expect([`${live}/index.html`, `${live}/bin`, `${live}/bin/run`, join(outside, "secret")].map(mode)).toEqual([
      "644",
      "755",
      "755",
      "600",
    ]);
    expect((await permissions([s.target]))[0]).toMatchObject({ value: { wrong: 0 } });
  });
});

describe.skipIf(!HAS_MARIADB)("databases", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(() => server?.stop());

  test("snapshot, restore, and a rollback that takes the database along", async () => {
    server.sql(
      "CREATE DATABASE mo; CREATE DATABASE mo_s; CREATE USER svc@'%' IDENTIFIED BY 'pass-word'; GRANT ALL ON mo.* TO svc@'%'; GRANT ALL ON mo_s.* TO svc@'%';",
    );
    server.sql("CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1);", "mo");
    const rows = (): string => server.sql("SELECT GROUP_CONCAT(id ORDER BY id) FROM t", "mo").trim();
    const client = `mariadb -h 127.0.0.1 -P ${server.port} -u svc --password="$PW" mo`;
    const s = await service(["one", "two"], {
      env: { PW: "pass-word" },
      database: {
        engine: "mariadb",
        host: "127.0.0.1",
        port: server.port,
        name: "mo",
        user: "svc",
        password: "pass-word",
        scratch: "mo_s",
      },
      service: {
        key: "db",
        path: join(host.root, "db/httpdocs"),
        commands: [
          {
            name: "migrate",
            phase: "before-switch",
            migrates: true,
            argv: ["sh", "-c", `${client} -e "INSERT INTO t SELECT MAX(id) + 1 FROM t"`],
          },
        ],
      },
    });
    expect(rows()).toBe("1,2,3");
    const taken = await snapshotDatabase(s.target);
    expect(taken).toMatchObject({ proven: true });
    server.sql("INSERT INTO t VALUES (99)", "mo");
    const restored = await restoreDatabase(s.target, taken.name);
    expect(rows()).toBe("1,2,3");
    expect((await restoreDatabase(s.target, restored.kept)).restored).toBe(restored.kept);
    expect(rows()).toBe("1,2,3,99");
    await expect(restoreDatabase(s.target, "1-none")).rejects.toMatchObject({ code: "plesk.restore" });

    const [back] = await rollback([s.target], { database: true });
    expect(back).toMatchObject({ ok: true, value: { release: s.ids[0] } });
    expect(rows()).toBe("1,2");
    expect(page(s.path)).toBe("one");
    const names = (await status([s.target])).flatMap((outcome) =>
      outcome.ok ? outcome.value.snapshots.map(({ name }) => name) : [],
    );
    expect(names).toContain(back!.ok ? back!.value.kept : "");
    expect(existsSync(`${s.base}/state/journal`)).toBe(false);
  });
});
