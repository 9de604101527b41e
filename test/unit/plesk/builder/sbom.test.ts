// An SBOM that leaves a package out, or names another version, hides the very package that a later warning is about.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Found } from "../../../../plesk/builder/sbom/component.ts";
import { plainAddress, purl } from "../../../../plesk/builder/sbom/component.ts";
import { composerRequires, readComposerLock } from "../../../../plesk/builder/sbom/composer.ts";
import { cycloneDx, readLockfiles } from "../../../../plesk/builder/sbom/index.ts";
import { readNpmLock } from "../../../../plesk/builder/sbom/npm.ts";
import { readPython } from "../../../../plesk/builder/sbom/python.ts";
import { PROJECT_ROOT } from "../../../../stacks/root.ts";
import { makeArtifact } from "../support/driver.ts";

const schema = z.fromJSONSchema(
  JSON.parse(readFileSync(new URL("cyclonedx-1.6.extract.json", import.meta.url), "utf8")),
);
const SUBJECT = { service: "shop", release: "ab".repeat(32), time: "2026-11-21T12:00:00.000Z", tool: "1.0.0" };
const bomOf = (...found: Found[]) => JSON.parse(JSON.stringify(cycloneDx(SUBJECT, found)));
const byName = (found: Found, name: string) => found.components.find((component) => component.name === name);

describe("npm", () => {
  const sha512 = Buffer.alloc(64, 7);
  const lock = {
    lockfileVersion: 3,
    packages: {
      "": { name: "shop", dependencies: { a: "^1.0.0", own: "*" }, devDependencies: { tool: "1.0.0" } },
      "node_modules/a": {
        version: "1.2.0",
        resolved: "https://user:pass@registry.example.org/a/-/a-1.2.0.tgz?token=x",
        integrity: `sha512-${sha512.toString("base64")}`,
        license: "MIT",
        dependencies: { "@scope/b": "^1.0.0" },
        peerDependencies: { missing: "*" },
      },
      "node_modules/a/node_modules/@scope/b": { version: "1.5.0" },
      "node_modules/@scope/b": { version: "2.0.0", optional: true },
      "node_modules/alias": { name: "real", version: "3.0.0", dev: true },
      "node_modules/tool": { version: "1.0.0", dev: true, dependencies: { "@scope/b": "*", alias: "*" } },
      "node_modules/own": { resolved: "packages/own", link: true },
      "packages/own": { name: "own", version: "0.1.0", dependencies: { "@scope/b": "1.0.0" } },
      "packages/own/node_modules/@scope/b": { version: "1.5.0" },
    },
  };

  test("names every installed version once, with scope, hash, licence and source without login", () => {
    const found = readNpmLock(lock);
    expect(found.components.map((component) => component.purl)).toEqual([
      "pkg:npm/%40scope/b@1.5.0",
      "pkg:npm/%40scope/b@2.0.0",
      "pkg:npm/a@1.2.0",
      "pkg:npm/own@0.1.0",
      "pkg:npm/real@3.0.0",
      "pkg:npm/tool@1.0.0",
    ]);
    expect(byName(found, "a")).toMatchObject({
      scope: "required",
      hashes: [{ alg: "SHA-512", content: sha512.toString("hex") }],
      licenses: ["MIT"],
      source: "https://registry.example.org/a/-/a-1.2.0.tgz",
    });
    expect(found.components.map(({ scope }) => scope)).toEqual([
      "required",
      "optional",
      "required",
      "required",
      "excluded",
      "excluded",
    ]);
  });

  test("finds what each depends on as Node does", () => {
    const found = readNpmLock(lock);
    expect(byName(found, "a")?.dependsOn).toEqual(["pkg:npm/%40scope/b@1.5.0"]);
    expect(byName(found, "own")?.dependsOn).toEqual(["pkg:npm/%40scope/b@1.5.0"]);
    expect(byName(found, "tool")?.dependsOn).toEqual(["pkg:npm/%40scope/b@2.0.0", "pkg:npm/real@3.0.0"]);
    expect(found.direct).toEqual(["pkg:npm/a@1.2.0", "pkg:npm/own@0.1.0", "pkg:npm/tool@1.0.0"]);
  });

  test("refuses what is no such lockfile", () => {
    expect(() => readNpmLock({ lockfileVersion: 1, dependencies: {} })).toThrow(z.ZodError);
  });
});

describe("Composer", () => {
  const lock = {
    packages: [
      {
        name: "Drupal/core",
        version: "10.3.1",
        license: ["GPL-2.0-or-later"],
        require: { php: ">=8.1", "symfony/yaml": "^6" },
        dist: { url: "https://api.github.com/x.zip", shasum: "a".repeat(40) },
      },
      { name: "symfony/yaml", version: "v6.4.0", license: ["MIT", "LGPL-3.0-only"], require: [], dist: { shasum: "" } },
    ],
    "packages-dev": [{ name: "phpunit/phpunit", version: "10.0.0" }],
  };

  test("names packages with what they depend on; those for development are excluded", () => {
    const found = readComposerLock(lock, composerRequires({ require: { "drupal/core": "^10", php: "*" } }));
    expect(found.components).toEqual([
      expect.objectContaining({
        purl: "pkg:composer/drupal/core@10.3.1",
        hashes: [{ alg: "SHA-1", content: "a".repeat(40) }],
        dependsOn: ["pkg:composer/symfony/yaml@v6.4.0"],
        source: "https://api.github.com/x.zip",
      }),
      expect.objectContaining({ purl: "pkg:composer/phpunit/phpunit@10.0.0", scope: "excluded" }),
      expect.objectContaining({ purl: "pkg:composer/symfony/yaml@v6.4.0", hashes: [] }),
    ]);
    expect(found.direct).toEqual(["pkg:composer/drupal/core@10.3.1"]);
    const yaml = bomOf(found).components.find(({ name }: { name: string }) => name === "yaml");
    expect(yaml).toMatchObject({ group: "symfony", licenses: [{ expression: "MIT OR LGPL-3.0-only" }] });
  });
});

describe("Python", () => {
  const metadata = (name: string, version: string, ...more: string[]) =>
    [
      "Metadata-Version: 2.1",
      `Name: ${name}`,
      `Version: ${version}`,
      ...more,
      "",
      "A long text",
      "Name: not this",
    ].join("\n");

  test("reads pins with hashes, and says when something is open", () => {
    const found = readPython(
      [
        "# comment",
        "--index-url https://pypi.example.org/simple",
        `FastAPI[all]==0.115.0 ; python_version > "3.8" \\`,
        `    --hash=sha256:${"1".repeat(64)}`,
        "uvicorn>=0.30  # open",
        "-r more.txt",
        "wild==1.*",
      ].join("\n"),
      [],
    );
    expect(found.components.map((component) => component.purl)).toEqual([
      "pkg:pypi/fastapi@0.115.0",
      "pkg:pypi/uvicorn",
      "pkg:pypi/wild",
    ]);
    expect(byName(found, "fastapi")?.hashes).toEqual([{ alg: "SHA-256", content: "1".repeat(64) }]);
    expect(found.complete).toBe(false);
    expect(bomOf(found).compositions).toMatchObject([{ aggregate: "incomplete" }]);
  });

  test("what pip installed counts more than what was asked for", () => {
    const found = readPython("Typing_Extensions>=4\n", [
      metadata("typing-extensions", "4.12.2", "License-Expression: PSF-2.0"),
      metadata("anyio", "4.0.0", "License: MIT", "Requires-Dist: typing_extensions (>=4.1) ; python_version < '3.13'"),
    ]);
    expect(found.components).toMatchObject([
      { purl: "pkg:pypi/anyio@4.0.0", dependsOn: ["pkg:pypi/typing-extensions@4.12.2"], licenses: ["MIT"] },
      { purl: "pkg:pypi/typing-extensions@4.12.2", licenses: ["PSF-2.0"] },
    ]);
    expect(found).toMatchObject({ complete: true, direct: ["pkg:pypi/typing-extensions@4.12.2"] });
  });
});

describe("the document", () => {
  test("of this project's own lockfile is valid CycloneDX 1.6 and names what package.json asks for", async () => {
    const { found, lockfiles } = await readLockfiles("self", PROJECT_ROOT, [""], { dir: "", entries: [] });
    const bom = bomOf(...found);
    expect(schema.safeParse(bom).error).toBeUndefined();
    expect(lockfiles).toMatchObject([{ path: "package-lock.json" }]);
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(PROJECT_ROOT, "package.json"), "utf8"));
    const wanted = Object.entries({ ...dependencies, ...devDependencies }).map(([alias, wish]) => {
      // A package under another name is the one that it is.
      const [, name = alias, version = wish] = /^npm:(.+)@([^@]+)$/.exec(String(wish)) ?? [];
      const [scope, rest] = name.startsWith("@") ? name.split("/") : ["", name];
      return purl("npm", scope ?? "", rest ?? "", String(version));
    });
    const refs = new Set(bom.components.map((component: { purl: string }) => component.purl));
    expect(wanted.filter((item) => !refs.has(item))).toEqual([]);
    expect([...bom.dependencies[0].dependsOn].sort()).toEqual(wanted.sort());
    // Every reference leads somewhere.
    const all = bom.dependencies.flatMap(({ dependsOn }: { dependsOn: string[] }) => dependsOn);
    expect(all.filter((item: string) => !refs.has(item))).toEqual([]);
  });

  test("of all package managers together is valid, in an order of its own", () => {
    const npm = readNpmLock({
      packages: { "": {}, "node_modules/z": { version: "1.0.0", license: "SEE LICENSE IN x" } },
    });
    const python = readPython("a==1\nb\n", []);
    const one = bomOf(npm, python);
    expect(schema.safeParse(one).error).toBeUndefined();
    expect(bomOf(python, npm)).toEqual(one);
    expect(one.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test("without any lockfile says that nothing is known", () => {
    const bom = bomOf();
    expect(schema.safeParse(bom).error).toBeUndefined();
    expect(bom).toMatchObject({ components: [], compositions: [{ aggregate: "unknown" }] });
  });

  // Breaks when the extract no longer refuses anything.
  test("is refused by the schema with a field, a scope or a hash that CycloneDX does not know", () => {
    const damage = (change: (bom: ReturnType<typeof bomOf>) => void) => {
      const bom = bomOf(readPython(`a==1 --hash=sha256:${"1".repeat(64)}`, []));
      change(bom);
      return schema.safeParse(bom).success;
    };
    expect(damage(() => {})).toBe(true);
    expect(damage((bom) => (bom.made = "today"))).toBe(false);
    expect(damage((bom) => (bom.components[0].scope = "dev"))).toBe(false);
    expect(damage((bom) => (bom.components[0].hashes[0].alg = "MD6"))).toBe(false);
    expect(damage((bom) => delete bom.components[0].name)).toBe(false);
  });
});

describe("readLockfiles", () => {
  test("refuses a lockfile that it cannot read, rather than leave it out", async () => {
    const source = makeArtifact({ "package-lock.json": '{ "lockfileVersion": 1 }' });
    const reading = readLockfiles("shop", source, [""], { dir: source, entries: [] });
    await expect(reading).rejects.toMatchObject({ code: "build.lockfile", subject: "shop" });
  });

  test("looks where the steps run, and counts a package of two lockfiles once", async () => {
    const lock = JSON.stringify({ packages: { "": {}, "node_modules/a": { version: "1.0.0" } } });
    const source = makeArtifact({
      "package-lock.json": lock,
      "theme/package-lock.json": lock,
      "other/package-lock.json": "x",
    });
    const { found, lockfiles } = await readLockfiles("shop", source, ["", "theme", "theme"], {
      dir: source,
      entries: [],
    });
    expect(lockfiles.map(({ path }) => path)).toEqual(["package-lock.json", "theme/package-lock.json"]);
    expect(bomOf(...found).components).toHaveLength(1);
  });
});

test.each([
  ["https://u:p@x.example.org:8443/a?b=c#d", "https://x.example.org:8443/a"],
  ["git+ssh://git@x.example.org/a.git", undefined],
  ["file:../x", undefined],
  ["", undefined],
])("the address %s is shown as %s", (address, shown) => {
  expect(plainAddress(address)).toBe(shown);
});
