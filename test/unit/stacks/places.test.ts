// What breaks when these fail: the same catalog read from another place, by another user or in another time zone counts as changed,
// and every service is deployed again.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { artifactPlace } from "../../../plesk/artifact/place.ts";
import { keptArtifactNames } from "../../../stacks/artifact-labels.ts";
import type { ServiceState } from "../../../stacks/desired.ts";
import { PROJECT_ROOT } from "../../../stacks/root.ts";
import { tempDir } from "../plesk/support/temp.ts";

const PRINT = join(PROJECT_ROOT, "test/unit/stacks/support/print-estate.ts");

/** Everything that the program works out of a catalog: states, digests, documents, inputs of every resource. */
function printed(cwd: string, env: NodeJS.ProcessEnv): string {
  return execFileSync(process.execPath, [PRINT], {
    cwd,
    env: { ...process.env, ...env },
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
}

describe("only content decides", () => {
  it("states, digests and inputs are the same from another place, machine, user, time zone and language", () => {
    const here = printed(PROJECT_ROOT, { SITEFLEET_CATALOG: "" });
    const dir = tempDir("elsewhere-");
    const catalog = join(dir, "my catalog");
    mkdirSync(catalog);
    for (const name of readdirSync(join(PROJECT_ROOT, "catalog")).filter((name) => /\.(yaml|csv)$/.test(name))) {
      cpSync(join(PROJECT_ROOT, "catalog", name), join(catalog, name));
    }
    cpSync(join(PROJECT_ROOT, "catalog/sample/artifacts"), join(catalog, "sample/artifacts"), { recursive: true });
    execFileSync("chmod", ["-R", "go-rwx", catalog]);
    const there = printed(dir, {
      SITEFLEET_CATALOG: catalog,
      HOME: dir,
      USER: "somebody-else",
      LOGNAME: "somebody-else",
      HOSTNAME: "another-machine",
      TMPDIR: dir,
      TZ: "Asia/Kathmandu",
      LANG: "tr_TR.UTF-8",
      LC_ALL: "tr_TR.UTF-8",
    });
    expect(here.length).toBeGreaterThan(100_000);
    expect(there === here).toBe(true);
    for (const text of [dir, PROJECT_ROOT, "somebody-else", "another-machine"]) expect(there).not.toContain(text);
  }, 120_000);
});

describe("an artifact's place", () => {
  it("is in the catalog, wherever that lies", () => {
    const env = { SITEFLEET_CATALOG: "/estate/cat" };
    expect(artifactPlace("catalog/a/b", env, "/p")).toBe("/estate/cat/a/b");
    expect(artifactPlace("catalog/a", { SITEFLEET_CATALOG: "cat" }, "/p")).toBe("/p/cat/a");
    expect(artifactPlace("catalog/a", {}, "/p")).toBe("/p/catalog/a");
    expect(artifactPlace("/abs/a", env, "/p")).toBe("/abs/a");
    expect(artifactPlace("build/a", env, "/p")).toBe("/p/build/a");
  });
});

describe("an estate whose states hold a path", () => {
  const service = { key: "a", artifactDir: "catalog/x/a", artifactDigest: "1" } as ServiceState;
  const old = "/estate/cat/x/a";
  const desired = JSON.stringify({ services: [{ key: "a", artifactDir: old }] });
  const env = { SITEFLEET_CATALOG: "/estate/cat" };
  const kept = (noted: Parameters<typeof keptArtifactNames>[1], of = env) =>
    Object.fromEntries(keptArtifactNames([service], noted, "/p", of));

  it("keeps the input while path and content are the same, so that nothing is deployed again", () => {
    expect(kept({ deployed: { a: { release: "1" } }, desired })).toEqual({ a: old });
    // The run after that: the state's declaration is in the new form, the note says what the input is.
    const now = JSON.stringify({ services: [service] });
    expect(kept({ deployed: { a: { release: "1", artifact: old } }, desired: now })).toEqual({ a: old });
  });

  it("takes the new form with another content, from another place, and where nothing is known", () => {
    expect(kept({ deployed: { a: { release: "0" } }, desired })).toEqual({});
    expect(kept({ deployed: { a: { release: "1" } }, desired }, { SITEFLEET_CATALOG: "/moved/cat" })).toEqual({});
    expect(kept({ deployed: {} })).toEqual({});
    expect(kept({ deployed: { a: { release: "1" } }, desired: "{" })).toEqual({});
  });
});
