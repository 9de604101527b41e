// What is known of hosts and kinds before one is called: what cannot work is refused with the reason. test/unit/plesk/chroot.test.ts tries one.
import { describe, expect, test } from "vitest";
import { SAFEGUARDS as CATALOG_SAFEGUARDS, HOST_PROFILES, SERVICE_KINDS, STEP_PHASES } from "../../../model/index.ts";
import { pendingMigrations } from "../../../plesk/artifact/migrations.ts";
import { PROFILE, PROFILES } from "../../../plesk/host/profile.ts";
import { KINDS, SAFEGUARDS } from "../../../plesk/index.ts";
import { PHASES, programsOf } from "../../../plesk/kinds/step.ts";
import { KIND_STEPS } from "../../../plesk/kinds/steps.ts";
import { type Probe, unfit } from "../../../plesk/remote/probe.ts";

describe("unfit", () => {
  const probe = (more: Partial<Probe> = {}): Probe => ({
    shell: "bash",
    user: "u",
    tools: new Set(["rsync", "docker", "php"]),
    writable: true,
    sameFileSystem: true,
    freeBytes: 1e9,
    usedBytes: 1e9,
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
        "maintenance-on: drush state:get",
        "after-switch: drush updatedb",
        "after-switch: drush config:import",
        "after-switch: drush config:status",
        "after-switch: drush cache:rebuild",
        "after-switch: drush deploy:hook",
        "after-switch: cv upgrade:db",
        "after-switch: cv flush",
        "check: drush updatedb:status",
        "check: drush deploy:hook-status",
        "check: cv ev",
        "maintenance-off: drush state:set",
        "maintenance-off: drush state:get",
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

  test("a migration that the database has had is not pending, whatever is live", () => {
    const file = (path: string) => ({ kind: "file", path, mode: 0o644, size: 0, sha256: "" }) as const;
    const next = ["1_start", "2_more", "3_last"].map((name) => file(`prisma/migrations/${name}/migration.sql`));
    const names = (live: typeof next, applied?: string[]) => {
      const pending = pendingMigrations("prisma", live, next, applied);
      return pending === "unknown" ? [] : pending.map(({ name }) => name);
    };
    expect(names(next.slice(0, 1))).toEqual(["2_more", "3_last"]);
    expect(names(next.slice(0, 1), ["1_start", "2_more"])).toEqual(["3_last"]);
    expect(names([], ["1_start", "2_more", "3_last"])).toEqual([]);
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
