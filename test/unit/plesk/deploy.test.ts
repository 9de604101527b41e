// The whole way with a real sshd and rsync, and the driver as the program that Pulumi starts.
import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { basename, join } from "node:path";
import pLimit from "p-limit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { artifactDigest } from "../../../plesk/artifact/index.ts";
import { type DeployDocumentInput, deploy, parseDocument, plan } from "../../../plesk/index.ts";
import { drive, makeArtifact, startDriver, writeFiles } from "./support/driver.ts";
import { startSshd, type TestHost, until } from "./support/sshd.ts";
import { tempDir } from "./support/temp.ts";

const CANARY = 'canary-7f3e9a-"quoted" $(id)';
// Real processes on a machine that others use: the figure that counts is printed, the limit only ends what hangs.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let host: TestHost;
let number = 0;

beforeAll(async () => {
  host = await startSshd();
});
afterAll(() => host?.stop());

interface Site {
  readonly path: string;
  readonly base: string;
  readonly artifact: string;
  document(more?: Partial<DeployDocumentInput>): DeployDocumentInput;
  /** Id of the live release. */
  live(): string;
}

/** A service of its own for a test. */
function site(files: Readonly<Record<string, string>> = { "index.html": "<h1>one</h1>", "css/a.css": "a{}" }): Site {
  number += 1;
  const path = join(host.root, `subdomains/s${number}/httpdocs`);
  const artifact = makeArtifact(files);
  return {
    path,
    base: `${path}.sitefleet`,
    artifact,
    document: (more = {}) => ({
      host: host.host,
      service: { key: `s${number}`, path },
      artifact: { dir: artifact },
      lock: { leaseSeconds: 2, waitSeconds: 10 },
      ...more,
    }),
    live: () => basename(readlinkSync(`${path}.sitefleet/current`)),
  };
}

const read = (path: string): string => readFileSync(path, "utf8");
const lockOf = (base: string): string[] => (existsSync(`${base}/lock`) ? readdirSync(`${base}/lock`) : []);
/** A directory for temporary files of one run, short enough for a socket. */
const ownTmp = (): NodeJS.ProcessEnv => ({ TMPDIR: tempDir("plesktmp-", "/tmp") });

describe("first deployment", () => {
  test("makes the release, the environment and the link, with modes 644, 755 and 600", async () => {
    const s = site();
    writeFiles(s.artifact, { "bin/run": "#!/bin/sh" });
    execFileSync("chmod", ["-R", "go-rwx", s.artifact]);
    execFileSync("chmod", ["u+x", join(s.artifact, "bin/run")]);
    const digest = await artifactDigest(s.artifact);
    const { code, result } = await drive(
      "deploy",
      s.document({ artifact: { dir: s.artifact, digest }, env: { KEY: CANARY } }),
    );
    expect(code, JSON.stringify(result)).toBe(0);
    expect(result).toMatchObject({ outcome: "released", before: null, release: digest, sent: { files: 3 }, env: 1 });
    expect(readlinkSync(s.path)).toBe("httpdocs.sitefleet/current");
    expect(s.live()).toBe(digest);
    expect(read(`${s.path}/index.html`)).toBe("<h1>one</h1>");
    expect(read(`${s.path}/.well-known/sitefleet-release`)).toBe(`${digest}\n`);
    const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8);
    expect(["index.html", "css", "bin/run", "."].map((path) => mode(`${s.path}/${path}`))).toEqual([
      "644",
      "755",
      "755",
      "755",
    ]);
    expect(mode(`${s.base}/shared/.env`)).toBe("600");
    expect(read(`${s.base}/shared/.env`)).toBe(`KEY='${CANARY}'\n`);
    expect(lockOf(s.base)).toEqual([]);
  });

  test("turns a real document root into a release and keeps its uploads where both releases see them", async () => {
    const s = site();
    writeFiles(s.path, { "index.html": "by hand", "uploads/photo.jpg": "photo" });
    const document = s.document({ service: { key: "old", path: s.path, shared: ["uploads/"] } });
    const planned = await drive("plan", document);
    expect(planned.result).toMatchObject({
      converts: true,
      created: 1,
      changed: 1,
      deleted: 0,
      items: ["+ css/a.css", "~ index.html"],
    });
    expect(lstatSync(s.path).isDirectory()).toBe(true);
    expect(existsSync(s.base)).toBe(false);
    const { result } = await drive("deploy", document);
    expect(result).toMatchObject({ outcome: "released", converted: true, before: "original" });
    expect(read(`${s.path}/index.html`)).toBe("<h1>one</h1>");
    expect(read(`${s.path}/uploads/photo.jpg`)).toBe("photo");
    expect(read(`${s.base}/releases/original/index.html`)).toBe("by hand");
    expect(read(`${s.base}/releases/original/uploads/photo.jpg`)).toBe("photo");
    expect(readlinkSync(`${s.base}/previous`)).toBe("releases/original");
  });

  test("serves the web root of the release, and nothing beside it", async () => {
    const s = site({ "public/index.php": "<?php", "src/secret.php": "x", "composer.json": "{}" });
    const { code } = await drive(
      "deploy",
      s.document({
        service: { key: "w", path: s.path, webRoot: "public", shared: [".env", "var/log/"] },
        env: { A: "b" },
      }),
    );
    expect(code).toBe(0);
    expect(readdirSync(s.path).sort()).toEqual([".well-known", "index.php"]);
    expect(read(`${s.base}/current/.env`)).toBe("A=b\n");
    writeFileSync(`${s.base}/current/var/log/x`, "kept");
    expect(read(`${s.base}/shared/var/log/x`)).toBe("kept");
  });
});

describe("further deployments", () => {
  test("an unchanged artifact uploads nothing, but a changed secret arrives", async () => {
    const s = site();
    await drive("deploy", s.document({ env: { A: "1" } }));
    const again = await drive("deploy", s.document({ env: { A: "2" } }));
    expect(again.result).toMatchObject({ outcome: "unchanged", sent: { files: 0, bytes: 0 } });
    expect(Object.keys(again.result!.steps as object)).not.toContain("upload");
    expect(read(`${s.base}/shared/.env`)).toBe("A=2\n");
    await drive("deploy", s.document());
    expect(read(`${s.base}/shared/.env`)).toBe("A=2\n");
    expect((await drive("plan", s.document())).result).toMatchObject({ outcome: "unchanged", items: [] });
  });

  test("one changed file: the plan shows that file, the wire carries that file, the others are copied on the host", async () => {
    const s = site({ "index.html": "one", "big.bin": "b".repeat(100_000), "gone.txt": "x" });
    const first = (await drive("deploy", s.document())).result!.release as string;
    writeFileSync(join(s.artifact, "index.html"), "two");
    rmSync(join(s.artifact, "gone.txt"));
    expect((await drive("plan", s.document())).result).toMatchObject({
      outcome: "release",
      live: first,
      created: 0,
      changed: 1,
      deleted: 1,
      bytes: 3,
      items: ["- gone.txt", "~ index.html"],
    });
    const { result } = await drive("deploy", s.document());
    expect(result).toMatchObject({ outcome: "released", before: first, sent: { files: 1, bytes: 3 } });
    // Not linked: an edit in place would reach every kept release, which are there to go back to.
    const inode = (id: string) => statSync(`${s.base}/releases/${id}/big.bin`).ino;
    expect(inode(result!.release as string)).not.toBe(inode(first));
    expect(readlinkSync(`${s.base}/previous`)).toBe(`releases/${first}`);
  });

  test("going back to earlier content uploads nothing, and old releases are pruned but never the live or previous one", async () => {
    const s = site();
    const deployed: string[] = [];
    for (const text of ["1", "2", "3", "4"]) {
      writeFileSync(join(s.artifact, "index.html"), text);
      const { result } = await drive("deploy", s.document({ service: { key: "p", path: s.path, keep: 3 } }));
      deployed.push(result!.release as string);
    }
    expect(readdirSync(`${s.base}/releases`).sort()).toEqual(deployed.slice(1).sort());
    writeFileSync(join(s.artifact, "index.html"), "2");
    const { result } = await drive("deploy", s.document({ service: { key: "p", path: s.path, keep: 2 } }));
    expect(result).toMatchObject({ outcome: "switched", release: deployed[1], sent: { files: 0 } });
    expect(readdirSync(`${s.base}/releases`).sort()).toEqual([deployed[1], deployed[3]].sort());
  });

  test("a kept release that was tampered with is not used again as it is", async () => {
    const s = site();
    const first = (await drive("deploy", s.document())).result!.release as string;
    writeFileSync(join(s.artifact, "index.html"), "two");
    await drive("deploy", s.document());
    writeFileSync(`${s.base}/releases/${first}/index.html`, "defaced");
    writeFileSync(join(s.artifact, "index.html"), "<h1>one</h1>");
    const { result } = await drive("deploy", s.document());
    expect(result).toMatchObject({ outcome: "released", release: first });
    expect(read(`${s.path}/index.html`)).toBe("<h1>one</h1>");
  });

  test("names full of shell, newlines and dashes arrive as they are and run nothing", async () => {
    const s = site({
      "it's; touch pwned": "1",
      "-rf": "2",
      "a\nb": "3",
      "$(touch pwned)": "4",
      "`id`|x": "5",
      "#c": "6",
      "ü\\#012": "7",
      "sub dir/*": "8",
    });
    symlinkSync("-rf", join(s.artifact, "--delete"));
    const { result } = await drive("deploy", s.document());
    expect(result).toMatchObject({ outcome: "released", sent: { files: 8 } });
    const sent = readdirSync(s.path).filter((name) => name !== ".well-known");
    expect(sent.sort()).toEqual(readdirSync(s.artifact).sort());
    expect(read(`${s.path}/sub dir/*`)).toBe("8");
  });
});

describe("safeguards", () => {
  test("a release that deletes too much is refused in the plan and in the deployment, unless that is lifted", async () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`f${index}.txt`, `${index}`]));
    const s = site({ ...many, "index.html": "x" });
    const first = (await drive("deploy", s.document())).result!.release;
    for (const name of Object.keys(many).slice(0, 11)) rmSync(join(s.artifact, name));
    const planned = await drive("plan", s.document());
    expect(planned).toMatchObject({ code: 0, result: { deleted: 11, refusals: [{ code: "plesk.delete-share" }] } });
    const refused = await drive("deploy", s.document());
    expect(refused).toMatchObject({ code: 15, error: { code: "plesk.delete-share", step: "check" } });
    expect(s.live()).toBe(first);
    expect(lockOf(s.base)).toEqual([]);
    expect((await drive("deploy", s.document({ allow: ["delete-share"] }))).code).toBe(0);
  });

  test("another content than was reviewed is refused before the host is called", async () => {
    const s = site();
    const { code, error } = await drive(
      "deploy",
      s.document({ artifact: { dir: s.artifact, digest: "0".repeat(64) } }),
    );
    expect({ code, error: error?.code }).toEqual({ code: 10, error: "plesk.artifact.digest" });
    expect(existsSync(s.base)).toBe(false);
  });

  test("a link at the document root that leads elsewhere is left alone", async () => {
    const s = site();
    mkdirSync(join(s.path, ".."), { recursive: true });
    symlinkSync("/etc", s.path);
    const { code, error } = await drive("deploy", s.document());
    expect({ code, error: error?.code }).toEqual({ code: 13, error: "plesk.unfit" });
    expect(readlinkSync(s.path)).toBe("/etc");
  });
});

describe("out of service", () => {
  test("retire moves the link aside, deletes nothing, and the next deployment brings the service back", async () => {
    const s = site();
    const document = s.document({ owner: "urn:a", env: { A: "1" } });
    const { release } = (await drive("deploy", document)).result as { release: string };
    const mine = { ...document, artifact: { dir: s.artifact, digest: release } };
    const other = await drive("retire", { ...mine, owner: "urn:b" });
    expect(other).toMatchObject({ code: 0, result: { retired: null, left: "other-owner" } });
    const older = await drive("retire", { ...mine, artifact: { dir: s.artifact, digest: "0".repeat(64) } });
    expect(older.result).toMatchObject({ retired: null, left: `other-release ${release}` });
    expect(existsSync(`${s.path}/index.html`)).toBe(true);
    expect((await drive("retire", mine)).result).toMatchObject({ retired: release });
    expect(existsSync(`${s.path}/index.html`)).toBe(false);
    expect(existsSync(`${s.base}/releases/${release}/index.html`)).toBe(true);
    expect(read(`${s.base}/shared/.env`)).toBe("A=1\n");
    expect((await drive("retire", mine)).result).toMatchObject({ retired: null, left: "nothing-live" });
    expect((await drive("plan", mine)).result).toMatchObject({ outcome: "switch" });
    expect((await drive("deploy", mine)).result).toMatchObject({ outcome: "switched" });
    expect(existsSync(`${s.path}/index.html`)).toBe(true);
    expect(lockOf(s.base)).toEqual([]);
  });
});

describe("health", () => {
  let server: Server;
  let url: string;
  let sick = false;
  const roots = new Map<string, string>();
  beforeAll(async () => {
    server = createServer((request, response) => {
      const root = roots.get(request.headers.host ?? "");
      if (sick || root === undefined) return response.writeHead(500).end();
      const file = join(root, request.url === "/" ? "index.html" : request.url!);
      if (!existsSync(file) || read(file).includes("broken")) return response.writeHead(503).end();
      return response.writeHead(200).end(readFileSync(file));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
  });
  afterAll(() => void server.close());

  test("a broken release is taken back, marked bad and refused; the old one and the old secrets serve again", async () => {
    const s = site();
    roots.set("s.example.org", s.path);
    const health = { url, host: "s.example.org", release: true, withinSeconds: 1 };
    const first = await drive("deploy", s.document({ health, env: { A: "old" } }));
    expect(first.code).toBe(0);
    writeFileSync(join(s.artifact, "index.html"), "broken");
    const second = await drive("deploy", s.document({ health, env: { A: "new" } }));
    expect(second).toMatchObject({ code: 17, error: { code: "plesk.unhealthy", step: "health" } });
    expect(second.error!.message).toContain("503 instead of 200");
    expect(s.live()).toBe(first.result!.release);
    expect(read(`${s.base}/shared/.env`)).toBe("A=old\n");
    expect(lockOf(s.base)).toEqual([]);
    const third = await drive("deploy", s.document({ health }));
    expect(third).toMatchObject({ code: 15, error: { code: "plesk.bad-release" } });
    writeFileSync(join(s.artifact, "index.html"), "mended");
    expect((await drive("deploy", s.document({ health }))).code).toBe(0);
  });

  test("the very first release that is broken leaves the original document root serving", async () => {
    const s = site({ "index.html": "broken" });
    roots.set("t.example.org", s.path);
    writeFiles(s.path, { "index.html": "by hand" });
    const { code } = await drive("deploy", s.document({ health: { url, host: "t.example.org", withinSeconds: 0.5 } }));
    expect(code).toBe(17);
    expect(read(`${s.path}/index.html`)).toBe("by hand");
  });

  test("an unchanged release that is ill stays: there is nothing better to go back to", async () => {
    const s = site();
    roots.set("u.example.org", s.path);
    const health = { url, host: "u.example.org", withinSeconds: 0.5 };
    const { result } = await drive("deploy", s.document({ health }));
    sick = true;
    const again = await drive("deploy", s.document({ health }));
    sick = false;
    expect(again.code).toBe(17);
    expect(s.live()).toBe(result!.release);
    expect((await drive("deploy", s.document({ health }))).result).toMatchObject({ outcome: "unchanged" });
  });
});

test("a client that asks 50 times a second while a release is deployed sees no error, and only the old or the new release", async () => {
  const s = site({
    "index.html": "one",
    ...Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`f${i}`, `${i}`])),
  });
  const first = (await drive("deploy", s.document())).result!.release as string;
  writeFileSync(join(s.artifact, "index.html"), "two");
  const seen = new Set<string>();
  let asked = 0;
  const asking = setInterval(() => {
    asked += 1;
    try {
      seen.add(read(`${s.path}/.well-known/sitefleet-release`).trim());
    } catch (error) {
      seen.add(String(error));
    }
  }, 20);
  const { result } = await drive("deploy", s.document());
  await until("the new release was seen", () => seen.size > 1);
  clearInterval(asking);
  expect(asked).toBeGreaterThan(10);
  expect([...seen].sort()).toEqual([first, result!.release as string].sort());
});

describe("interruptions", () => {
  const big = (): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length: 400 }, (_, index) => [`d${index % 20}/f${index}.txt`, `${index}`.repeat(500)]),
    );
  const uploading = (s: Site) => () => existsSync(`${s.base}/incoming`) && readdirSync(`${s.base}/incoming`).length > 0;

  test("killed in the middle, the next run takes over the lock, uses what had arrived and finishes", async () => {
    const s = site(big());
    const { child, ended } = startDriver("deploy", s.document());
    await until("upload began", uploading(s));
    child.kill("SIGKILL");
    await ended;
    const { code, result } = await drive("deploy", s.document());
    expect(code).toBe(0);
    expect(result!.outcome).toBe("released");
    expect(result!.tookOver === null || String(result!.tookOver).includes("pid")).toBe(true);
    expect(readdirSync(`${s.base}/incoming`)).toEqual([]);
    expect(lockOf(s.base)).toEqual([]);
  });

  test("ended by SIGTERM, it leaves no lock and no private file", async () => {
    const s = site(big());
    const tmp = ownTmp();
    const { child, ended } = startDriver("deploy", s.document(), tmp);
    await until("upload began", uploading(s));
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 130, error: { code: "plesk.interrupted" } });
    expect(lockOf(s.base)).toEqual([]);
    expect(readdirSync(tmp.TMPDIR!).filter((name) => name.startsWith("sitefleet-"))).toEqual([]);
  });

  test("a connection lost in the middle is made again and the deployment goes on", async () => {
    const s = site(big());
    const { ended } = startDriver("deploy", s.document());
    await until("upload began", uploading(s));
    expect(host.dropSessions()).toBeGreaterThan(0);
    expect(await ended).toMatchObject({ code: 0, result: { outcome: "released" } });
  });

  test("while somebody holds the lock, others wait and then say who it is", async () => {
    const s = site();
    await drive("deploy", s.document());
    mkdirSync(`${s.base}/lock`);
    writeFileSync(`${s.base}/lock/9999999999.feed`, "anna@ci pid 7 since today\n");
    const { code, error } = await drive("deploy", s.document({ lock: { waitSeconds: 0 } }));
    expect({ code, error: error?.code }).toEqual({ code: 12, error: "plesk.locked" });
    expect(error!.message).toContain("anna@ci pid 7");
    expect((await drive("plan", s.document())).result).toMatchObject({ locks: ["anna@ci pid 7 since today"] });
  });

  test("a lock that its maker had no time to sign is taken after a lease", async () => {
    const s = site();
    mkdirSync(`${s.base}/lock`, { recursive: true });
    expect((await drive("deploy", s.document())).code).toBe(0);
  });
});

describe("connection", () => {
  test("another host key stops at once, with nothing sent", async () => {
    const s = site();
    const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGbM0s2Q1c1o8m7p0mYy1k4vWqQ3J5N5m0h2xw0Qe8Xk";
    const { code, error } = await drive("deploy", s.document({ host: { ...host.host, hostKey: other } }));
    expect({ code, error: error?.code, step: error?.step }).toEqual({
      code: 11,
      error: "plesk.ssh.host-key",
      step: "connect",
    });
    expect(existsSync(s.base)).toBe(false);
  });

  test("a key that is not let in, or none at all, is told apart, and appears nowhere", async () => {
    const s = site();
    const stranger = join(tempDir("stranger-"), "key");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", stranger]);
    const other = readFileSync(stranger, "utf8");
    const broken = (host.host.privateKey as string).replace(/[A-Z]{6}/, "ABCDEF");
    for (const [key, code] of [
      [other, "plesk.ssh.login"],
      [broken, "plesk.private-key"],
    ] as const) {
      const ended = await drive("deploy", s.document({ host: { ...host.host, privateKey: key } }));
      expect(ended).toMatchObject({ code: 11, error: { code } });
      for (const line of key.split("\n").filter((text) => text.length > 20 && !text.startsWith("-----"))) {
        expect(ended.stdout + ended.stderr).not.toContain(line);
      }
    }
  });

  test("a host that is not there is given up after four tries", async () => {
    const s = site();
    const { code, error } = await drive("deploy", s.document({ host: { ...host.host, port: 1 } }));
    expect({ code, error: error?.code }).toEqual({ code: 11, error: "plesk.ssh.unreachable" });
  });
});

describe("secrets and load", () => {
  test("no secret in any process's arguments or environment, in the output, or left on disk here", async () => {
    const s = site();
    const secret = "canary-5b1d-argv";
    const tmp = ownTmp();
    const { ended } = startDriver("deploy", s.document({ env: { TOKEN: secret } }), tmp);
    let open = true;
    void ended.then(() => {
      open = false;
    });
    const seen: string[] = [];
    const keyLine = (host.host.privateKey as string).split("\n")[3]!;
    let looked = 0;
    await until(
      "the run ends",
      () => {
        looked += 1;
        for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
          for (const file of ["cmdline", "environ"]) {
            try {
              const text = read(`/proc/${pid}/${file}`);
              if (text.includes(secret) || text.includes(keyLine)) seen.push(`${pid} ${file}`);
            } catch {
              // The process ended.
            }
          }
        }
        return !open;
      },
      20,
    );
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(0);
    expect(looked).toBeGreaterThan(10);
    expect(seen).toEqual([]);
    expect(stdout + stderr).not.toContain(secret);
    expect(readdirSync(tmp.TMPDIR!).filter((name) => name.startsWith("sitefleet-"))).toEqual([]);
    expect(execFileSync("grep", ["-rl", secret, s.base], { encoding: "utf8" })).toBe(`${s.base}/shared/.env\n`);
  });

  test("22 services, 8 at a time: all arrive", { timeout: 300_000 }, async () => {
    const limit = pLimit(8);
    const sites = Array.from({ length: 22 }, (_, index) => site({ "index.html": `service ${index}` }));
    const documents = sites.map((s, index) => s.document({ service: { key: `n${index}`, path: s.path } }));
    const run = async (action: typeof deploy | typeof plan): Promise<number> => {
      const start = performance.now();
      await Promise.all(documents.map((document) => limit(async () => void (await action(parseDocument(document))))));
      return (performance.now() - start) / 1000;
    };
    const first = await run(deploy);
    const planned = await run(plan);
    const again = await run(deploy);
    console.info(
      `22 services, 8 at a time: first ${first.toFixed(1)} s, plan ${planned.toFixed(1)} s, unchanged ${again.toFixed(1)} s`,
    );
    for (const [index, s] of sites.entries()) expect(read(`${s.path}/index.html`)).toBe(`service ${index}`);
  });
});
