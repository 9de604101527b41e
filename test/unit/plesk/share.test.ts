// Moving data to shared/ is done by renames that any of them can be the last of: what breaks when these fail is that a driver which is
// killed loses somebody's files.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Layout, layoutOf } from "../../../plesk/commands/layout.ts";
import { adoptScript } from "../../../plesk/commands/share.ts";
import { switchScript } from "../../../plesk/commands/switch.ts";
import { tempDir } from "./support/temp.ts";

const ID = "a".repeat(64);
const JOURNAL = { phase: "switching", next: ID, back: "original", snapshot: "" } as const;
/** What the driver notes of a switch. */
const OURS = /^(1|switching .*)\n$/;
const wrappers = tempDir("share-bin-");
const counter = join(wrappers, "count");
for (const name of ["mv", "ln", "rm", "rmdir", "mkdir"]) {
  // Kills the script that called it once as many calls were made: before or after doing its work, in turns.
  const text = `#!/bin/sh
n=$(cat ${counter}); echo $((n - 1)) >${counter}
[ "$n" != 0 ] || [ "$BEFORE" != 1 ] || { kill -9 $PPID; exit 1; }
/bin/${name} "$@"; c=$?
[ "$n" != 0 ] || { kill -9 $PPID; exit 1; }
exit $c
`;
  writeFileSync(join(wrappers, name), text);
  chmodSync(join(wrappers, name), 0o755);
}

/** Runs a script as the host would. @param kills Number of the call at which it is killed; -1 for never. */
function run(script: string, kills = -1, before = false) {
  writeFileSync(counter, String(kills));
  const env = { PATH: `${wrappers}:/usr/bin:/bin`, BEFORE: before ? "1" : "0" };
  const { stdout, stderr } = spawnSync("sh", ["-s"], { input: script, env, encoding: "utf8" });
  return { done: stdout.includes("sitefleet:done"), stdout, stderr };
}

function put(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

/** All files below a directory, by what they hold; links are not followed. */
function contents(root: string): string[] {
  const below = (dir: string): string[] =>
    readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
      const path = join(dir, entry.name);
      return entry.isDirectory() ? below(path) : entry.isFile() ? [readFileSync(path, "utf8")] : [];
    });
  return below(root).sort();
}

/** A service with one release that is live. */
function service(release: Readonly<Record<string, string>>, shared: Readonly<Record<string, string>>): Layout {
  const root = tempDir("share-");
  const layout = layoutOf({ path: join(root, "httpdocs"), kind: "generic", shared: ["uploads/", "a/b/"] });
  put(`${layout.base}/releases/${ID}`, { "index.html": "page", ...release });
  put(`${layout.base}/shared`, shared);
  put(`${layout.base}/lock`, { "9999999999.t0": "us" });
  mkdirSync(`${layout.base}/state`);
  mkdirSync(`${layout.base}/shared`, { recursive: true });
  symlinkSync(`releases/${ID}`, `${layout.base}/current`);
  symlinkSync("httpdocs.sitefleet/current", layout.path);
  return layout;
}

const name = fc.constantFrom("x", "y", ".z", "d/x", "d/w", "d e/f'g", "d/h/i");
const tree = (side: string) =>
  fc.uniqueArray(name, { maxLength: 5 }).map((names) => Object.fromEntries(names.map((one) => [one, side + one])));
const under = (prefix: string, files: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [`${prefix}/${path}`, content]));

describe("data of a live release that goes to shared/", () => {
  test("is all there and served after a kill at any step and the next run, whatever lies on both sides", () => {
    fc.assert(
      fc.property(
        tree("r"),
        tree("s"),
        fc.integer({ min: 0, max: 12 }),
        fc.boolean(),
        (mine, theirs, kills, before) => {
          // Files of one name are told beforehand and refused.
          const other = Object.fromEntries(Object.entries(theirs).filter(([path]) => !(path in mine)));
          const layout = service(under("uploads", mine), under("uploads", other));
          const wanted = contents(layout.base);
          const script = adoptScript(layout, "t0", ID, ["uploads", "a/b"]);
          run(script, kills, before);
          expect(contents(layout.base)).toEqual(wanted);
          const again = run(script);
          expect(again.done, again.stdout + again.stderr).toBe(true);
          expect(contents(layout.base)).toEqual(wanted);
          expect(lstatSync(join(layout.path, "uploads")).isSymbolicLink()).toBe(true);
          for (const [path, content] of Object.entries({ ...mine, ...other }))
            expect(readFileSync(join(layout.path, "uploads", path), "utf8")).toBe(content);
        },
      ),
      { numRuns: 30 },
    );
  }, 120_000);

  test("stays where it is, every file, when two files of one name differ", () => {
    const layout = service({ "uploads/a": "1", "uploads/b": "2" }, { "uploads/b": "3" });
    expect(run(adoptScript(layout, "t0", ID, ["uploads"])).stdout).toContain("fail share-clash uploads");
    expect(contents(`${layout.base}/releases`)).toEqual(["1", "2", "page"]);
    expect(contents(`${layout.base}/shared`)).toEqual(["3"]);
  });

  test("a document root that is converted keeps its data through a kill at any step", () => {
    for (let kills = 0; ; kills += 1) {
      const layout = service({}, { "uploads/old": "old" });
      rmSync(layout.path);
      rmSync(`${layout.base}/current`);
      put(layout.path, { "uploads/new": "new", "a/b/c": "c", "by.hand": "hand" });
      const wanted = contents(dirname(layout.path));
      const script = switchScript(layout, "t0", { id: ID, now: 1, journal: JOURNAL });
      const { done } = run(script, kills, kills % 2 === 0);
      expect(
        contents(dirname(layout.path)).filter((one) => !OURS.test(one)),
        `kill ${kills}`,
      ).toEqual(wanted);
      if (done) break;
      // The next run: what it finds live is made as declared, then it switches.
      const live = existsSync(join(layout.base, "current")) ? "original" : undefined;
      if (live && existsSync(join(layout.base, "releases/original")))
        expect(run(adoptScript(layout, "t0", live, ["uploads", "a/b"])).done).toBe(true);
      const again = run(script);
      expect(again.done, `kill ${kills}: ${again.stdout}${again.stderr}`).toBe(true);
      expect(readFileSync(join(layout.path, "uploads/new"), "utf8")).toBe("new");
      expect(readFileSync(join(layout.path, "uploads/old"), "utf8")).toBe("old");
      expect(readFileSync(join(layout.path, "a/b/c"), "utf8")).toBe("c");
      expect(contents(dirname(layout.path)).filter((one) => !OURS.test(one))).toEqual(wanted);
    }
  }, 120_000);
});
