import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { withoutLog } from "../../../../fleet/engine/engine-home.ts";
import { PROJECT_ROOT } from "../../../../stacks/root.ts";

// What breaks when this fails: a new engine writes its log after all, and each preview reads through those of a week; or it does not
// find the plugins that it has, and fetches them for each stack.

it("an engine in a home of its own has the plugins and writes no log", () => {
  const folder = mkdtempSync(join(tmpdir(), "sitefleet-home-"));
  try {
    const own = join(folder, "own");
    const plugin = join(own, "plugins", "resource-random-v4.16.6");
    mkdirSync(plugin, { recursive: true });
    writeFileSync(join(plugin, "pulumi-resource-random"), "", { mode: 0o700 });
    const { PULUMI_HOME: home } = withoutLog(folder, { PULUMI_HOME: own });
    const pulumi = (PULUMI_HOME: string) =>
      execFileSync(join(PROJECT_ROOT, ".toolchain/bin/pulumi"), ["plugin", "ls", "--json"], {
        env: { ...process.env, PULUMI_HOME, PULUMI_SKIP_UPDATE_CHECK: "true" },
        encoding: "utf8",
      });
    expect(JSON.parse(pulumi(home))).toMatchObject([{ name: "random", version: "4.16.6" }]);
    expect(statSync(join(home, "logs")).size).toBe(0);
    expect(readdirSync(own)).toEqual(["plugins"]);
    // As it is without.
    pulumi(own);
    expect(readdirSync(join(own, "logs")).length).toBe(1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
