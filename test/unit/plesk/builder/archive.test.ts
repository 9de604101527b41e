// An archive that differs by machine, order or clock cannot be compared with the one that was reviewed; one that another tar reads
// differently would restore something else than was kept.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readArtifact } from "../../../../plesk/artifact/index.ts";
import type { Entry } from "../../../../plesk/artifact/manifest.ts";
import { packTree } from "../../../../plesk/builder/archive.ts";
import { tarHeader } from "../../../../plesk/builder/tar.ts";
import { makeArtifact } from "../support/driver.ts";
import { tempDir } from "../support/temp.ts";

const MTIME = 1_700_000_000;
let number = 0;

async function pack(dir: string, entries: readonly Entry[]): Promise<Buffer> {
  const file = join(tempDir("pack-"), `${number++}.tar.zst`);
  await packTree(dir, entries, MTIME, file);
  return readFileSync(file);
}

/** Unpacks with the system's tar. */
function unpack(archive: Buffer): string {
  const dir = tempDir("unpack-");
  execFileSync("tar", ["-xf", "-", "-C", dir], { input: zstdDecompressSync(archive) });
  return dir;
}

describe("packTree", () => {
  test("gives the same bytes whatever order, clock, umask and directory", async () => {
    const files = { "b/x": "1", a: "2", "b.txt": "3", "ä/ö": "4", [`${"long/".repeat(40)}name`]: "5" };
    const one = makeArtifact(files);
    const two = makeArtifact(Object.fromEntries(Object.entries(files).reverse()));
    chmodSync(join(two, "a"), 0o600);
    utimesSync(join(two, "a"), 1, 1);
    const entries = (await readArtifact(one)).entries;
    const first = await pack(one, entries);
    const second = await pack(two, (await readArtifact(two)).entries);
    expect(second.equals(first)).toBe(true);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...entries], { minLength: entries.length }), async (shuffled) => {
        expect((await pack(two, shuffled)).equals(first)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  // A name of any length and any characters, and any content, must come back: else what is kept is not what was built.
  test("comes back from another tar as the same release, for any names", async () => {
    const name = fc
      .string({ unit: "binary", minLength: 1, maxLength: 60 })
      .filter((text) => !/[/\0]/.test(text) && text !== "." && text !== ".." && Buffer.byteLength(text) < 200)
      .filter((text) => Buffer.from(text, "utf8").toString("utf8") === text);
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    const tree = fc.array(fc.tuple(path, fc.uint8Array({ maxLength: 2000 }), fc.boolean()), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(tree, async (files) => {
        const dir = tempDir("tree-");
        for (const [path, content, executable] of files) {
          try {
            mkdirSync(join(dir, dirname(path)), { recursive: true });
            writeFileSync(join(dir, path), content, { mode: executable ? 0o755 : 0o644 });
          } catch {
            // A file stands where this one needs a directory.
          }
        }
        fc.pre(
          await readArtifact(dir).then(
            () => true,
            () => false,
          ),
        );
        const artifact = await readArtifact(dir);
        expect((await readArtifact(unpack(await pack(dir, artifact.entries)))).digest).toBe(artifact.digest);
      }),
      { numRuns: 40 },
    );
  });

  test("keeps links, modes, empty directories, long names, and nothing of the file system else", async () => {
    const dir = makeArtifact({ run: "x", [`${"d".repeat(120)}/f`]: "y" });
    chmodSync(join(dir, "run"), 0o777);
    mkdirSync(join(dir, "empty"));
    symlinkSync("run", join(dir, "link"));
    symlinkSync(`${"d".repeat(120)}/f`, join(dir, "long"));
    const artifact = await readArtifact(dir);
    const archive = await pack(dir, artifact.entries);
    expect((await readArtifact(unpack(archive))).digest).toBe(artifact.digest);
    const list = execFileSync("tar", ["--numeric-owner", "--utc", "-tvf", "-"], { input: zstdDecompressSync(archive) });
    const lines = list.toString().trim().split("\n");
    expect(lines).toHaveLength(artifact.entries.length);
    for (const line of lines) expect(line).toMatch(/^([-d]rw[-x]r-[-x]r-[-x]|lrwxrwxrwx) 0\/0 .* 2023-11-14 22:13 /);
  });

  test("says the digests of what it wrote", async () => {
    const dir = makeArtifact({ a: "x".repeat(300_000) });
    const file = join(tempDir("pack-"), "a.tar.zst");
    const archive = await packTree(dir, (await readArtifact(dir)).entries, MTIME, file);
    const content = readFileSync(file);
    const sha256 = (data: Buffer) => createHash("sha256").update(data).digest("hex");
    expect(archive).toEqual({
      bytes: content.length,
      sha256: sha256(content),
      tarSha256: sha256(zstdDecompressSync(content)),
    });
  });

  // What was digested must be what is packed.
  test.each([
    ["longer", "xxxx"],
    ["shorter", "x"],
    ["other", "yyy"],
  ])("refuses a file that is %s than it was", async (_, content) => {
    const dir = makeArtifact({ a: "xxx" });
    const { entries } = await readArtifact(dir);
    writeFileSync(join(dir, "a"), content);
    await expect(pack(dir, entries)).rejects.toMatchObject({ code: "build.archive" });
  });

  test("does not follow a link that took a file's place", async () => {
    const dir = makeArtifact({ a: "xxx" });
    const { entries } = await readArtifact(dir);
    execFileSync("ln", ["-sf", "/etc/hostname", join(dir, "a")]);
    await expect(pack(dir, entries)).rejects.toThrow();
  });
});

test("a size over 8 GiB has its own record", () => {
  const entry = { kind: "file", path: "big", mode: 0o644, size: 9 * 2 ** 30, sha256: "" } as const;
  expect(tarHeader(entry, 0).toString("latin1")).toContain(`size=${9 * 2 ** 30}\n`);
});
