// Hosts that lack things: what they cannot do is refused with the reason before anything is tried; what they can do is done with what they have.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SAFEGUARDS as CATALOG_SAFEGUARDS, HOST_PROFILES, SERVICE_KINDS, STEP_PHASES } from "../../../catalog/index.ts";
import { type Probe, unfit } from "../../../plesk/host/probe.ts";
import { PROFILE, PROFILES } from "../../../plesk/host/profile.ts";
import { type DeployDocumentInput, deploy, KINDS, parseDocument, plan, SAFEGUARDS } from "../../../plesk/index.ts";
import { pendingMigrations } from "../../../plesk/kinds/migrations.ts";
import { PHASES, programsOf } from "../../../plesk/kinds/step.ts";
import { KIND_STEPS } from "../../../plesk/kinds/steps.ts";
import { makeArtifact, writeFiles } from "./support/driver.ts";
import { startSshd, type TestHost } from "./support/sshd.ts";
import { tempDir } from "./support/temp.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** What a chrooted Plesk shell carries, and no more (facts.md: no rsync, php, python, stat, find, date, flock). */
const CHROOT = ["sh", "mkdir", "rmdir", "mv", "ln", "rm", "cat", "chmod", "cp", "ls", "tar", "gzip"];

describe("a chrooted shell without rsync, readlink, find, id, df and date", () => {
  let host: TestHost;
  beforeAll(async () => {
    const bin = tempDir("chroot-");
    for (const name of CHROOT) {
      symlinkSync(execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim(), join(bin, name));
    }
    host = await startSshd(bin);
  });
  afterAll(() => host?.stop());

  const documentOf = (path: string, artifact: string): DeployDocumentInput => ({
    host: { ...host.host, profile: "plesk-chroot" },
    service: { key: "votes", path, shared: ["uploads/"] },
    artifact: { dir: artifact },
    env: { A: "b" },
  });

  test("deploys over tar with the same releases, converts, goes on, and finds tampering", async () => {
    const path = join(host.root, "votes/httpdocs");
    writeFiles(path, { "index.html": "by hand", "old.txt": "old", "uploads/photo": "p" });
    symlinkSync("/etc/hostname", join(path, "outward"));
    const artifact = makeArtifact({
      "index.html": "one",
      "-rf": "x",
      "it's\n$(id)": "y",
      "#hash": "z",
      "bin/run": "#!/bin/sh",
    });
    chmodSync(join(artifact, "bin/run"), 0o700);
    const document = parseDocument(documentOf(path, artifact));
    const planned = await plan(document);
    expect(planned).toMatchObject({ converts: true, created: 4, changed: 1, deleted: 2, refusals: [] });
    expect(planned.items).toContain("- outward");
    const first = await deploy(document);
    expect(first).toMatchObject({ outcome: "released", transport: "tar", converted: true });
    expect(readdirSync(path).sort()).toEqual([
      "#hash",
      "-rf",
      ".well-known",
      "bin",
      "index.html",
      "it's\n$(id)",
      "uploads",
    ]);
    expect(statSync(join(path, "bin/run")).mode & 0o777).toBe(0o755);
    expect(statSync(join(path, "index.html")).mode & 0o777).toBe(0o644);
    expect(readFileSync(join(path, "uploads/photo"), "utf8")).toBe("p");
    expect(await deploy(document)).toMatchObject({ outcome: "unchanged" });
    writeFiles(artifact, { "index.html": "two" });
    expect(await plan(document)).toMatchObject({ changed: 1, created: 0, deleted: 0 });
    expect(await deploy(document)).toMatchObject({ outcome: "released", before: first.release });
    writeFiles(artifact, { "index.html": "one" });
    expect(await deploy(document)).toMatchObject({ outcome: "switched" });
    const base = `${path}.sitefleet`;
    writeFiles(artifact, { "index.html": "two" });
    const planted = readdirSync(`${base}/releases`).find((id) => id !== first.release && id !== "original")!;
    writeFileSync(`${base}/releases/${planted}/shell.php`, "<?php");
    expect(await deploy(document)).toMatchObject({ outcome: "released", release: planted });
    expect(existsSync(join(path, "shell.php"))).toBe(false);
  });

  test("refuses in the plan what a kind needs and such a shell does not have, with reason and way out", async () => {
    const path = join(host.root, "crm/httpdocs");
    const artifact = makeArtifact({ "index.php": "<?php", "vendor/bin/drush": "", "vendor/bin/cv": "" });
    const document = parseDocument({
      ...documentOf(path, artifact),
      service: { key: "crm", path, kind: "drupal-civicrm", steps: "kind" },
      database: {
        engine: "mariadb",
        host: "localhost",
        port: 3306,
        name: "mo",
        user: "u",
        password: "canary-pw",
        scratch: null,
      },
    });
    const planned = await plan(document);
    const messages = planned.refusals.map(({ message, hint }) => `${message} → ${hint}`).join("\n");
    expect(messages).toContain("php (for drush");
    expect(messages).toContain("the chrooted shell of Plesk does not carry it");
    expect(messages).toContain("profile `plesk-bash`");
    expect(messages).toContain("mariadb-dump or mysqldump (for database snapshots)");
    await expect(deploy(document)).rejects.toMatchObject({ code: "plesk.unfit", exitCode: 13 });
    expect(existsSync(path)).toBe(false);
  });
});

describe("unfit", () => {
  const probe = (more: Partial<Probe> = {}): Probe => ({
    shell: "bash",
    user: "u",
    tools: new Set(["rsync", "docker", "php"]),
    writable: true,
    sameFileSystem: true,
    freeBytes: 1e9,
    ...more,
  });
  const needs = (programs: Record<string, string>, bytes = 0) => ({ programs, bytes });

  test("is empty when all is there, and takes any of several alternatives", () => {
    expect(unfit("generic", probe(), needs({ "rsync|tar": "the upload", php: "x" }))).toEqual([]);
  });

  test("does not believe a docker on the PATH of a shared host", () => {
    expect(unfit("plesk-bash", probe(), needs({ docker: "n8n" }))).toMatchObject([
      { reason: "customers of shared hosting start no services" },
    ]);
  });

  test.each([
    [{ writable: false }, "a directory beside the document root"],
    [{ sameFileSystem: false }, "an atomic switch"],
    [{ freeBytes: 1000 }, "2 MiB of disk"],
  ])("says %j", (more, what) => {
    expect(unfit("generic", probe(more), needs({}, 1_500_000)).map((each) => each.what)).toEqual([what]);
  });

  test("every profile names a way out", () => {
    for (const name of PROFILES) expect(PROFILE[name].wayOut.length).toBeGreaterThan(10);
  });
});

describe("kinds", () => {
  test("each has its steps, and each step that migrates has time for it", () => {
    for (const kind of KINDS) {
      for (const step of KIND_STEPS[kind]) {
        expect(step.argv.length, `${kind} ${step.name}`).toBeGreaterThan(0);
        if (step.migrates) expect(step.timeoutSeconds, `${kind} ${step.name}`).toBeGreaterThanOrEqual(300);
      }
    }
  });

  test("Drupal with CiviCRM runs in the order that keeps visitors out of a half migrated site", () => {
    expect(KIND_STEPS["drupal-civicrm"].map(({ phase, name }) => `${phase}: ${name}`)).toMatchInlineSnapshot(`
      [
        "maintenance-on: drush state:set",
        "after-switch: drush updatedb",
        "after-switch: drush config:import",
        "after-switch: drush cache:rebuild",
        "after-switch: drush deploy:hook",
        "after-switch: cv upgrade:db",
        "after-switch: cv flush",
        "check: drush updatedb:status",
        "maintenance-off: drush state:set",
      ]
    `);
  });

  test("a program that the artifact brings is not asked of the host, what runs it is", () => {
    const steps = KIND_STEPS["drupal-civicrm"];
    expect(Object.keys(programsOf(steps, new Set(["vendor/bin/drush", "vendor/bin/cv"])))).toEqual(["php"]);
    expect(Object.keys(programsOf(steps, new Set()))).toEqual(["drush", "cv"]);
    expect(Object.keys(programsOf(KIND_STEPS.fastapi, new Set(["requirements.txt", "alembic.ini"])))).toEqual([
      "python3",
      "sh",
    ]);
    expect(Object.keys(programsOf(KIND_STEPS.fastapi, new Set()))).toEqual(["sh"]);
  });

  test("pending migrations are those that the live release does not have", () => {
    const file = (path: string) => ({ kind: "file", path, mode: 0o644, size: 0, sha256: "" }) as const;
    const live = [file("prisma/migrations/1_start/migration.sql"), file("migrations/versions/0001_a.py")];
    const next = [...live, file("prisma/migrations/2_more/migration.sql"), file("migrations/versions/0002_b.py")];
    expect(pendingMigrations("prisma", live, next)).toEqual([{ name: "2_more", reversible: false }]);
    expect(pendingMigrations("fastapi", live, next)).toEqual([{ name: "0002_b", reversible: true }]);
    expect(pendingMigrations("static", live, next)).toEqual([]);
    expect(pendingMigrations("matomo", live, next)).toBe("unknown");
  });
});

test("the driver knows every profile and kind that the catalog does, and no other", () => {
  expect([...PROFILES]).toEqual([...HOST_PROFILES]);
  expect([...KINDS]).toEqual([...SERVICE_KINDS]);
  expect([...PHASES]).toEqual([...STEP_PHASES]);
  // Deleting files is declared by `onRemoval`, not lifted for a release.
  expect([...SAFEGUARDS]).toEqual([...CATALOG_SAFEGUARDS, "delete-files"]);
});
