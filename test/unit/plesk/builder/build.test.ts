// Builds with the real npm, git and pip, offline. What breaks when these fail: artifacts that differ from machine to machine, builds
// that see the machine's tokens, and failures that leave half an artifact.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { checkAttestation } from "../../../../plesk/artifact/attestation/check.ts";
import { readArtifact } from "../../../../plesk/artifact/index.ts";
import { outputPaths } from "../../../../plesk/builder/index.ts";
import { publish } from "../../../../plesk/builder/publish.ts";
import { PROJECT_ROOT } from "../../../../stacks/root.ts";
import { makeArtifact, writeFiles } from "../support/driver.ts";
import { until } from "../support/sshd.ts";
import { tempDir } from "../support/temp.ts";
import { build, commit, git, json, makeRepository, NPM_SITE, sh, step } from "./support.ts";

vi.setConfig({ testTimeout: 120_000 });

/** Everything a build left, relative to its output. */
const left = (out: string): string[] => readdirSync(out).sort();
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie that nobody has waited for yet.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
const DONE = ["site", "site.builds", "site.manifest.json", "site.provenance.json", "site.sbom.json"];

describe("an npm site", () => {
  test("is built by the files found, twice the same in different directories", async () => {
    const [one, two] = [tempDir("out-"), tempDir("elsewhere-out-")];
    const rules = { kind: "static", exclude: [".git", "*.log"] } as const;
    const first = await build(makeRepository(NPM_SITE), one, { rules });
    const second = await build(makeRepository(NPM_SITE), two, { rules });
    expect(first.steps.map(({ name }) => name)).toEqual(["npm ci", "design tokens", "npm run build"]);
    expect(left(one)).toEqual(DONE);
    const { entries, digest } = await readArtifact(join(one, "site"), rules);
    expect(entries.map(({ path }) => path)).toEqual([
      "css",
      "css/deep",
      "css/deep/größe.txt",
      "css/tokens.css",
      "index.html",
      "latest.css",
      "run",
    ]);
    expect(readFileSync(join(one, "site/css/tokens.css"), "utf8")).toBe(":root{--c:#c00}");
    expect(first.release).toBe(digest);
    expect(second).toMatchObject({ release: digest, archive: first.archive, commit: first.commit });
    for (const name of ["artifact.tar.zst", "manifest.json", "sbom.json"]) {
      const of = (out: string) => readFileSync(join(out, "site.builds", digest, name));
      expect(of(two).equals(of(one)), name).toBe(true);
    }
    expect(json(one, "site.sbom.json").components).toMatchObject([{ purl: "pkg:npm/tokens@1.2.3", scope: "required" }]);
  });

  test("has a provenance that names the commit, the steps and what was made", async () => {
    const out = tempDir("out-");
    const repository = makeRepository(NPM_SITE);
    git(repository, "remote", "add", "origin", "https://somebody:secret@git.example.org/acme/shop.git");
    const { release, commit } = await build(repository, out, { rules: { kind: "static" } });
    const text = readFileSync(join(out, "site.provenance.json"), "utf8");
    const { subject, predicate } = JSON.parse(text);
    expect(subject[0].digest).toEqual({ sha256: release });
    expect(predicate.buildDefinition.resolvedDependencies[0]).toEqual({
      uri: `git+https://git.example.org/acme/shop.git@${commit}`,
      digest: { gitCommit: commit },
    });
    expect(
      predicate.buildDefinition.externalParameters.steps.map(({ run }: { run: string[] }) => run.join(" ")),
    ).toEqual(["npm ci", "npm run tokens", "npm run build"]);
    expect(text).not.toContain("secret");
    const artifact = await readArtifact(join(out, "site"));
    expect(await checkAttestation(artifact, "required")).toMatchObject({ commit, components: 1 });
  });
});

// Breaks when the committed sample and what makes it part ways.
test("the sample's frontend is what its source builds", async () => {
  const sample = join(PROJECT_ROOT, "catalog/sample");
  const rules = { kind: "static", exclude: [".git", "*.log"] } as const;
  const options = { env: { PATH: process.env.PATH }, allowDirty: true };
  const built = await build(join(sample, "sources/frontend"), tempDir("out-"), { rules, options });
  expect(built.steps.map(({ name }) => name)).toEqual(["npm ci", "design tokens", "npm run build"]);
  expect(built.release).toBe((await readArtifact(join(sample, "artifacts/frontend"), rules)).digest);
});

describe("a step", () => {
  // A token of the machine in a build's hands is a token in every package's hands.
  test("sees of the caller's environment only what is declared", async () => {
    const out = tempDir("out-");
    const repository = makeRepository({ "a.txt": "a" });
    const env = { PATH: process.env.PATH, VERCEL_API_TOKEN: "no", NPM_TOKEN: "yes-yes", ONE: "1-1-1", HOME: "/root" };
    await build(repository, out, {
      env: ["NPM_TOKEN"],
      steps: [sh("env > first.txt", { env: ["ONE"] }), sh("env > second.txt")],
      options: { env },
    });
    const seen = (name: string) => readFileSync(join(out, "site", name), "utf8");
    expect(seen("first.txt")).toMatch(/^NPM_TOKEN=yes-yes$/m);
    expect(seen("first.txt")).toMatch(/^ONE=1-1-1$/m);
    expect(seen("second.txt")).not.toMatch(/^ONE=/m);
    expect(seen("first.txt")).not.toMatch(/VERCEL|HOME=\/root/);
    expect(seen("first.txt")).toMatch(/^SOURCE_DATE_EPOCH=1795262400$/m);
    const inherited = Object.keys(process.env).filter((name) => new RegExp(`^${name}=`, "m").test(seen("first.txt")));
    expect(
      inherited.filter(
        (name) =>
          !/^(PATH|HOME|PWD|OLDPWD|SHLVL|_|CI|TZ|LANG|LC_ALL|TMPDIR|NO_COLOR|PYTHON\w+|PIP_\w+|npm_config_\w+)$/.test(
            name,
          ),
      ),
    ).toEqual([]);
    expect(readFileSync(join(out, "site.provenance.json"), "utf8")).not.toMatch(/yes-yes|1-1-1/);
  });

  test("that fails leaves the artifact before, and evidence without secrets", async () => {
    const out = tempDir("out-");
    const repository = makeRepository({ "a.txt": "one" });
    const before = await build(repository, out);
    commit(repository, { "a.txt": "two" });
    const failing = build(repository, out, {
      env: ["NPM_TOKEN"],
      steps: [sh("seq 1 5000; echo token is $NPM_TOKEN; echo broken >&2; exit 3", { name: "compile" })],
      options: { env: { PATH: process.env.PATH, NPM_TOKEN: "hush-hush" } },
    });
    const error = await failing.catch((caught) => caught);
    expect(error).toMatchObject({ code: "build.step", subject: "site", message: 'step "compile" failed (exit 3)' });
    expect(error.details.slice(-2)).toEqual(["token is [secret]", "broken"]);
    const evidence = json(out, "site.failed.json");
    expect(evidence).toMatchObject({ step: "compile", how: "failed", exitCode: 3 });
    expect(String(evidence.output).length).toBeLessThanOrEqual(8 * 1024);
    expect(JSON.stringify(evidence)).not.toContain("hush-hush");
    expect(left(out)).toEqual([...DONE.slice(0, 2), "site.failed.json", ...DONE.slice(2)]);
    expect((await readArtifact(join(out, "site"))).digest).toBe(before.release);
    await build(repository, out);
    expect(left(out)).toEqual(DONE);
  });

  test("that hangs is ended at its limit with all that it started", async () => {
    const out = tempDir("out-");
    const pids = join(tempDir("pids-"), "pids");
    const repository = makeRepository({ "a.txt": "one" });
    const stubborn = `sh -c 'trap "" TERM; echo $$ >> ${pids}; while :; do sleep 0.05; done'`;
    const hanging = sh(`${stubborn} & ${stubborn}`, { timeoutSeconds: 1 });
    await expect(build(repository, out, { steps: [hanging] })).rejects.toMatchObject({ code: "build.timeout" });
    const started = readFileSync(pids, "utf8").trim().split("\n").map(Number);
    expect(started).toHaveLength(2);
    await until("both are gone", () => started.every((pid) => !isAlive(pid)));
    expect(left(out)).toEqual(["site.failed.json"]);
  });

  test("that prints without end is ended", async () => {
    const repository = makeRepository({ "a.txt": "one" });
    const endless = build(repository, tempDir("out-"), { steps: [step(["yes"])] });
    await expect(endless).rejects.toMatchObject({ code: "build.output-limit" });
  });

  test.each([
    ["composer", "getcomposer.org"],
    ["no-such-program", "correct the step"],
  ])("whose program %s is not there says how to get it", async (program, hint) => {
    const repository = makeRepository({ "a.txt": "one" });
    const path = tempDir("bin-");
    for (const name of ["git", "sh"])
      symlinkSync(execFileSync("which", [name], { encoding: "utf8" }).trim(), join(path, name));
    const building = build(repository, tempDir("out-"), {
      steps: [step([program, "install"])],
      options: { env: { PATH: path } },
    });
    const error = await building.catch((caught) => caught);
    expect(error).toMatchObject({ code: "build.tool-missing", subject: "site" });
    expect(error.message).toContain(program);
    expect(error.hint).toContain(hint);
  });

  test("finds programs of the source before those of the machine, and none of sitefleet's own", async () => {
    const out = tempDir("out-");
    const repository = makeRepository({ "a.txt": "one" });
    git(repository, "config", "core.fileMode", "true");
    writeFiles(repository, { "vendor/bin/tool": "#!/bin/sh\necho mine > made.txt\n" });
    execFileSync("chmod", ["+x", join(repository, "vendor/bin/tool")]);
    git(repository, "add", "--force", "--all");
    git(repository, "commit", "--quiet", "--message=tool");
    await build(repository, out, { steps: [step(["tool"])] });
    expect(readFileSync(join(out, "site/made.txt"), "utf8")).toBe("mine\n");
    await expect(build(repository, out, { steps: [step(["vitest", "--version"])] })).rejects.toMatchObject({
      code: "build.tool-missing",
    });
  });
});

describe("the source", () => {
  test("is what is committed; changes are refused unless allowed, and then said", async () => {
    const out = tempDir("out-");
    const repository = makeRepository({ "a.txt": "one", ".gitignore": "ignored\n" });
    writeFiles(repository, { "ignored/x": "x" });
    expect((await build(repository, out)).dirty).toBe(false);
    writeFiles(repository, { "a.txt": "two", "new.txt": "n" });
    await expect(build(repository, out)).rejects.toMatchObject({ code: "build.dirty" });
    const result = await build(repository, out, { options: { allowDirty: true } });
    expect(result.dirty).toBe(true);
    expect(readdirSync(join(out, "site")).sort()).toEqual([".gitignore", "a.txt", "new.txt"]);
    expect(readFileSync(join(out, "site/a.txt"), "utf8")).toBe("two");
    const attested = await checkAttestation(await readArtifact(join(out, "site")), "required");
    expect(attested).toMatchObject({ dirty: true, commit: result.commit });
    expect(git(repository, "status", "--porcelain")).toContain("a.txt");
  });

  test("can be another commit than the checkout's, without touching the checkout", async () => {
    const out = tempDir("out-");
    const repository = makeRepository({ "a.txt": "one" });
    const first = git(repository, "rev-parse", "HEAD");
    commit(repository, { "a.txt": "two" });
    writeFiles(repository, { "a.txt": "three" });
    const result = await build(repository, out, { ref: first });
    expect(result).toMatchObject({ commit: first, dirty: false });
    expect(readFileSync(join(out, "site/a.txt"), "utf8")).toBe("one");
    expect(readFileSync(join(repository, "a.txt"), "utf8")).toBe("three");
  });

  test("is cloned when it is not there, and fetched when it lacks the commit", async () => {
    const out = tempDir("out-");
    const origin = makeRepository({ "a.txt": "one" });
    const repository = join(tempDir("checkout-"), "below", "shop");
    const address = `file://${origin}`;
    const first = git(origin, "rev-parse", "HEAD");
    expect((await build(repository, out, { git: address, ref: first })).commit).toBe(first);
    const second = commit(origin, { "a.txt": "two" });
    expect((await build(repository, out, { git: address, ref: second })).commit).toBe(second);
    const nowhere = build(repository, out, { git: address, ref: "0".repeat(40) });
    await expect(nowhere).rejects.toMatchObject({ code: "build.git" });
  });

  test("may be a directory of a larger repository, or in none", async () => {
    const out = tempDir("out-");
    const repository = makeRepository({ "apps/shop/a.txt": "one", "other.txt": "o" });
    await build(join(repository, "apps/shop"), out);
    expect(readdirSync(join(out, "site"))).toEqual(["a.txt"]);
    await build(repository, out, { directory: "apps/shop" });
    expect(readdirSync(join(out, "site"))).toEqual(["a.txt"]);
    const plain = makeArtifact({ "b.txt": "b", "node_modules/x/index.js": "x" });
    const result = await build(plain, out, { options: { env: { PATH: process.env.PATH, SOURCE_DATE_EPOCH: "1000" } } });
    expect(result).toMatchObject({ commit: null, dirty: true });
    expect(readdirSync(join(out, "site"))).toEqual(["b.txt"]);
    expect(json(out, "site.manifest.json").mtime).toBe(1000);
  });

  // Breaks when a site whose output is elsewhere is published with its source.
  test("of a static site that wrote to an unusual place wants its output declared", async () => {
    const scripts = { build: "node -e 'require(`fs`).mkdirSync(`www`)'" };
    const repository = makeRepository({ "package.json": JSON.stringify({ name: "x", scripts }) });
    const building = build(repository, tempDir("out-"), { rules: { kind: "static" } });
    await expect(building).rejects.toMatchObject({ code: "build.directory", hint: expect.stringContaining("output") });
  });

  test.each([
    ["a directory that is not there", { repository: "/nonexistent/x" }, "build.source"],
    ["an output that is not there", { output: "dist" }, "build.directory"],
    ["an output that is a link out of the source", { output: "etc" }, "build.directory"],
    ["a directory that is not there", { directory: "apps" }, "build.directory"],
  ])("with %s is refused", async (_, more, code) => {
    const repository = makeRepository({ "a.txt": "one" });
    symlinkSync("/etc", join(repository, "etc"));
    commit(repository, {});
    await expect(build(repository, tempDir("out-"), more)).rejects.toMatchObject({ code });
  });
});

describe("the result", () => {
  // A link out of the tree would publish a file of the build machine; a pipe would hang whoever reads it.
  test.each([
    ["a link out of the tree", "ln -s /etc/passwd out/secret"],
    ["a link above the tree", "ln -s ../../x out/up"],
    ["a pipe", "mkfifo out/pipe"],
    ["a name that is not UTF-8", "touch \"out/$(printf '\\377')\""],
    ["nothing at all", "true"],
  ])("is refused with %s", async (_, line) => {
    const out = tempDir("out-");
    const repository = makeRepository({ "a.txt": "one" });
    const building = build(repository, out, { output: "out", steps: [sh(`mkdir out; ${line}`)] });
    await expect(building).rejects.toMatchObject({ code: "plesk.artifact" });
    expect(left(out)).toEqual([]);
  });

  test("may have names with anything else", async () => {
    const out = tempDir("out-");
    const repository = makeRepository({ "a.txt": "one" });
    const names = ["-rf", "two\nlines", "quote'\"", "$(id)", "back\\slash"];
    writeFileSync(
      join(repository, "make.mjs"),
      `import { mkdirSync, writeFileSync } from "node:fs"; mkdirSync("out"); for (const name of ${JSON.stringify(names)}) writeFileSync("out/" + name, name);`,
    );
    commit(repository, {});
    await build(repository, out, { output: "out", steps: [step(["node", "make.mjs"])] });
    expect(readdirSync(join(out, "site")).sort()).toEqual([...names].sort());
    await checkAttestation(await readArtifact(join(out, "site")), "required");
  });
});

describe("a build under way", () => {
  test("is ended by its caller and leaves the artifact before", async () => {
    const out = tempDir("out-");
    const repository = makeRepository({ "a.txt": "one" });
    const before = await build(repository, out);
    const stop = new AbortController();
    const mark = join(tempDir("mark-"), "started");
    const building = build(repository, out, {
      steps: [sh(`touch ${mark}; sleep 60`)],
      options: { signal: stop.signal },
    }).catch((caught) => caught);
    await until("the step runs", () => existsSync(mark), 30);
    stop.abort();
    expect(await building).toMatchObject({ code: "build.interrupted", exitCode: 130 });
    expect((await readArtifact(join(out, "site"))).digest).toBe(before.release);
    expect(left(out)).toEqual(DONE);
  });

  test("keeps others out; what a killed one has left is taken over", async () => {
    const out = tempDir("out-");
    const repository = makeRepository({ "a.txt": "one" });
    const work = join(out, "site.building");
    const scratch = tempDir("sitefleet-build-");
    const precious = tempDir("precious-");
    const holder = (pid: number, temporary = scratch) => {
      mkdirSync(join(work, "tree"), { recursive: true });
      const text = JSON.stringify({ pid, host: hostname(), since: "2026", scratch: temporary });
      writeFileSync(join(work, "holder.json"), text);
    };
    holder(process.pid);
    await expect(build(repository, out)).rejects.toMatchObject({ code: "build.busy" });
    const gone = Number(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" }));
    holder(gone);
    await build(repository, out);
    expect(left(out)).toEqual(DONE);
    expect(existsSync(scratch)).toBe(false);
    holder(gone, precious);
    await build(repository, out);
    expect(existsSync(precious)).toBe(true);
  });
});

// Breaks when a full disk in the last moment takes the old artifact with it.
test("an artifact that cannot be put into place leaves the one before", async () => {
  const out = tempDir("out-");
  const { release } = await build(makeRepository({ "a.txt": "one" }), out);
  const paths = outputPaths(join(out, "site"));
  const made = join(paths.work, "made");
  cpSync(join(paths.kept, release), made, { recursive: true });
  await expect(publish(paths, join(paths.work, "no-tree"), made, "0".repeat(64))).rejects.toThrow("ENOENT");
  await checkAttestation(await readArtifact(paths.tree), "required");
});

// Breaks when a directory that may not be written ends as a defect with a stack trace.
test("an output that cannot be written is explained", async () => {
  const file = join(makeArtifact({ plain: "x" }), "plain");
  await expect(build(makeRepository({ "a.txt": "a" }), file)).rejects.toMatchObject({ code: "build.files" });
});

test("pip's packages are in the artifact and in the SBOM", async () => {
  const out = tempDir("out-");
  const repository = makeRepository({ "app.py": "import tiny\n" });
  const wheel = join(repository, "wheels/tiny-1.0-py3-none-any.whl");
  mkdirSync(join(repository, "wheels"));
  const script = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as z:
    z.writestr("tiny.py", "x = 1")
    z.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: Tiny\\nVersion: 1.0\\nLicense: MIT\\n")
    z.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    z.writestr("tiny-1.0.dist-info/RECORD", "tiny.py,,\\ntiny-1.0.dist-info/METADATA,,\\ntiny-1.0.dist-info/WHEEL,,\\ntiny-1.0.dist-info/RECORD,,\\n")`;
  execFileSync("python3", ["-c", script, wheel]);
  commit(repository, { "requirements.txt": "--no-index\n--find-links wheels\ntiny==1.0\n" });
  const first = await build(repository, out);
  expect(first.steps.map(({ name }) => name)).toEqual(["pip install"]);
  expect(readFileSync(join(out, "site/vendor/python/tiny.py"), "utf8")).toBe("x = 1");
  expect(json(out, "site.sbom.json").components).toMatchObject([
    { purl: "pkg:pypi/tiny@1.0", licenses: [{ expression: "MIT" }] },
  ]);
  expect((await build(repository, out)).archive).toEqual(first.archive);
});
