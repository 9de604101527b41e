import { describe, expect, it } from "vitest";
import { readLooks } from "../../../components/plesk-service/look.ts";
import { describePreview, SHOWN_ITEMS } from "../../../components/plesk-service/preview.ts";
import type { PlanResult } from "../../../plesk/index.ts";

// What breaks when these fail: the preview of prod-plesk does not say what a deployment would do, or lets one through that the
// driver would refuse.

const next = "bb".repeat(32);
const live = "aa".repeat(32);
const plan: PlanResult = {
  action: "plan",
  service: "crm",
  release: next,
  live,
  pending: false,
  outcome: "release",
  converts: false,
  attestation: null,
  created: 1,
  changed: 1,
  deleted: 1,
  bytes: 2048,
  items: ["+ a.css", "~ index.php", "- old.js"],
  more: 0,
  leftOut: [],
  written: [],
  moreWritten: 0,
  offers: [],
  shares: [],
  host: {
    profile: "kas",
    shell: "bash 5.2",
    tools: ["rsync", "tar", "gzip", "php", "mariadb-dump", "mariadb"],
    writable: true,
    sameFileSystem: null,
    freeBytes: 3 * 2 ** 30,
  },
  run: ["drush updatedb"],
  migrations: [
    { name: "0001_a", reversible: true },
    { name: "0002_b", reversible: false },
  ],
  database: null,
  snapshot: "mo_crm",
  restoreSeconds: 8,
  estimatedBy: "snapshot",
  refusals: [],
  locks: [],
  steps: {},
};
const look = (more: Partial<PlanResult> = {}) => ({ ok: true as const, plan: { ...plan, ...more } });

describe("a service that an update is due for", () => {
  it("is told in full: files, steps, migrations, snapshot, host", () => {
    const { level, text, refusals } = describePreview({ look: look(), due: true });
    expect(level).toBe("info");
    expect(refusals).toEqual([]);
    expect(text.split("\n  ")).toEqual([
      "release aaaaaaaaaaaa -> bbbbbbbbbbbb: is uploaded, 1 created, 1 changed, 1 deleted, 2.0 KiB",
      "not attested: nothing says what the artifact was built from",
      "+ a.css",
      "~ index.php",
      "- old.js",
      "steps: drush updatedb",
      "migrations: 0001_a (reversible), 0002_b (irreversible)",
      "snapshot of mo_crm before it migrates; restoring it: about 8 s, by the last one",
      "host: kas, bash 5.2, rsync tar php mariadb, 3.0 GiB free",
    ]);
  });

  it("is capped, and says how much is left out", () => {
    const items = Array.from({ length: 50 }, (_, index) => `+ ${index}`);
    const { text } = describePreview({ look: look({ items, more: 1000 }), due: true });
    expect(text.split("\n").filter((line) => line.startsWith("  + "))).toHaveLength(SHOWN_ITEMS);
    expect(text).toContain("… and 1030 more");
  });

  it("is refused with the way out: a safeguard is lifted in the catalog, for this release", () => {
    const refusals = [
      { code: "plesk.delete-share", message: "deletes 40 of 100 files" },
      { code: "plesk.unfit", message: "the host lacks docker", hint: "name another host" },
    ];
    const found = describePreview({ look: look({ refusals }), due: true });
    expect(found.refusals).toEqual([
      'deletes 40 of 100 files; when it is meant: `allow: [{ safeguard: delete-share, release: "bbbbbbbbbbbb" }]` in services.yaml [plesk.delete-share]',
      "the host lacks docker; name another host [plesk.unfit]",
    ]);
    expect(found.text).toContain("REFUSED: deletes 40 of 100 files");
  });
});

describe("a service that no update is due for", () => {
  it("says nothing when it is as it was deployed", () => {
    const unchanged = look({ outcome: "unchanged", live: next });
    expect(describePreview({ look: unchanged, due: false })).toEqual({ text: "", refusals: [] });
  });

  it("says what was written on its host, what becomes of it, and how it stays", () => {
    const written = ["+ .user.ini", "~ index.php"];
    const shares = [
      { path: "uploads", how: "merge" as const, panel: false },
      { path: ".well-known/acme-challenge", how: "move" as const, panel: true },
    ];
    const unchanged = look({ outcome: "unchanged", live: next, written, offers: [".user.ini"], shares });
    const { level, text } = describePreview({ look: unchanged, due: false });
    expect(level).toBe("info");
    expect(text.split("\n  ")).toEqual([
      "written on the host since the deployment, gone with the next release: + .user.ini, ~ index.php",
      'to keep it: `shared: [".user.ini"]` in services.yaml',
      "uploads is no link to shared/ any more",
      "to mend that: sitefleet plesk deploy --service crm",
    ]);
    const due = describePreview({ look: look({ written, offers: [".user.ini"], shares }), due: true }).text;
    expect(due).toContain("gone with the switch: + .user.ini, ~ index.php");
    expect(due).toContain("uploads: what lies there goes to what shared/ has, and is linked");
    expect(due).toContain(".well-known/acme-challenge: what lies there is moved to shared/ and linked");
  });

  it("warns when it was rolled back since, and does not stop the others", () => {
    const rolledBack = look({ refusals: [{ code: "plesk.bad-release", message: "failed before" }] });
    const { level, text, refusals } = describePreview({ look: rolledBack, due: false });
    expect(level).toBe("warn");
    expect(refusals).toEqual([]);
    expect(text).toContain(
      "serves aaaaaaaaaaaa, not bbbbbbbbbbbb, which the last update deployed and which was rolled back",
    );
    expect(text).toContain("sitefleet plesk rollback --service crm --to bbbbbbbbbbbb");
    const out = describePreview({ look: look({ live: null }), due: false });
    expect(out.text).toContain("is out of service on the host");
  });
});

it("a host that could not be asked stops the preview: nobody knows what an update would do", () => {
  const error = { code: "plesk.ssh.unreachable", message: "the host could not be reached", hint: "check the port" };
  const found = describePreview({ look: { ok: false, error }, due: false });
  expect(found.refusals).toEqual(["the host could not be reached [plesk.ssh.unreachable]"]);
  expect(found.text).toContain("check the port");
});

it("reads the driver's lines and passes over what is none", () => {
  const lines = [
    JSON.stringify({ service: "a", ok: true, plan }),
    "noise",
    JSON.stringify({ service: "b", ok: false }),
  ];
  expect([...readLooks(lines.join("\n")).keys()]).toEqual(["a", "b"]);
});

it("says what each exclude pattern leaves out, so that one that matches too much or nothing shows", () => {
  const leftOut = [
    { pattern: "*.log", files: 1 },
    { pattern: "cahce", files: 0 },
  ];
  const { text } = describePreview({ look: { ok: true, plan: { ...plan, leftOut } }, due: true });
  expect(text).toContain("left out: *.log 1 file, cahce 0 files");
});

it("is refused by itself when its artifact is missing: no host was asked", () => {
  const error = { code: "plesk.artifact", message: "artifact build/docs: cannot be read (ENOENT)", hint: "build it" };
  const { text, refusals } = describePreview({ look: { ok: false, error }, due: true });
  expect(text.split("\n  ")).toEqual(["REFUSED: artifact build/docs: cannot be read (ENOENT)", "build it"]);
  expect(refusals).toEqual(["artifact build/docs: cannot be read (ENOENT) [plesk.artifact]"]);
});
