// What lies beside an artifact is the only thing that says where it comes from. When these fail, an artifact that somebody changed
// after its build, or that carries another one's papers, is uploaded.
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { checkAttestation } from "../../../../plesk/artifact/attestation/check.ts";
import { artifactDigest, readArtifact } from "../../../../plesk/artifact/index.ts";
import type { DeployDocumentInput } from "../../../../plesk/input.ts";
import { drive } from "../support/driver.ts";
import { startSshd } from "../support/sshd.ts";
import { tempDir } from "../support/temp.ts";
import { build, makeRepository } from "./support.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const SUFFIXES = ["manifest", "sbom", "provenance"] as const;
let first: string;
let second: string;

beforeAll(async () => {
  first = tempDir("first-");
  second = tempDir("second-");
  await build(makeRepository({ "index.html": "one", "a/b.txt": "b" }), first);
  await build(makeRepository({ "index.html": "two" }), second);
});

/** A copy of the first build that may be damaged. */
function copy(): string {
  const dir = tempDir("copy-");
  cpSync(first, dir, { recursive: true });
  return dir;
}

function edit(file: string, change: (text: string) => string): void {
  const before = readFileSync(file, "utf8");
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(file, after);
}

const check = async (out: string, policy: "required" | "optional" = "optional") =>
  checkAttestation(await readArtifact(join(out, "site"), { exclude: ["*.log"] }), policy);

describe("checkAttestation", () => {
  test("takes what a build made, and excluded files beside it do not matter", async () => {
    const out = copy();
    writeFileSync(join(out, "site/debug.log"), "x");
    expect(await check(out, "required")).toEqual({
      builder: "urn:sitefleet:builder:local",
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
      dirty: false,
      builtAt: expect.stringMatching(/^20\d\d-.*Z$/),
      components: 0,
    });
  });

  const damages: [string, (out: string) => void, string][] = [
    ["a changed file", (out) => writeFileSync(join(out, "site/index.html"), "ONE"), "not those of the manifest"],
    ["a new file", (out) => writeFileSync(join(out, "site/new"), ""), "not those of the manifest"],
    ["a missing file", (out) => rmSync(join(out, "site/a/b.txt")), "not those of the manifest"],
    ["a new directory", (out) => mkdirSync(join(out, "site/empty")), "not those of the manifest"],
    [
      "a manifest with another digest",
      (out) => edit(join(out, "site.manifest.json"), (text) => text.replace(/"sha256":"./, '"sha256":"x')),
      "has not the form",
    ],
    [
      "a manifest that lists another file",
      (out) => edit(join(out, "site.manifest.json"), (text) => text.replace("index.html", "other.html")),
      "does not prove",
    ],
    [
      "a manifest with another archive",
      (out) => edit(join(out, "site.manifest.json"), (text) => text.replace(/"bytes": \d+/, '"bytes": 1')),
      "manifest.json is not the one",
    ],
    [
      "an SBOM that was edited",
      (out) => edit(join(out, "site.sbom.json"), (text) => text.replace('"components": []', '"components": [ ]')),
      "sbom.json is not the one",
    ],
    ["another build's manifest", swap("manifest"), "not those of the manifest"],
    ["another build's SBOM", swap("sbom"), "SBOM is that of another release"],
    ["another build's provenance", swap("provenance"), "provenance is that of another release"],
    ["no JSON", (out) => writeFileSync(join(out, "site.provenance.json"), "{"), "is not JSON"],
    [
      "another kind of statement",
      (out) =>
        edit(join(out, "site.provenance.json"), (text) => text.replace("slsa.dev/provenance/v1", "slsa.dev/v0.2")),
      "has not the form",
    ],
    ...SUFFIXES.map((name): [string, (out: string) => void, string] => [
      `no ${name}`,
      (out) => rmSync(join(out, `site.${name}.json`)),
      `site.${name}.json is missing`,
    ]),
  ];

  test.each(damages)("refuses %s, whatever the policy", async (_, damage, why) => {
    const out = copy();
    damage(out);
    for (const policy of ["required", "optional"] as const) {
      const error = await check(out, policy).catch((caught) => caught);
      expect(error).toMatchObject({ code: "plesk.artifact.attestation", exitCode: 10 });
      expect(error.message).toContain(why);
    }
  });

  test("names the files that differ", async () => {
    const out = copy();
    writeFileSync(join(out, "site/index.html"), "ONE");
    rmSync(join(out, "site/a/b.txt"));
    writeFileSync(join(out, "site/new"), "");
    const error = await check(out).catch((caught) => caught);
    expect(error.details).toEqual(['- "a/b.txt"', '~ "index.html"', '+ "new"']);
  });

  test("leaves an artifact without papers to the policy", async () => {
    const out = copy();
    for (const name of SUFFIXES) rmSync(join(out, `site.${name}.json`));
    expect(await check(out)).toBeUndefined();
    await expect(check(out, "required")).rejects.toMatchObject({ code: "plesk.artifact.unattested", exitCode: 10 });
  });
});

function swap(name: (typeof SUFFIXES)[number]): (out: string) => void {
  return (out) => cpSync(join(second, `site.${name}.json`), join(out, `site.${name}.json`));
}

// Breaks when a build changes what Pulumi sees as the service's input, so that everything would be deployed again.
test("the digest of an artifact is the same with papers beside it and without", async () => {
  const out = copy();
  const dir = join(out, "site");
  const attested = await artifactDigest(dir);
  const alone = join(tempDir("alone-"), "site");
  renameSync(dir, alone);
  expect(await artifactDigest(alone)).toBe(attested);
});

describe("the driver", () => {
  const document = (dir: string, attested: "required" | "optional"): DeployDocumentInput => ({
    host: {
      // Nothing listens there: an answer that is not about the connection was given before it.
      address: "127.0.0.1",
      port: 1,
      user: "nobody",
      hostKey: `ssh-ed25519 ${"A".repeat(68)}`,
    },
    service: { key: "site", path: "/srv/site" },
    artifact: { dir, attested },
    timeouts: { connect: 30 },
  });

  test.each(["deploy", "plan"])(
    "%s refuses a mismatch and a missing attestation before anything is called",
    async (action) => {
      const out = copy();
      writeFileSync(join(out, "site/index.html"), "ONE");
      const changed = await drive(action, document(join(out, "site"), "optional"));
      expect(changed).toMatchObject({ code: 10, error: { code: "plesk.artifact.attestation", step: "artifact" } });
      for (const name of SUFFIXES) rmSync(join(out, `site.${name}.json`));
      const bare = await drive(action, document(join(out, "site"), "required"));
      expect(bare).toMatchObject({ code: 10, error: { code: "plesk.artifact.unattested", step: "artifact" } });
      const allowed = await drive(action, document(join(out, "site"), "optional"));
      expect(allowed).toMatchObject({ code: 11, error: { step: "connect" } });
    },
  );

  // Breaks when papers reach the web space, or when what was built is not what is released.
  test("releases what was built, by the built release id, and nothing that lies beside it", async () => {
    const host = await startSshd();
    try {
      const dir = join(copy(), "site");
      const path = join(host.root, "site/httpdocs");
      const wanted = { ...document(dir, "required"), host: host.host, service: { key: "site", path }, timeouts: {} };
      const planned = await drive("plan", wanted);
      expect(planned.result).toMatchObject({
        outcome: "release",
        created: 2,
        attestation: { builder: "urn:sitefleet:builder:local", dirty: false },
      });
      const deployed = await drive("deploy", wanted);
      expect(deployed).toMatchObject({ code: 0, result: { outcome: "released", release: planned.result?.release } });
      expect(deployed.result?.release).toBe(JSON.parse(readFileSync(`${dir}.manifest.json`, "utf8")).release);
      const served = readdirSync(path, { recursive: true, encoding: "utf8" });
      expect(served.filter((name) => !name.startsWith(".well-known")).sort()).toEqual(["a", "a/b.txt", "index.html"]);
    } finally {
      host.stop();
    }
  });
});
