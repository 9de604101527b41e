// What is compared is what is served, and data that is declared to stay is never lost. What breaks when these fail: an update deletes
// files of visitors, of the panel or of a certificate authority, and the plan said "0 deleted".
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SitefleetError } from "../../../errors/index.ts";
import { deploy as deployed, parseDocument, plan as planned } from "../../../plesk/index.ts";
import type { DeployDocumentInput } from "../../../plesk/input.ts";
import { makeArtifact, writeFiles } from "./support/driver.ts";
import { startSshd, type TestHost } from "./support/sshd.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let host: TestHost;
let number = 0;
beforeAll(async () => {
  host = await startSshd();
});
afterAll(() => host?.stop());

/** Runs the driver in this process. */
async function drive(action: "deploy" | "plan", document: DeployDocumentInput) {
  try {
    const result = await (action === "deploy" ? deployed : planned)(parseDocument(document));
    // biome-ignore lint/suspicious/noExplicitAny: read as a test reads JSON
    return { result: JSON.parse(JSON.stringify(result)) as any, error: undefined };
  } catch (error) {
    if (error instanceof SitefleetError) return { result: undefined, error };
    throw error;
  }
}

function site(files: Readonly<Record<string, string>> = { "index.html": "one", "css/a.css": "a{}" }) {
  number += 1;
  const path = join(host.root, `v${number}/httpdocs`);
  const artifact = makeArtifact(files);
  const document = (service: object = {}, more: Partial<DeployDocumentInput> = {}): DeployDocumentInput => ({
    host: host.host,
    artifact: { dir: artifact },
    lock: { leaseSeconds: 2, waitSeconds: 10 },
    ...more,
    service: { key: `v${number}`, path, ...service },
  });
  const deploy = async (service?: object, more?: Partial<DeployDocumentInput>) => {
    const ended = await drive("deploy", document(service, more));
    expect(ended.error).toBeUndefined();
    return ended.result;
  };
  const plan = async (service?: object) => (await drive("plan", document(service))).result;
  return { path, base: `${path}.sitefleet`, artifact, document, deploy, plan };
}
const read = (path: string): string => readFileSync(path, "utf8");
const isLink = (path: string): boolean => lstatSync(path).isSymbolicLink();

describe("what was written through the document root", () => {
  test("is listed before and at the switch, counts as deleted, and is offered as shared", async () => {
    const s = site({ "index.html": "one", "css/a.css": "a{}", "keep.txt": "k" });
    await s.deploy();
    await sleep(20);
    writeFiles(s.path, {
      ".user.ini": "memory_limit=512M",
      "google123.html": "verification",
      "cache/deep/a.bin": "x",
      "css/a.css": "a{color:red}",
      ".well-known/security.txt": "mail",
      "site.log": "nobody's",
    });
    rmSync(join(s.path, "keep.txt"));
    const standing = await s.plan();
    expect(standing).toMatchObject({ outcome: "unchanged", created: 0, changed: 0, deleted: 0, items: [] });
    expect(standing.written).toEqual([
      "+ .user.ini",
      "+ .well-known/security.txt",
      "+ cache/deep/a.bin",
      "~ css/a.css",
      "+ google123.html",
      "- keep.txt",
    ]);
    expect(standing.offers).toEqual([".user.ini", ".well-known/security.txt", "cache/", "google123.html"]);

    writeFileSync(join(s.artifact, "index.html"), "two");
    const due = await s.plan();
    expect(due).toMatchObject({ outcome: "release", created: 1, changed: 2, deleted: 4, written: standing.written });
    expect(due.items).toEqual([
      "- .user.ini",
      "- .well-known/security.txt",
      "- cache/deep/a.bin",
      "~ css/a.css",
      "- google123.html",
      "~ index.html",
      "+ keep.txt",
    ]);
    // Declared as offered, it stays.
    const shared = [".user.ini", ".well-known/security.txt", "cache/", "google123.html"];
    const planned = await s.plan({ shared });
    expect(planned).toMatchObject({ deleted: 0, changed: 2 });
    expect((planned.shares as { how: string }[]).map(({ how }) => how)).toEqual(["move", "move", "move", "move"]);
    await s.deploy({ shared });
    expect(read(join(s.path, ".user.ini"))).toBe("memory_limit=512M");
    expect(read(join(s.path, "cache/deep/a.bin"))).toBe("x");
    expect(read(join(s.path, ".well-known/security.txt"))).toBe("mail");
    expect(await s.plan({ shared })).toMatchObject({ outcome: "unchanged", written: [], shares: [] });
  });

  test("is none when a file was only touched, and much of it stops a deployment", async () => {
    const s = site();
    await s.deploy();
    await sleep(20);
    writeFileSync(join(s.path, "css/a.css"), "a{}");
    expect(await s.plan()).toMatchObject({ written: [], offers: [] });
    writeFiles(s.path, Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`photos/${index}.jpg`, "x"])));
    writeFileSync(join(s.artifact, "index.html"), "two");
    const refused = await drive("deploy", s.document());
    expect(refused.error).toMatchObject({ code: "plesk.delete-share" });
    expect(refused.error?.message).toContain("deletes 30 of 32 files");
    expect(refused.error?.hint).toContain("declared as `shared`");
  });

  test("is refused where `exclude` declares that it stays", async () => {
    const s = site();
    const service = { exclude: ["media", "*.log"] };
    await s.deploy(service);
    writeFiles(s.path, { "media/a.jpg": "photo", "x.log": "x" });
    writeFileSync(join(s.artifact, "index.html"), "two");
    const refused = await drive("deploy", s.document(service));
    expect(refused.error).toMatchObject({ code: "plesk.protected-path" });
    expect(refused.error?.message).toContain('"media" is declared to stay');
    await s.deploy({ ...service, shared: ["media/"] });
    expect(read(join(s.path, "media/a.jpg"))).toBe("photo");
  });

  test("in the panel's places stays by itself, over any number of releases", async () => {
    const s = site();
    const more = { host: { ...host.host, profile: "plesk-bash" as const } };
    await s.deploy({}, more);
    writeFiles(s.path, { ".well-known/acme-challenge/token": "proof", "plesk-stat/index.html": "visits" });
    for (const content of ["two", "three"]) {
      writeFileSync(join(s.artifact, "index.html"), content);
      const planned = (await drive("plan", s.document({}, more))).result;
      expect(planned).toMatchObject({ deleted: 0, changed: 1, written: [] });
      await s.deploy({}, more);
      expect(read(join(s.path, ".well-known/acme-challenge/token"))).toBe("proof");
      expect(read(join(s.path, "plesk-stat/index.html"))).toBe("visits");
      expect(read(join(s.path, "index.html"))).toBe(content);
    }
    writeFiles(s.path, { ".well-known/acme-challenge/second": "proof" });
    expect(existsSync(join(s.base, "shared/.well-known/acme-challenge/second"))).toBe(true);
    // An artifact that brings such a directory has its own.
    writeFiles(s.artifact, { "error_docs/404.html": "ours" });
    await s.deploy({}, more);
    expect(read(join(s.path, "error_docs/404.html"))).toBe("ours");
    expect(isLink(join(s.path, "error_docs"))).toBe(false);
  });
});

describe("a document root that became a directory again", () => {
  test("is what is compared: the plan lists what goes, also when the release is the same", async () => {
    const s = site();
    await s.deploy();
    rmSync(s.path);
    writeFiles(s.path, { "index.html": "by the panel", "forum/a.php": "x" });
    const planned = await s.plan();
    expect(planned).toMatchObject({ outcome: "switch", converts: true, created: 1, changed: 1, deleted: 1 });
    expect(planned.items).toEqual(["+ css/a.css", "- forum/a.php", "~ index.html"]);
  });
});

describe("data that is declared as shared while it lies in the live release", () => {
  const shared = ["uploads/"];

  test("is moved and linked, with the same release and with another; the plan says so", async () => {
    for (const other of [false, true]) {
      const s = site();
      const first = await s.deploy();
      writeFiles(s.path, { "uploads/2026/a.jpg": "photo", "uploads/.hidden": "h" });
      if (other) writeFileSync(join(s.artifact, "index.html"), "two");
      const planned = await s.plan({ shared });
      expect(planned.shares).toEqual([{ path: "uploads", how: "move", panel: false }]);
      expect(planned.deleted).toBe(0);
      expect(await s.deploy({ shared })).toMatchObject({ shared: ["uploads"] });
      for (const place of [s.path, `${s.base}/releases/${first.release}`]) {
        expect(readlinkSync(join(place, "uploads"))).toBe("../../shared/uploads");
        expect(read(join(place, "uploads/2026/a.jpg"))).toBe("photo");
        expect(read(join(place, "uploads/.hidden"))).toBe("h");
      }
      expect(await s.plan({ shared })).toMatchObject({ outcome: "unchanged", shares: [], refusals: [] });
    }
  });

  test("is linked at once where nothing lies there yet", async () => {
    const s = site();
    await s.deploy();
    expect((await s.plan({ shared })).shares).toEqual([{ path: "uploads", how: "link", panel: false }]);
    expect(await s.deploy({ shared })).toMatchObject({ outcome: "unchanged", shared: ["uploads"] });
    writeFileSync(join(s.path, "uploads/a"), "x");
    expect(read(join(s.base, "shared/uploads/a"))).toBe("x");
  });

  test("whose link was replaced by a directory: both are kept, and two different files of one name stop it", async () => {
    const s = site();
    await s.deploy({ shared });
    writeFiles(s.base, { "shared/uploads/old.jpg": "old", "shared/uploads/both.jpg": "same" });
    rmSync(join(s.path, "uploads"));
    writeFiles(s.path, { "uploads/new.jpg": "new", "uploads/both.jpg": "same", "uploads/d/x": "x" });
    expect((await s.plan({ shared })).shares).toEqual([{ path: "uploads", how: "merge", panel: false }]);
    await s.deploy({ shared });
    expect(isLink(join(s.path, "uploads"))).toBe(true);
    expect(readdirSync(join(s.path, "uploads")).sort()).toEqual(["both.jpg", "d", "new.jpg", "old.jpg"]);

    rmSync(join(s.path, "uploads"));
    writeFiles(s.path, { "uploads/both.jpg": "another", "uploads/n.jpg": "n" });
    const planned = await s.plan({ shared });
    expect(planned.refusals).toMatchObject([{ code: "plesk.protected-path" }]);
    const refused = await drive("deploy", s.document({ shared }));
    expect(refused.error?.message).toContain('"uploads/both.jpg" is declared as shared, and both');
    expect(read(join(s.path, "uploads/both.jpg"))).toBe("another");
    expect(read(join(s.base, "shared/uploads/both.jpg"))).toBe("same");
    // Lifted for a new release: what is in shared/ is served, the other one still lies on the host.
    writeFileSync(join(s.artifact, "index.html"), "two");
    const { before } = await s.deploy({ shared }, { allow: ["protected-path"] });
    expect(read(join(s.path, "uploads/both.jpg"))).toBe("same");
    expect(read(join(s.base, `releases/${before}/uploads/both.jpg`))).toBe("another");
  });

  test("in a kept release that is made live again goes to shared, and what has to give way is put aside", async () => {
    const s = site();
    const first = (await s.deploy()).release as string;
    writeFiles(s.path, { "uploads/a.jpg": "first", "uploads/only.jpg": "o" });
    writeFileSync(join(s.artifact, "index.html"), "two");
    await s.deploy();
    await s.deploy({ shared });
    writeFileSync(join(s.path, "uploads/a.jpg"), "second");
    writeFileSync(join(s.artifact, "index.html"), "one");
    expect(await s.deploy({ shared })).toMatchObject({ outcome: "switched", release: first });
    expect(read(join(s.path, "uploads/a.jpg"))).toBe("second");
    expect(read(join(s.path, "uploads/only.jpg"))).toBe("o");
    const [aside = ""] = readdirSync(join(s.base, "aside"));
    expect(read(join(s.base, "aside", aside, "uploads/a.jpg"))).toBe("first");
  });

  test("below a link is left alone: it is in shared already", async () => {
    const s = site();
    await s.deploy({ shared: ["data/"] });
    writeFiles(s.base, { "shared/data/files/a": "a" });
    await s.deploy({ shared: ["data/files/"] });
    expect(read(join(s.path, "data/files/a"))).toBe("a");
    expect(readdirSync(join(s.base, "shared/data/files"))).toEqual(["a"]);
  });
});

describe("data that is no longer declared as shared", () => {
  test("stops also a deployment of the same release, as long as it is served; deeper paths are told apart", async () => {
    const s = site();
    await s.deploy({ shared: ["a/b/", "a/c/"] });
    writeFiles(s.base, { "shared/a/b/x": "x", "shared/a/c/y": "y" });
    const refused = await drive("deploy", s.document({ shared: ["a/c/"] }));
    expect(refused.error).toMatchObject({ code: "plesk.protected-path" });
    expect(refused.error?.message).toContain("shared/a/b holds data");
    expect(refused.error?.message).not.toContain("shared/a/c");
    expect((await s.plan({ shared: ["a/c/"] })).refusals).toMatchObject([{ code: "plesk.protected-path" }]);
    await s.deploy({ shared: ["a/c/"] }, { allow: ["protected-path"] });
    expect(read(join(s.base, "shared/a/b/x"))).toBe("x");
  });
});

test("a shared path of a converted document root keeps what both sides have", async () => {
  const s = site();
  const shared = ["uploads/"];
  await s.deploy({ shared });
  writeFileSync(join(s.base, "shared/uploads/old"), "old");
  rmSync(s.path);
  mkdirSync(s.path);
  writeFiles(s.path, { "uploads/new": "new" });
  expect((await s.plan({ shared })).shares).toEqual([{ path: "uploads", how: "merge", panel: false }]);
  await s.deploy({ shared });
  expect(readdirSync(join(s.path, "uploads")).sort()).toEqual(["new", "old"]);
});
