// The digest names the release: were it to depend on the checkout's clock, umask or order, every CI run would deploy everything;
// were it to miss a change, the change would never be deployed.
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffManifests } from "../../../plesk/artifact/diff.ts";
import { artifactDigest, readArtifact } from "../../../plesk/artifact/index.ts";
import { type Entry, manifestDigest, parseManifest, renderManifest } from "../../../plesk/artifact/manifest.ts";
import { staysInside } from "../../../plesk/artifact/scan.ts";
import { makeArtifact } from "./support/driver.ts";

const FILES = { "index.html": "hello", "a/b.txt": "b", "a.txt": "a" };

describe("artifactDigest", () => {
  test("is the same for the same content whatever its times, modes but execution, and order of creation", async () => {
    const one = makeArtifact(FILES);
    const two = makeArtifact(Object.fromEntries(Object.entries(FILES).reverse()));
    utimesSync(join(two, "index.html"), 1, 1);
    chmodSync(join(two, "index.html"), 0o600);
    expect(await artifactDigest(two)).toBe(await artifactDigest(one));
    expect(await artifactDigest(one)).toMatch(/^[0-9a-f]{64}$/);
  });

  test("changes with content, name, execution, link target and empty directories", async () => {
    const digests = new Set<string>();
    const variants: ((dir: string) => void)[] = [
      () => {},
      (dir) => writeFileSync(join(dir, "a.txt"), "A"),
      (dir) => writeFileSync(join(dir, "new"), ""),
      (dir) => chmodSync(join(dir, "a.txt"), 0o755),
      (dir) => symlinkSync("a.txt", join(dir, "link")),
      (dir) => symlinkSync("a/b.txt", join(dir, "link")),
      (dir) => mkdirSync(join(dir, "empty")),
    ];
    for (const change of variants) {
      const dir = makeArtifact(FILES);
      change(dir);
      digests.add(await artifactDigest(dir));
    }
    expect(digests.size).toBe(variants.length);
  });

  test("leaves out what is excluded or shared, so that a log file makes no release", async () => {
    const plain = makeArtifact({ "index.php": "x" });
    const noisy = makeArtifact({
      "index.php": "x",
      "debug.log": "1",
      "deep/down/error.log": "2",
      ".git/HEAD": "ref",
      "sites/default/files/photo.jpg": "3",
      "sites/default/civicrm/upload/x": "4",
    });
    const rules = { kind: "drupal-civicrm", exclude: ["*.log", ".git", "/deep/", "/sites/"] } as const;
    expect(await artifactDigest(noisy, rules)).toBe(await artifactDigest(plain, rules));
    const paths = (await readArtifact(noisy, { kind: "drupal-civicrm" })).entries.map((entry) => entry.path);
    expect(paths).toContain("debug.log");
    expect(paths.filter((path) => /files|upload/.test(path))).toEqual([]);
  });

  test.each([
    ["an absolute link", (dir: string) => symlinkSync("/etc/passwd", join(dir, "a", "l"))],
    ["a link out of the tree", (dir: string) => symlinkSync("../../etc", join(dir, "a", "l"))],
    ["a name that is not UTF-8", (dir: string) => writeFileSync(Buffer.from(`${dir}/\xff`, "latin1"), "")],
  ])("refuses %s", async (_, spoil) => {
    const dir = makeArtifact(FILES);
    spoil(dir);
    await expect(artifactDigest(dir)).rejects.toMatchObject({ code: "plesk.artifact", exitCode: 10 });
  });

  test("refuses an artifact that is missing or holds no file, which would empty the site", async () => {
    await expect(artifactDigest("/nonexistent")).rejects.toMatchObject({ code: "plesk.artifact" });
    await expect(artifactDigest(makeArtifact({}))).rejects.toMatchObject({ code: "plesk.artifact" });
  });
});

test("links stay inside exactly when their resolved path does", () => {
  expect(staysInside("a/b/link", "../../c")).toBe(true);
  expect(staysInside("a/link", "../../c")).toBe(false);
  expect(staysInside("link", "a/../../a")).toBe(false);
  expect(staysInside("link", "..")).toBe(false);
});

const name = fc.string({ unit: "binary", minLength: 1, maxLength: 8 }).map((text) => text.replace(/[/\0]/g, "x"));
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ kind: fc.constant("dir" as const), path: name, mode: fc.constant(0o755) }),
  fc.record({ kind: fc.constant("link" as const), path: name, target: name }),
  fc.record({
    kind: fc.constant("file" as const),
    path: name,
    mode: fc.constantFrom(0o644, 0o755),
    size: fc.nat(),
    sha256: fc.constant("0".repeat(64)),
  }),
);
const entries = fc.uniqueArray(entry, { selector: ({ path }) => path });

describe("manifest", () => {
  test("survives the way to the host and back, whatever the names hold", () => {
    fc.assert(
      fc.property(entries, (list) => {
        expect(parseManifest(renderManifest(list))).toEqual(list);
      }),
    );
  });

  test("differs for different trees: no two entries can be told as others", () => {
    fc.assert(
      fc.property(entries, entries, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(manifestDigest(renderManifest(a)) === manifestDigest(renderManifest(b))).toBe(same);
      }),
    );
  });

  test("refuses a line that it did not write", () => {
    expect(() => parseManifest("f\t644\t1\tnothex\tname\n")).toThrow(
      expect.objectContaining({ code: "plesk.manifest" }),
    );
  });
});

describe("diffManifests", () => {
  const file = (path: string, sha = "a", mode = 0o644): Entry => ({
    kind: "file",
    path,
    mode,
    size: 1,
    sha256: sha.repeat(64),
  });

  test("itemises what is created, changed and deleted, and nothing else", () => {
    const before = [
      file("same"),
      file("gone"),
      file("text"),
      file("mode"),
      { kind: "link", path: "l", target: "a" } as const,
    ];
    const after = [
      file("same"),
      file("new"),
      file("text", "b"),
      file("mode", "a", 0o755),
      { kind: "link", path: "l", target: "b" } as const,
    ];
    expect(diffManifests(before, after).map(({ action, path }) => `${action} ${path}`)).toEqual([
      "delete gone",
      "change l",
      "change mode",
      "create new",
      "change text",
    ]);
  });

  test("is empty exactly for equal trees, and swapping the sides swaps creations and deletions", () => {
    fc.assert(
      fc.property(entries, entries, (a, b) => {
        expect(diffManifests(a, a)).toEqual([]);
        const there = diffManifests(a, b).filter(({ action }) => action === "create");
        const back = diffManifests(b, a).filter(({ action }) => action === "delete");
        expect(back.map(({ path }) => path)).toEqual(there.map(({ path }) => path));
      }),
    );
  });
});
