// What a service holds besides its code: it must be out of nobody's sight by accident, and be deleted only when that was declared.
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parseTarget, rollback } from "../../../plesk/index.ts";
import type { DeployDocumentInput } from "../../../plesk/input.ts";
import { drive, makeArtifact, startDriver, writeFiles } from "./support/driver.ts";
import { startSshd, type TestHost } from "./support/sshd.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let host: TestHost;
let number = 0;
beforeAll(async () => {
  host = await startSshd();
});
afterAll(() => host?.stop());

function site(files: Readonly<Record<string, string>> = { "index.html": "one" }) {
  number += 1;
  const path = join(host.root, `g${number}/httpdocs`);
  const artifact = makeArtifact(files);
  const document = (more: Partial<DeployDocumentInput> = {}, service: object = {}): DeployDocumentInput => ({
    host: host.host,
    artifact: { dir: artifact },
    owner: "ours",
    ...more,
    service: { key: `g${number}`, path, ...service },
  });
  return { path, base: `${path}.sitefleet`, artifact, document };
}

describe("a document root that holds what uploads leave alone", () => {
  test("is converted only when that is declared as shared, or somebody says that it is meant", async () => {
    const s = site();
    writeFiles(s.path, { "index.html": "by hand", "media/a.jpg": "photo", "error.log": "x", ".git/HEAD": "x" });
    const service = { exclude: ["media", "*.log", ".git"] };
    const refused = await drive("deploy", s.document({}, service));
    expect(refused).toMatchObject({ code: 15, error: { code: "plesk.protected-path" } });
    // Logs and the repository are nobody's data; the photos are named.
    expect(refused.error?.message).toContain('"media" is declared to stay');
    expect(lstatSync(s.path).isDirectory()).toBe(true);
    const planned = await drive("plan", s.document({}, service));
    expect(planned.result).toMatchObject({ converts: true, refusals: [{ code: "plesk.protected-path" }] });

    expect((await drive("deploy", s.document({}, { ...service, shared: ["media/"] }))).code).toBe(0);
    expect(readFileSync(join(s.path, "media/a.jpg"), "utf8")).toBe("photo");
  });
});

test("shared data that the service no longer declares stops its deployment", async () => {
  const s = site();
  expect((await drive("deploy", s.document({}, { shared: ["uploads/"] }))).code).toBe(0);
  writeFileSync(join(s.artifact, "index.html"), "two");
  // An empty directory is no data.
  expect((await drive("deploy", s.document())).code).toBe(0);
  writeFileSync(join(s.base, "shared/uploads/a.pdf"), "x");
  writeFileSync(join(s.artifact, "index.html"), "three");
  const refused = await drive("deploy", s.document());
  expect(refused.error).toMatchObject({ code: "plesk.protected-path" });
  expect(refused.error?.message).toContain("shared/uploads");
  expect((await drive("deploy", s.document({ allow: ["protected-path"] }))).code).toBe(0);
  expect(existsSync(join(s.base, "shared/uploads/a.pdf"))).toBe(true);
});

describe("taking a service out of service", () => {
  test("keeps every file, unless delete-files was declared; then snapshots stay", async () => {
    const s = site();
    const release = (await drive("deploy", s.document({}, { shared: ["uploads/"] }))).result!.release as string;
    writeFileSync(join(s.base, "shared/uploads/a.pdf"), "x");
    mkdirSync(join(s.base, "snapshots"));
    writeFileSync(join(s.base, "snapshots/1-aa.sql.meta"), "1");
    const gone = s.document({ artifact: { dir: s.artifact, digest: release } }, { shared: ["uploads/"] });
    expect((await drive("retire", gone)).result).toMatchObject({ retired: release, deleted: false });
    expect(existsSync(join(s.base, "shared/uploads/a.pdf"))).toBe(true);

    const foreign = await drive("retire", { ...gone, allow: ["delete-files"], owner: "somebody" });
    expect(foreign.result).toMatchObject({ deleted: false });
    expect(existsSync(join(s.base, `releases/${release}`))).toBe(true);

    const ours = await drive("retire", { ...gone, allow: ["delete-files"] });
    expect(ours.result).toMatchObject({ deleted: true });
    expect([existsSync(join(s.base, "releases")), existsSync(join(s.base, "shared")), existsSync(s.path)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(existsSync(join(s.base, "snapshots/1-aa.sql.meta"))).toBe(true);
    // What is deleted can be deployed again.
    expect((await drive("deploy", s.document())).code).toBe(0);
  });

  test("leaves a document root alone that somebody has led elsewhere, also with delete-files", async () => {
    const s = site();
    const release = (await drive("deploy", s.document())).result!.release as string;
    writeFiles(join(host.root, "by-hand"), { "index.html": "by hand" });
    rmSync(s.path);
    symlinkSync(join(host.root, "by-hand"), s.path);
    const gone = s.document({ artifact: { dir: s.artifact, digest: release }, allow: ["delete-files"] });
    expect((await drive("retire", gone)).result).toMatchObject({ deleted: true });
    expect(readFileSync(join(s.path, "index.html"), "utf8")).toBe("by hand");
  });
});

test("a service that was rolled back is taken out of service all the same, and nobody else's is", async () => {
  const s = site();
  await drive("deploy", s.document());
  writeFileSync(join(s.artifact, "index.html"), "two");
  const document = s.document();
  const release = (await drive("deploy", document)).result!.release as string;
  const declared = { ...document, artifact: { dir: s.artifact, digest: release } };
  const [back] = await rollback([parseTarget(document)]);
  expect(back).toMatchObject({ ok: true });
  expect((await drive("retire", { ...declared, owner: "somebody" })).result).toMatchObject({ left: "other-owner" });
  expect((await drive("retire", declared)).result).toMatchObject({ left: null });
  expect(existsSync(join(s.base, "current"))).toBe(false);
});

describe("planning several at once", () => {
  test("gives one line each; what is wrong with one hides none of the others, and no secret is printed", async () => {
    const [a, b] = [site(), site()];
    const bad = { ...b.document(), env: { TOKEN: "s3cr3t-value" }, owner: 7 };
    const missing = a.document({ artifact: { dir: "/nonexistent" } });
    const documents = [a.document({ env: { TOKEN: "an0ther-value" } }), bad, missing, b.document()];
    const { ended } = startDriver("plan", JSON.stringify({ documents }));
    const { code, stdout, stderr } = await ended;
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(code, stderr).toBe(0);
    expect(lines.map(({ ok }) => ok)).toEqual([true, false, false, true]);
    expect(lines[0].plan).toMatchObject({ outcome: "release", created: 1 });
    expect(lines[1].error.code).toBe("plesk.input");
    expect(lines[2].error.code).toBe("plesk.artifact");
    expect(stdout + stderr).not.toMatch(/s3cr3t-value|an0ther-value/);
    expect(existsSync(a.base)).toBe(false);
  });
});
