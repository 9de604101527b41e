// The command as people and CI call it. When this fails, a build that failed ends with 0, or machines cannot read what was built.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { copySampleCatalog } from "../../../model/sample/copy.ts";
import { PROJECT_ROOT } from "../../../stacks/root.ts";
import { makeRepository } from "../plesk/builder/support.ts";
import { tempDir } from "../plesk/support/temp.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const dir = tempDir("build-command-");
const catalog = join(dir, "catalog");

beforeAll(() => {
  copySampleCatalog(join(PROJECT_ROOT, "catalog"), catalog, 3);
  const site = makeRepository({ "index.html": "<h1>status</h1>" });
  const broken = makeRepository({ "index.html": "<h1>media</h1>" });
  const file = join(catalog, "services.yaml");
  const lines = readFileSync(file, "utf8").split("\n");
  const declare = (key: string, ...more: string[]) => lines.splice(lines.indexOf(`  - key: ${key}`) + 1, 0, ...more);
  declare("status", "    build:", `      repository: ${site}`, '      steps: [{ run: [sh, -c, "echo ok > ok.txt"] }]');
  declare(
    "media",
    "    build:",
    `      repository: ${broken}`,
    '      steps: [{ run: [sh, -c, "echo sorry; exit 4"] }]',
  );
  writeFileSync(file, lines.join("\n"));
});

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, XDG_CACHE_HOME: join(dir, "cache") };
  const all = [join(PROJECT_ROOT, "cli/main.ts"), "build", "--catalog", catalog, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, all, { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe("sitefleet build", () => {
  test("builds what is named, where services.yaml says, and removes old builds that are not declared", async () => {
    const old = join(catalog, "sample/artifacts/votes.builds", "0".repeat(64));
    mkdirSync(old, { recursive: true });
    const statement = { predicate: { runDetails: { metadata: { finishedOn: "2020-01-01T00:00:00Z" } } } };
    writeFileSync(join(old, "provenance.json"), JSON.stringify(statement));
    const { code, stdout, stderr } = await run("--service", "status", "--json");
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("status: packing") });
    const document = JSON.parse(stdout);
    const artifact = join(catalog, "sample/artifacts/status");
    expect(document).toMatchObject({
      ok: true,
      built: [{ service: "status", artifact, files: 2 }],
      failed: [],
      removed: [old],
    });
    expect(readFileSync(join(artifact, "ok.txt"), "utf8")).toBe("ok\n");
    expect(JSON.parse(readFileSync(`${artifact}.manifest.json`, "utf8")).release).toBe(document.built[0].release);
  });

  test("goes on after a failure, says it, and ends with 1", async () => {
    const out = join(dir, "out");
    const { code, stdout, stderr } = await run("--all", "--out", out, "--json");
    const document = JSON.parse(stdout);
    expect({ code, ok: document.ok }).toEqual({ code: 1, ok: false });
    expect(document.built.map(({ service }: { service: string }) => service)).toEqual(["status", "frontend"]);
    expect(document.failed).toMatchObject([{ service: "media", error: { code: "build.step", details: ["sorry"] } }]);
    expect(stderr).toContain("(exit 4)");
    expect(existsSync(join(out, "status/index.html"))).toBe(true);
    expect(existsSync(join(out, "media"))).toBe(false);
  });

  test.each([
    [[], "build.which"],
    [["--all", "--service", "status"], "build.which"],
    [["--service", "nobody"], "build.unknown-service"],
    [["--service", "votes"], "build.undeclared"],
  ])("%j is refused", async (args, expected) => {
    const { code, stdout } = await run(...args, "--json");
    expect({ code, error: JSON.parse(stdout).error.code }).toEqual({ code: 1, error: expected });
  });
});
