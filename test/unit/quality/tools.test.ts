import { chmodSync, existsSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { QualityFile, type QualityRepository } from "../../../model/shape/quality.ts";
import { checkRepository } from "../../../quality/source/index.ts";
import type { RepositorySubject } from "../../../quality/types.ts";
import { tempDir } from "../plesk/support/temp.ts";

// Breaks when a tool that is there is not run rightly, or one that is not there, breaks, or hangs is taken for green.

let dir: string;
beforeEach(() => {
  dir = tempDir("sitefleet-tools-");
});
const write = (name: string, text: string) => {
  mkdirSync(join(dir, name, ".."), { recursive: true });
  writeFileSync(join(dir, name), text);
};
const subject = (
  check: QualityRepository["checks"][number],
  more: object = {},
  tools: object = {},
): RepositorySubject => {
  const reports = { tests: ["junit.xml"], coverage: "lcov.info", trivy: "trivy.json", phpstan: "phpstan.json" };
  const settings = QualityFile.parse({ repositories: [{ key: "own", path: ".", checks: [check], reports }], tools });
  const repository = settings.repositories[0] as QualityRepository;
  const signal = new AbortController().signal;
  return { settings, repository, dir, catalogDir: dir, env: process.env, signal, now: Date.now(), ...more };
};
const run = (check: QualityRepository["checks"][number], more?: object, tools?: object) =>
  checkRepository(check, subject(check, more, tools));

test("eslint: an error is found, the mended file passes, a broken configuration is not known", async () => {
  write("eslint.config.js", 'export default [{ rules: { "no-undef": "error" } }];');
  write("package.json", '{ "type": "module" }');
  write("a.js", "missing();\n");
  expect(await run("eslint")).toMatchObject({ state: "fail", findings: [{ rule: "no-undef", file: "a.js", line: 1 }] });
  write("a.js", "export const here = 1;\n");
  expect((await run("eslint")).state).toBe("pass");
  write("eslint.config.js", "export default [{ rules: ");
  expect(await run("eslint")).toMatchObject({
    state: "not-run",
    reason: expect.stringContaining("eslint ended with 2"),
  });
});

test("jscpd: copied lines are found, one file alone passes, no file is not known", async () => {
  const lines = Array.from(
    { length: 30 },
    (_, at) => `export const value${at} = [${at}, "${at}", { at: ${at} }];`,
  ).join("\n");
  write("a.js", lines);
  write("b.js", lines);
  expect(await run("jscpd")).toMatchObject({ state: "fail", findings: [{ rule: "duplicate", level: "warning" }] });
  write("b.js", "export const other = 1;\n");
  expect((await run("jscpd")).state).toBe("pass");
  dir = tempDir("sitefleet-tools-");
  expect((await run("jscpd")).state).toBe("not-run");
});

const GITLEAKS = [...(process.env.PATH ?? "").split(delimiter), ".toolchain/quality/bin"]
  .map((one) => join(one, "gitleaks"))
  .find((one) => existsSync(one));
// Go modules can be built with Go alone: `npm run quality:tools` does.
test.skipIf(GITLEAKS === undefined)("gitleaks: a key is found and not repeated, without it passes", async () => {
  const key = ["ghp", "k3Q9vX2mB7nL4pR8sT1wY6zC5dF0gH3jK2aE"].join("_");
  write("deploy.sh", `token=${key}\n`);
  const found = await run("gitleaks");
  expect(found).toMatchObject({ state: "fail", findings: [{ rule: "github-pat", file: "deploy.sh", line: 1 }] });
  expect(JSON.stringify(found)).not.toContain(key);
  write("deploy.sh", 'token="$TOKEN"\n');
  expect((await run("gitleaks")).state).toBe("pass");
});

describe("a tool", () => {
  const tool = (text: string) => {
    write("tool", `#!/bin/sh\n${text}\n`);
    chmodSync(join(dir, "tool"), 0o755);
    return { gitleaks: "tool" };
  };

  test("that is not there is not known, and is not installed", async () => {
    expect(await run("gitleaks", { env: { PATH: "/nowhere" } }, { gitleaks: "absent" })).toMatchObject({
      state: "not-run",
      reason: "gitleaks is not at absent, which quality.yaml names",
    });
  });

  test.each([
    ["fails", "echo broken >&2; exit 3", "gitleaks ended with 3: broken"],
    ["leaves no report", "exit 0", "there is no report.json"],
    ["leaves an empty one", ': > "$6"; exit 0', "report.json is empty"],
    ["is killed", "kill -9 $$", "the tool ended by SIGKILL"],
  ])("that %s is not known", async (_name, text, reason) => {
    expect(await run("gitleaks", {}, tool(text))).toMatchObject({ state: "not-run", reason });
  });

  test("that hangs is ended with what it has started, once the run is stopped, and gets no credentials", async () => {
    const abort = new AbortController();
    const env = { ...process.env, GITHUB_TOKEN: "hush" };
    const begun = run(
      "gitleaks",
      { env, signal: abort.signal },
      tool(`env > ${dir}/env; sleep 600 & echo $! > ${dir}/child; wait`),
    );
    await expect.poll(() => existsSync(join(dir, "child"))).toBe(true);
    abort.abort();
    expect(await begun).toMatchObject({ state: "not-run", reason: "the tool was stopped" });
  });
});

describe("a report", () => {
  test("that is older than it may be, missing, empty or no file is not known", async () => {
    const reason = async () => (await run("coverage")).reason;
    expect(await reason()).toBe("there is no lcov.info");
    write("lcov.info", "\n");
    expect(await reason()).toBe("lcov.info is empty");
    write("lcov.info", "SF:a\nLF:1\nLH:1\nend_of_record\n");
    expect((await run("coverage")).state).toBe("pass");
    const old = new Date(Date.now() - 25 * 3_600_000);
    utimesSync(join(dir, "lcov.info"), old, old);
    expect(await reason()).toBe("lcov.info is 25 hours old; at most 24 count");
    mkdirSync(join(dir, "junit.xml"));
    expect((await run("tests")).reason).toBe("junit.xml is no file");
  });
});
