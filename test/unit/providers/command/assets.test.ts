// Breaks when a glob picks other files than the real provider's globbing library.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { globAssets, globPattern } from "../../../../sandbox/providers/command/assets.ts";

describe("globPattern", () => {
  it.each([
    ["*.js", "a.js", true],
    ["*.js", "src/a.js", false],
    ["src/**.js", "src/x/a.js", true],
    ["**", "anything/at/all", true],
    ["a?c", "abc", true],
    ["a?c", "a/c", false],
    ["{a,b}.txt", "b.txt", true],
    ["[ab].txt", "c.txt", false],
    ["[!ab].txt", "c.txt", true],
    ["a+b(c).txt", "a+b(c).txt", true],
    ["\\*.js", "*.js", true],
  ])("%s and %s: %s", (glob, path, matches) => expect(globPattern(glob).test(path)).toBe(matches));
});

describe("globAssets", () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "sitefleet-assets-"));
    await mkdir(join(dir, "src"));
    for (const name of ["src/index.js", "src/secret.js", "readme"]) await writeFile(join(dir, name), name);
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it("takes away with ! what an earlier glob gave", async () => {
    const assets = await globAssets(dir, ["src/**.js", "!**secret.*"]);
    expect(Object.keys(assets)).toEqual(["src/index.js"]);
    expect(assets["src/index.js"]).toMatchObject({
      path: join(dir, "src/index.js"),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });
});
