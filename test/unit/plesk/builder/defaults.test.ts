// A build that declares no steps must do what its package managers want, in an order in which each finds what it needs.
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { defaultOutput, defaultSteps, look } from "../../../../plesk/builder/defaults.ts";
import { makeArtifact } from "../support/driver.ts";
import { tempDir } from "../support/temp.ts";
import { build, json, makeRepository } from "./support.ts";

vi.setConfig({ testTimeout: 60_000 });

const scripts = (...names: string[]) =>
  JSON.stringify({ scripts: Object.fromEntries(names.map((name) => [name, "true"])) });

describe("defaultSteps", () => {
  test("installs, generates and compiles, in this order", async () => {
    const dir = makeArtifact({
      "package.json": scripts("build", "tokens", "test"),
      "package-lock.json": "{}",
      "composer.lock": "{}",
      "requirements.txt": "x",
      "prisma/schema.prisma": "x",
    });
    const steps = defaultSteps("prisma", await look(dir));
    expect(steps.map(({ run }) => run.join(" "))).toEqual([
      "npm ci",
      "composer install --no-dev --no-interaction --no-progress --prefer-dist --optimize-autoloader",
      "python3 -m pip install --quiet --no-compile --target vendor/python --requirement requirements.txt",
      "prisma generate",
      "npm run tokens",
      "npm run build",
    ]);
    for (const step of steps) expect(step).toMatchObject({ directory: "", env: [], timeoutSeconds: 900 });
  });

  test("leaves Python to the host where the kind installs there, and does nothing for plain files", async () => {
    const dir = makeArtifact({ "requirements.txt": "fastapi" });
    expect(defaultSteps("fastapi", await look(dir))).toEqual([]);
    expect(defaultSteps("static", await look(makeArtifact({ "index.html": "x" })))).toEqual([]);
    expect(defaultSteps("static", await look(makeArtifact({ "package.json": "{ broken" })))).toEqual([]);
  });

  test("takes what a generator wrote, for static sites", async () => {
    const dir = makeArtifact({ "package.json": scripts("build"), "out/x": "x", "public/x": "x", "src/x": "x" });
    const found = await look(dir);
    expect(await defaultOutput("static", dir, found)).toBe("out");
    expect(await defaultOutput("php", dir, found)).toBe(".");
    const plain = makeArtifact({ "out/x": "x" });
    expect(await defaultOutput("static", plain, await look(plain))).toBe(".");
  });
});

// Composer is on few machines, so a stand-in that does what the real one does to the directory.
test("a PHP service is installed by Composer without what is for development, and its lockfile is the SBOM", async () => {
  const bin = tempDir("bin-");
  const stub = `#!/bin/sh
mkdir -p vendor/acme/lib && echo "<?php // $*" > vendor/acme/lib/lib.php
echo "$COMPOSER_HOME $COMPOSER_NO_INTERACTION $SOURCE_DATE_EPOCH" > composer.log
`;
  writeFileSync(join(bin, "composer"), stub);
  chmodSync(join(bin, "composer"), 0o755);
  const lock = { packages: [{ name: "acme/lib", version: "1.2.3", license: ["MIT"] }], "packages-dev": [] };
  const repository = makeRepository({
    "composer.json": JSON.stringify({ require: { "acme/lib": "^1" } }),
    "composer.lock": JSON.stringify(lock),
    "index.php": "<?php",
  });
  const out = tempDir("out-");
  const env = { PATH: `${bin}:${process.env.PATH}` };
  await build(repository, out, { rules: { kind: "php", exclude: [] }, options: { env } });
  expect(readFileSync(join(out, "site/vendor/acme/lib/lib.php"), "utf8")).toContain("install --no-dev");
  expect(readFileSync(join(out, "site/composer.log"), "utf8")).toMatch(/^\/\S+\/home\/composer 1 \d+\n$/);
  expect(json(out, "site.sbom.json").components).toMatchObject([
    { purl: "pkg:composer/acme/lib@1.2.3", group: "acme" },
  ]);
});
