// What a transaction leaves on the host, cut off or failing at any of its commands: status, plan, rollback and the next deployment must
// agree with the files, and each must work. On a file system, without ssh. What would break: a failed deployment takes the way back away,
// a release that nobody judged is taken for good, or a half deleted one is gone back to.
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { hasCode } from "../../../errors/index.ts";
import type { Journal } from "../../../plesk/commands/journal.ts";
import { keptScript } from "../../../plesk/commands/kept.ts";
import { parseDocument, parseTarget } from "../../../plesk/index.ts";
import type { DeployDocument, DeployDocumentInput } from "../../../plesk/input.ts";
import { rollbackOn } from "../../../plesk/operations/rollback.ts";
import { statusOn } from "../../../plesk/operations/status.ts";
import { startRun } from "../../../plesk/transaction/context.ts";
import { deployOn } from "../../../plesk/transaction/deploy.ts";
import type { Inspection } from "../../../plesk/transaction/inspection.ts";
import { type Edited, type Kept, parseKept } from "../../../plesk/transaction/kept.ts";
import { planOn } from "../../../plesk/transaction/plan.ts";
import { retireOn } from "../../../plesk/transaction/retire.ts";
import { rollbackTarget } from "../../../plesk/transaction/standing.ts";
import { makeArtifact, writeFiles } from "./support/driver.ts";
import { type Disturbance, expireLock, localHost } from "./support/local.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 120_000 });

const host = localHost();
const PAGES = { one: "<p>one", two: "<p>two", three: "<p>three", ill: "<p>ill" } as const;
type Page = keyof typeof PAGES;

let web: Server;
let url: string;
beforeAll(async () => {
  // Serves what the document root of the named service leads to.
  web = createServer((request, response) => {
    const file = join(
      host.root,
      request.headers.host ?? "",
      "httpdocs",
      request.url === "/" ? "index.html" : `${request.url}`,
    );
    const found = existsSync(file) ? readFileSync(file, "utf8") : undefined;
    response.writeHead(found === undefined ? 404 : found === PAGES.ill ? 503 : 200).end(found);
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(web.address() as { port: number }).port}/`;
});
afterAll(() => void web?.close());

const artifacts = Object.fromEntries(
  Object.entries(PAGES).map(([name, page]) => [name, makeArtifact({ "index.html": page, "css/a.css": "a{}" })]),
) as Record<Page, string>;
let number = 0;

/** A service, made by copying a finished one, or empty. */
function service(from?: string, more: Partial<DeployDocumentInput["service"]> = {}) {
  number += 1;
  const key = `t${number}`;
  const path = join(host.root, key, "httpdocs");
  const base = `${path}.sitefleet`;
  if (from !== undefined)
    cpSync(join(host.root, from), join(host.root, key), {
      recursive: true,
      verbatimSymlinks: true,
      preserveTimestamps: true,
    });
  const document = (page: Page, artifact = {}, allow: DeployDocumentInput["allow"] = []): DeployDocument =>
    parseDocument({
      host: { address: "localhost", user: "test", hostKey: `ssh-ed25519 ${"A".repeat(40)}` },
      service: { key, path, keep: 3, ...more },
      artifact: { dir: artifacts[page], ...artifact },
      env: { PAGE: page },
      health: { url, host: key, release: true, withinSeconds: 0.2 },
      allow: ["bad-release", "no-snapshot", ...allow],
      lock: { leaseSeconds: 60, waitSeconds: 0 },
    });
  const target = () => {
    const { artifact: _artifact, env: _env, owner: _owner, ...rest } = document("one");
    return parseTarget({ ...rest, host: { ...rest.host, hostKey: rest.host.hostKey.join("\n") } });
  };
  return {
    key,
    path,
    base,
    deploy: (page: Page) => deployOn(document(page), host.session()),
    plan: (page: Page) => planOn(document(page), host.session()),
    retire: (page: Page, allow: DeployDocumentInput["allow"] = []) =>
      retireOn(document(page, { digest: idOf(page) }, allow), host.session()),
    rollback: (to?: string) => rollbackOn(target(), host.session(), to === undefined ? {} : { to }),
    target,
    status: () => statusOn(target(), host.session()),
    link: (name: string): string | null => {
      try {
        return readlinkSync(`${base}/${name}`).replace("releases/", "");
      } catch {
        return null;
      }
    },
    page: (): string | undefined =>
      existsSync(`${path}/index.html`) ? readFileSync(`${path}/index.html`, "utf8") : undefined,
    env: (): string => readFileSync(`${base}/shared/.env`, "utf8"),
  };
}
type Service = ReturnType<typeof service>;

const ids = new Map<string, Page>();
/** The content that a release must have, by its id. */
const pageOf = (id: string): string => PAGES[ids.get(id) ?? "one"];
const idOf = (page: Page): string => [...ids].find(([, one]) => one === page)?.[0] ?? "";
let trained = "";
beforeAll(async () => {
  const s = service();
  for (const page of ["ill", "three", "one", "two"] as const) {
    const planned = await s.plan(page);
    ids.set(planned.release, page);
  }
  for (const page of ["one", "two"] as const) await s.deploy(page);
  trained = s.key;
});

/** What must be true of a service whatever happened to it: what is told agrees with the files. */
async function agrees(s: Service): Promise<Awaited<ReturnType<Service["status"]>>> {
  const state = await s.status();
  const marker = existsSync(`${s.path}/.well-known/sitefleet-release`)
    ? readFileSync(`${s.path}/.well-known/sitefleet-release`, "utf8").trim()
    : null;
  expect(state.live).toBe(marker);
  expect(state.serves).toEqual(marker === null ? { kind: "nothing", what: null } : { kind: "release", what: marker });
  if (marker !== null) expect(s.page()).toBe(pageOf(marker));
  expect(state.releases.filter(({ live, previous }) => live && previous)).toEqual([]);
  // A rollback that is cut off before it is decided leads to `previous`, which is noted anew when it is.
  if (s.link("previous") !== null && !state.pending) expect(s.link("previous")).not.toBe(s.link("current"));
  for (const { id, usable } of state.releases) {
    if (!usable) continue;
    expect(
      createHash("sha256")
        .update(readFileSync(`${s.base}/state/${id}.manifest`))
        .digest("hex"),
    ).toBe(id);
    expect(readFileSync(`${s.base}/releases/${id}/index.html`, "utf8")).toBe(pageOf(id));
  }
  return state;
}

/** Nothing of a run is left: no lock, no journal, no upload, no temporary link. */
function isSettled(s: Service): void {
  expect(readdirSync(`${s.base}/state`).filter((name) => /journal|running/.test(name))).toEqual([]);
  expect(readdirSync(`${s.base}/shared`).filter((name) => name !== ".env")).toEqual([]);
  const own = ["current", "evidence", "incoming", "previous", "releases", "shared", "state"];
  expect(readdirSync(s.base).filter((name) => !own.includes(name))).toEqual([]);
}

/** Goes back and then forward again, and holds each against what was told before it. */
async function worksOn(s: Service): Promise<void> {
  host.disturb(undefined);
  expireLock(s.base);
  const before = await agrees(s);
  const back = await s.rollback().then(
    (result) => result.release,
    (error) => (hasCode(error, "plesk.rollback") ? null : Promise.reject(error)),
  );
  expect(back).toBe(before.rollbackTo);
  const after = await agrees(s);
  if (back !== null) expect(after.live).toBe(back);
  if (back !== null) isSettled(s);
  const planned = await s.plan("three");
  expect(planned.refusals).toEqual([]);
  const deployed = await s.deploy("three");
  const { live, outcome } = planned;
  expect({ live: deployed.before, outcome: deployed.outcome }).toEqual({
    live,
    outcome: ({ unchanged: "unchanged", switch: "switched", release: "released" } as const)[outcome],
  });
  expect((await agrees(s)).live).toBe(deployed.release);
  expect(s.env()).toBe("PAGE=three\n");
  isSettled(s);
}

describe("after a failed deployment", () => {
  test.each(["health", "step"] as const)(
    "that failed in its %s, rollback goes to the release before, and further",
    async (where) => {
      const commands = [
        { name: "warm up", phase: "after-switch", argv: ["sh", "-c", "! grep -q ill index.html"] },
      ] as const;
      const s = service(trained, where === "step" ? { commands: [...commands] as never } : {});
      const [one, two] = [s.link("previous"), s.link("current")];
      await expect(s.deploy("ill")).rejects.toMatchObject({
        code: where === "step" ? "plesk.step" : "plesk.unhealthy",
      });
      const state = await agrees(s);
      expect(state).toMatchObject({ live: two, rollbackTo: one, pending: false });
      expect(s.link("previous")).toBe(one);
      expect(s.env()).toBe("PAGE=two\n");
      expect(await s.rollback()).toMatchObject({ release: one, before: two });
      isSettled(s);
      await worksOn(s);
    },
  );

  test("whose putting back failed as well, the release that nobody judged is told and taken back by rollback", async () => {
    const s = service(trained);
    const [one, two] = [s.link("previous"), s.link("current")];
    host.disturb(undefined);
    await s.deploy("three");
    const all = host.commands();
    rmSync(join(host.root, s.key), { recursive: true });
    cpSync(join(host.root, trained), join(host.root, s.key), { recursive: true, verbatimSymlinks: true });
    // The last command before the end of the switch: everything after it fails.
    let stuck = false;
    for (let at = all; at > 0 && !stuck; at -= 1) {
      host.disturb("keeps failing", at);
      stuck = await s.deploy("ill").then(
        () => false,
        (error) => hasCode(error, "plesk.stuck") && s.page() === PAGES.ill,
      );
      host.disturb(undefined);
      expireLock(s.base);
      if (!stuck) await s.deploy("two");
    }
    expect(stuck).toBe(true);
    const state = await s.status();
    expect(state).toMatchObject({ pending: true, rollbackTo: two });
    expect((await s.plan("three")).live).toBe(two);
    expect(await s.rollback()).toMatchObject({ release: two });
    expect(s.page()).toBe(PAGES.two);
    expect(s.link("previous")).toBe(one);
    await worksOn(s);
  });

  test("hosts on which an earlier version left `previous` at the live release are mended by the next run", async () => {
    const s = service(trained);
    const one = s.link("previous");
    rmSync(`${s.base}/previous`);
    symlinkSync(`releases/${s.link("current")}`, `${s.base}/previous`);
    expect(await s.status()).toMatchObject({ rollbackTo: one });
    await s.deploy("two");
    expect(s.link("previous")).toBeNull();
    expect(await s.rollback()).toMatchObject({ release: one });
  });
});

describe("a deployment that was killed, then the service is taken out of service", () => {
  const killed = join(host.root, "../dead");
  const commands = [
    { name: "notice on", phase: "maintenance-on", argv: ["sh", "-c", ": >../notice"] },
    { name: "migrate", phase: "before-switch", migrates: true, argv: ["sh", "-c", "echo three >../database"] },
    {
      name: "start",
      phase: "after-switch",
      restarts: true,
      // As everything else that is killed here: with its driver.
      argv: ["sh", "-c", `! grep -q three index.html || { : >${killed}; kill -9 $PPID; }`],
    },
    { name: "notice off", phase: "maintenance-off", argv: ["rm", "-f", "../notice"] },
  ] as const;

  /** Deploys three, up to the middle of its step `start`: the release is live, the database migrated, visitors see the notice. */
  async function killedIn(s: Service): Promise<void> {
    host.disturb(undefined);
    await expect(s.deploy("three")).rejects.toMatchObject({ code: "plesk.stuck" });
    host.disturb(undefined);
    expireLock(s.base);
  }

  test.each([
    ["files stay", []],
    ["files go", ["delete-files"]],
  ] as const)("%s: what was pending is ended first, and everything agrees afterwards", async (_what, allow) => {
    const s = service(trained, { commands: commands as never });
    await killedIn(s);
    expect(await s.status()).toMatchObject({ live: idOf("three"), pending: true });
    expect(existsSync(`${s.base}/releases/notice`)).toBe(true);

    // What is declared last is what the killed deployment did not get to; what lives is the release before.
    const deleted = allow.length > 0;
    expect(await s.retire("two", [...allow])).toMatchObject({ retired: idOf("two"), left: null, deleted });
    expect(existsSync(`${s.base}/releases/notice`)).toBe(false);
    if (!deleted) expect(s.env()).toBe("PAGE=two\n");
    expect(await agrees(s)).toMatchObject({ live: null, pending: false });
    expect(await s.plan("one")).toMatchObject({ live: null, pending: false });
    expect(await s.deploy("one")).toMatchObject({ before: null });
    await worksOn(service(s.key));
  });

  test("one that had never been live leads nowhere afterwards as well", async () => {
    const s = service(undefined, { commands: commands as never });
    await killedIn(s);
    expect(await s.retire("three")).toMatchObject({ retired: null, left: "nothing-live" });
    expect(await agrees(s)).toMatchObject({ live: null, pending: false });
    expect(await s.deploy("one")).toMatchObject({ before: null });
  });

  test("that somebody else declares, it is left as it was found", async () => {
    const s = service(trained, { commands: commands as never });
    await killedIn(s);
    writeFileSync(`${s.base}/state/owner`, "somebody else\n");
    expect(await s.retire("three")).toMatchObject({ retired: null, left: "other-owner" });
    expect(await s.status()).toMatchObject({ live: idOf("three"), pending: true, locks: [] });
  });
});

/** What an earlier version left: its `retire` moved the link away, and its releases, while a run was pending. */
describe("a service that was taken out of service with something pending", () => {
  test.each([
    ["its releases are there", false],
    ["its releases are deleted", true],
  ] as const)("%s: nothing counts as live, and it is deployed again", async (_what, deleted) => {
    const restart = { name: "start", phase: "after-switch", restarts: true, argv: ["test", "-e", "index.html"] };
    const s = service(trained, { commands: [restart] as never });
    host.disturb(undefined);
    const journal = `migrating ${idOf("three")} ${idOf("two")} -`;
    writeFileSync(`${s.base}/state/journal`, `${journal}\n`);
    rmSync(`${s.base}/current`);
    if (deleted) {
      for (const name of ["releases", "previous"]) rmSync(`${s.base}/${name}`, { recursive: true });
      for (const page of ["one", "two"] as const) rmSync(`${s.base}/state/${idOf(page)}.manifest`);
    }
    expect(await agrees(s)).toMatchObject({ live: null, pending: true });
    const planned = await s.plan("one");
    expect(planned).toMatchObject({ live: null, pending: true, changed: 0, deleted: 0, created: 2 });
    expect(await s.deploy("one")).toMatchObject({ before: null });
    isSettled(s);
  });
});

/** Runs that change something, each from two good releases. */
const RUNS = {
  deploy: (s: Service) => s.deploy("three"),
  "deploy what is ill": (s: Service) => s.deploy("ill"),
  rollback: (s: Service) => s.rollback(),
  "take out of service": (s: Service) => s.retire("two"),
  "take out of service with its files": (s: Service) => s.retire("two", ["delete-files"]),
} as const;
const ALL = process.env.SITEFLEET_ALL_FAILURES === "1";

describe("disturbed at any command", () => {
  const names = Object.keys(RUNS) as (keyof typeof RUNS)[];
  const hows: readonly Disturbance[] = ["killed", "fails", "keeps failing"];
  async function disturbed(name: keyof typeof RUNS, how: Disturbance, at: number): Promise<void> {
    const s = service(trained);
    host.disturb(how, at);
    await RUNS[name](s).catch(() => {});
    // And each of them, however it ended, may be followed by the end of the service.
    const ended = how === "killed" && at % 2 === 0 ? service(s.key) : undefined;
    await worksOn(s);
    rmSync(join(host.root, s.key), { recursive: true, force: true });
    if (ended === undefined) return;
    host.disturb(undefined);
    expireLock(ended.base);
    const { live } = await ended.plan("three");
    const page = ids.get(live ?? "");
    const retired = await ended.retire(page ?? "two", at % 4 === 0 ? ["delete-files"] : []);
    expect(retired).toMatchObject(
      live === null ? { retired: null, left: "nothing-live" } : { retired: live, left: null },
    );
    expect(await agrees(ended)).toMatchObject({ live: null, pending: false });
    expect((await ended.plan("three")).live).toBeNull();
    expect((await ended.deploy("three")).before).toBeNull();
    isSettled(ended);
    rmSync(join(host.root, ended.key), { recursive: true, force: true });
  }
  /** How many commands a run that nothing disturbs has. */
  async function commandsOf(name: keyof typeof RUNS): Promise<number> {
    host.disturb(undefined);
    await RUNS[name](service(trained)).catch(() => {});
    expect(host.commands()).toBeGreaterThan(5);
    return host.commands();
  }

  test.skipIf(ALL).each(names)(
    "%s leaves what status, plan, rollback and the next deployment agree on",
    async (name) => {
      const all = await commandsOf(name);
      const places = fc.tuple(fc.constantFrom(...hows), fc.integer({ min: 1, max: all }));
      const property = fc.asyncProperty(places, ([how, at]) => disturbed(name, how, at));
      await fc.assert(property, { numRuns: 4, endOnFailure: true });
    },
  );

  const pairs = names.flatMap((name) => hows.map((how) => [name, how] as const));
  test.runIf(ALL).each(pairs)("%s, %s at each of its commands", { timeout: 1_800_000 }, async (name, how) => {
    const all = await commandsOf(name);
    for (let at = 1; at <= all; at += 1) await disturbed(name, how, at);
  });
});

describe("where a rollback would go while a run is pending", () => {
  const good = (id: string, goodAt: number) => ({ id, goodAt, complete: true, bad: false });
  const [a, b, c] = ["a", "b", "c"] as const;
  const found = (current: string, journal: Partial<Journal>): Inspection =>
    ({
      docroot: "ours",
      live: current,
      current,
      previous: a,
      releases: [good(a, 1), good(b, 2), good(c, 3)],
      journal: { phase: "switching", next: c, back: b, snapshot: "", ...journal },
    }) as Partial<Inspection> as Inspection;
  test.each([
    ["a deployment after its switch: back to where it came from", found(c, {}), b],
    ["a deployment before its switch: as if it had not begun", found(b, {}), a],
    ["a deployment that was decided: back from it", found(c, { phase: "committed" }), b],
    ["a rollback after its switch: the same once more", found(a, { next: a, back: b, returns: true }), a],
    [
      "a rollback that was decided: further back, not to what it left",
      found(b, { phase: "committed", next: b, back: c, returns: true }),
      a,
    ],
  ])("%s", (_what, inspection, expected) => {
    expect(rollbackTarget(inspection)).toBe(expected);
  });
});

describe("deleting releases", () => {
  test("that cannot be deleted, they are out of use, the others go, and result and status say it", async () => {
    const s = service(trained, { keep: 2 });
    // As root a file of another owner can be deleted; a command that fails on it stands for one.
    host.disturb(undefined);
    const one = s.link("previous") as string;
    const refuse = join(host.root, "..", "bin", "rm");
    const real = readFileSync(refuse, "utf8");
    writeFileSync(
      refuse,
      real.replace(
        "exec ",
        `case "$*" in *trash/*) ${"/bin/rm"} -f "$2"/index.html; echo "rm: cannot remove 'x': Permission denied" >&2; exit 1;; esac\nexec `,
      ),
    );
    chmodSync(refuse, 0o755);
    try {
      const result = await s.deploy("three");
      expect(result.removed).toEqual([one]);
      expect(result.warnings.join()).toMatch(/could not be deleted \(rm: cannot remove 'x': Permission denied\)/);
    } finally {
      writeFileSync(refuse, real);
    }
    const state = await s.status();
    expect(state.leftovers).toHaveLength(1);
    expect(state.releases.map(({ id }) => id)).not.toContain(one);
    await expect(s.rollback(one)).rejects.toMatchObject({ code: "plesk.rollback" });
    expect((await s.deploy("one")).outcome).toBe("released");
    expect((await s.status()).leftovers).toEqual([]);
  });
});

describe("a kept release that is not what was deployed", () => {
  const notes: string[] = [];
  const onEdited = (_: string, { paths }: Edited) => void notes.push(...paths);

  test("an edit in the live release reaches no kept one", async () => {
    const s = service(trained);
    host.disturb(undefined);
    writeFileSync(`${s.path}/css/a.css`, "edited");
    expect(await s.rollback()).toMatchObject({ edited: null, warnings: [] });
    expect(readFileSync(`${s.path}/css/a.css`, "utf8")).toBe("a{}");
  });

  test("edited and added files are told before the switch and in the result; shared links, marker and reset scripts are none", async () => {
    const s = service(trained, { shared: ["uploads/"] });
    host.disturb(undefined);
    const release = `${s.base}/releases/${s.link("previous")}`;
    symlinkSync("../../shared/uploads", `${release}/uploads`);
    symlinkSync("../../shared/gone", `${release}/gone`);
    writeFileSync(`${release}/sitefleet-reset-${"0a".repeat(16)}.php`, "left");
    expect(await lookAt(s)).toEqual({ looked: "content", edited: [], added: [], lost: [] });
    writeFileSync(`${release}/css/a.css`, "edited");
    writeFileSync(`${release}/css/sh ell\\.php`, "added");
    const differences = ["~ css/a.css", "+ css/sh ell\\.php"];
    const result = await rollbackOn(s.target(), host.session(), { onEdited });
    expect(result.edited).toEqual({ paths: differences, more: 0 });
    expect(result.warnings.join()).toContain("is not what was deployed: ~ css/a.css");
    expect(notes).toEqual(differences);
  });

  test("one that has lost files is refused, and gone to when that is said", async () => {
    const s = service(trained);
    host.disturb(undefined);
    const live = s.link("current");
    rmSync(`${s.base}/releases/${s.link("previous")}/css/a.css`);
    await expect(s.rollback()).rejects.toMatchObject({ code: "plesk.rollback", details: ["- css/a.css"] });
    expect(s.link("current")).toBe(live);
    expect(existsSync(`${s.base}/lock`)).toBe(false);
    const { edited } = await rollbackOn(s.target(), host.session(), { incomplete: true });
    expect(edited).toEqual({ paths: ["- css/a.css"], more: 0 });
  });

  test("on a host with nothing but a shell, what was written to since is told", async () => {
    const s = service(trained);
    host.disturb(undefined);
    const release = `${s.base}/releases/${s.link("previous")}`;
    const bare = "command() { case $2 in sha256sum|openssl|find) return 1;; esac; }\n";
    expect(await lookAt(s, bare)).toEqual({ looked: "times", edited: [], added: [], lost: [] });
    writeFileSync(`${release}/index.html`, "edited");
    rmSync(`${release}/css/a.css`);
    expect(await lookAt(s, bare)).toEqual({ looked: "times", edited: ["index.html"], added: [], lost: ["css/a.css"] });
  });

  /** @param before Put before the script: what the host lacks. */
  async function lookAt(s: Service, before = ""): Promise<Kept> {
    const id = s.link("previous") as string;
    const run = startRun(s.target());
    return parseKept(run, id, await host.session().run("looking", before + keptScript(run.layout, id)));
  }
});

describe("something else stands where our links are", () => {
  /** Puts a directory with a page, an empty file or a link in a path's place. */
  function put(path: string, what: "dir" | "file" | { readonly to: string }): void {
    rmSync(path, { force: true });
    if (what === "dir") writeFiles(path, { "index.html": "by hand" });
    else if (what === "file") writeFileSync(path, "");
    else symlinkSync(what.to, path);
  }
  const current = /mv '.*current' '.*current\.aside' && ln -s 'releases\//;
  const cases: readonly (readonly [string, (s: Service) => void, object, RegExp])[] = [
    ["a directory at current", (s) => put(`${s.base}/current`, "dir"), { kind: "directory" }, current],
    ["a file at current", (s) => put(`${s.base}/current`, "file"), { kind: "nothing" }, current],
    ["a foreign link at current", (s) => put(`${s.base}/current`, { to: "/etc" }), { what: "/etc" }, current],
    ["a foreign link at the document root", (s) => put(s.path, { to: "/etc" }), { what: "/etc" }, /rm '/],
    ["a dangling link at the document root", (s) => put(s.path, { to: "/nowhere" }), { kind: "nothing" }, /rm '/],
    ["a file at the document root", (s) => put(s.path, "file"), { kind: "file" }, /mv '/],
    ["a directory at previous", (s) => put(`${s.base}/previous`, "dir"), { kind: "release" }, /mv '/],
    [
      "a second directory at the document root",
      (s) => {
        mkdirSync(`${s.base}/releases/original`);
        put(s.path, "dir");
      },
      { kind: "directory" },
      /mv '/,
    ],
  ];
  test.each(cases)(
    "%s: status says what is served, plan, deploy and rollback refuse with the way on",
    async (_what, spoil, serves, way) => {
      const s = service(trained);
      host.disturb(undefined);
      spoil(s);
      const state = await s.status();
      expect(state.serves).toMatchObject(serves);
      expect(state.obstacles.map(({ hint }) => hint).join()).toMatch(way);
      const planned = await s.plan("three");
      expect(planned.refusals.map(({ code, hint }) => `${code} ${hint}`).join()).toMatch(way);
      for (const run of [() => s.deploy("three"), () => s.rollback()]) {
        await expect(run()).rejects.toMatchObject({ code: "plesk.unfit", hint: expect.stringMatching(way) });
      }
      expect(existsSync(`${s.base}/lock`)).toBe(false);
    },
  );

  test("a dangling current is no obstacle: the next deployment takes its place", async () => {
    const s = service(trained);
    host.disturb(undefined);
    rmSync(`${s.base}/current`);
    symlinkSync(`releases/${"0".repeat(64)}`, `${s.base}/current`);
    expect(await s.status()).toMatchObject({ live: null, serves: { kind: "nothing" }, obstacles: [] });
    expect(await s.deploy("three")).toMatchObject({ before: null });
    expect(s.page()).toBe(PAGES.three);
  });

  test("a directory that took the document root's place is converted, told as what is served, and gone back to", async () => {
    const s = service(trained);
    host.disturb(undefined);
    rmSync(s.path);
    writeFiles(s.path, { "index.html": "panel" });
    expect(await s.status()).toMatchObject({ live: null, serves: { kind: "directory", what: s.path } });
    expect(await s.plan("two")).toMatchObject({ converts: true, outcome: "switch" });
    await expect(s.deploy("ill")).rejects.toMatchObject({ code: "plesk.unhealthy" });
    expect(s.page()).toBe("panel");
    expect(await s.deploy("two")).toMatchObject({ before: "original" });
    expect(await s.rollback()).toMatchObject({ release: "original" });
    expect(s.page()).toBe("panel");
  });
});
