import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, it } from "vitest";
import { engineVersion } from "../../../../fleet/engine/engine-version.ts";
import { tempDir } from "../../plesk/support/temp.ts";

// What breaks when these fail: each command starts `pulumi` once more than it needs to, or takes a new engine for the old one.

function engine(version: string) {
  const dir = tempDir("engine-");
  const asked = join(dir, "asked");
  const write = (said: string) => {
    writeFileSync(join(dir, "pulumi"), `#!/bin/sh\necho once >> ${asked}\necho ${said}\n`);
    chmodSync(join(dir, "pulumi"), 0o755);
  };
  write(version);
  const times = () => (existsSync(asked) ? readFileSync(asked, "utf8").trim().split("\n").length : 0);
  return {
    env: { PATH: [dir, process.env.PATH].join(delimiter) },
    cache: join(dir, "cache", "version.json"),
    write,
    times,
  };
}

it("is asked once for one program, and again for another one in its place", async () => {
  const { env, cache, write, times } = engine("v3.276.0");
  expect(await engineVersion(env, cache)).toBe("v3.276.0");
  expect(await engineVersion(env, cache)).toBe("v3.276.0");
  expect(times()).toBe(1);
  write("v3.254.0-beta");
  expect(await engineVersion(env, cache)).toBe("v3.254.0-beta");
  expect(times()).toBe(2);
});

it("is asked when what was kept cannot be read, and is nothing where there is no engine", async () => {
  const { env, cache } = engine("v3.276.0");
  await engineVersion(env, cache);
  writeFileSync(cache, "{ cut");
  expect(await engineVersion(env, cache)).toBe("v3.276.0");
  expect(await engineVersion({ PATH: tempDir("empty-") }, cache)).toBeUndefined();
});
