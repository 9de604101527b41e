import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { ciData } from "../../../../operations/ci/data.ts";
import { readTree } from "../../../../operations/ci/tree.ts";
import { perform } from "../../../../operations/kit/operation.ts";

// What breaks when these fail: a stranger's pull request brings more than plain files into a job that holds tokens.

let origin: string;
let clone: string;
const git = (dir: string, ...args: string[]) =>
  execFileSync("git", ["-C", dir, "-c", "user.name=d", "-c", "user.email=d@e.org", ...args], {
    encoding: "utf8",
    stdio: "pipe",
  }).trim();
/** A pull request whose commit is made by `change`; its number is 7. */
function pull(change: () => void): string {
  git(origin, "checkout", "-q", "-b", "theirs");
  change();
  git(origin, "add", "-A");
  git(origin, "commit", "-qm", "theirs");
  const head = git(origin, "rev-parse", "HEAD");
  git(origin, "update-ref", "refs/pull/7/head", head);
  git(origin, "checkout", "-q", "main");
  return head;
}
const write = (name: string, text: string | Uint8Array) => {
  mkdirSync(join(origin, name, ".."), { recursive: true });
  writeFileSync(join(origin, name), text);
};
const take = async (head: string) =>
  (
    await perform(
      ciData,
      { pull: 7, head },
      {
        estate: { catalogDir: join(clone, "catalog"), configFile: "", env: { PATH: process.env.PATH, HOME: clone } },
      },
    )
  ).document;

beforeEach(() => {
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-data-"));
  [origin, clone] = [join(dir, "origin"), join(dir, "clone")];
  mkdirSync(origin);
  git(origin, "init", "-q", "-b", "main");
  write("catalog/sites.csv", "a\n");
  write("catalog/old.yaml", "old\n");
  write("package.json", "{}");
  git(origin, "add", "-A");
  git(origin, "commit", "-qm", "base");
  execFileSync("git", ["clone", "-q", `file://${origin}`, clone], { stdio: "pipe" });
});

it("puts the plain files of its catalog in place, byte by byte, and nothing else of it", async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  const head = pull(() => {
    write("catalog/sites.csv", "a\nb\n");
    write("catalog/sample/x.bin", bytes);
    write("package.json", '{"scripts":{"setup":"printenv"}}');
    git(origin, "rm", "-q", "catalog/old.yaml");
  });
  expect(await take(head)).toMatchObject({ files: 2, head });
  expect(readFileSync(join(clone, "catalog/sites.csv"), "utf8")).toBe("a\nb\n");
  expect([...readFileSync(join(clone, "catalog/sample/x.bin"))]).toEqual([...bytes]);
  expect(existsSync(join(clone, "catalog/old.yaml"))).toBe(false);
  expect(readFileSync(join(clone, "package.json"), "utf8")).toBe("{}");
  expect(git(clone, "rev-parse", "--is-shallow-repository")).toBe("false");
});

it("takes no link, which would show what the job can read", async () => {
  const head = pull(() => {
    git(origin, "rm", "-q", "catalog/sites.csv");
    mkdirSync(join(origin, "catalog"), { recursive: true });
    symlinkSync("/proc/self/environ", join(origin, "catalog/sites.csv"));
  });
  await expect(take(head)).rejects.toMatchObject({ code: "ci.data", details: ["catalog/sites.csv: a link"] });
  expect(readFileSync(join(clone, "catalog/sites.csv"), "utf8")).toBe("a\n");
});

it("takes another push than the one that the run is about for none, and spares what is not committed", async () => {
  const head = pull(() => write("catalog/sites.csv", "b\n"));
  await expect(take("0".repeat(40))).rejects.toMatchObject({ code: "ci.data" });
  writeFileSync(join(clone, "catalog/sites.csv"), "mine\n");
  await expect(take(head)).rejects.toMatchObject({ code: "ci.data" });
  expect(readFileSync(join(clone, "catalog/sites.csv"), "utf8")).toBe("mine\n");
});

it("refuses modules, places outside, too much, and a change without a catalog, all at once", () => {
  const line = (mode: string, path: string, size = "1") =>
    `${mode} ${mode === "160000" ? "commit" : "blob"} ${"a".repeat(40)} ${size}\t${path}\0`;
  expect(readTree(line("100644", "catalog/a b.yaml"), "catalog/")).toEqual([{ name: "a b.yaml", id: "a".repeat(40) }]);
  const wrong =
    line("160000", "catalog/m", "-") +
    line("100644", "catalog/../x") +
    line("100644", "catalog/.git/config") +
    line("100644", "other/y", "99999999999");
  expect(() => readTree(wrong, "catalog/")).toThrowError(
    expect.objectContaining({ details: expect.arrayContaining(["catalog/m: another repository"]) }),
  );
  try {
    readTree(wrong, "catalog/");
  } catch (error) {
    expect((error as { details: string[] }).details).toHaveLength(5);
  }
  expect(() => readTree("", "catalog/")).toThrowError(expect.objectContaining({ details: ["it has no catalog"] }));
});

it("takes what a merge would make of it: what came to the base branch since is not taken for deleted", async () => {
  const head = pull(() => {
    write("catalog/releases.yaml", "new\n");
    write("package.json", '{"theirs":1}');
  });
  write("catalog/sites.csv", "a\nb\n");
  write("catalog/later.yaml", "later\n");
  // A conflict outside of the catalog says nothing about sites.
  write("package.json", '{"ours":1}');
  git(origin, "add", "-A");
  git(origin, "commit", "-qm", "since");
  git(clone, "pull", "-q");
  expect(await take(head)).toMatchObject({ files: 4, head });
  const names = ["sites.csv", "later.yaml", "releases.yaml", "old.yaml"];
  expect(names.map((name) => readFileSync(join(clone, "catalog", name), "utf8"))).toEqual([
    "a\nb\n",
    "later\n",
    "new\n",
    "old\n",
  ]);
  expect(readFileSync(join(clone, "package.json"), "utf8")).toBe('{"ours":1}');
});

it("says which files conflict with the base branch, and that a cut clone cannot tell; nothing is replaced", async () => {
  const head = pull(() => write("catalog/sites.csv", "theirs\n"));
  write("catalog/sites.csv", "ours\n");
  git(origin, "commit", "-qam", "since");
  git(clone, "pull", "-q");
  await expect(take(head)).rejects.toMatchObject({ code: "ci.data", details: ["catalog/sites.csv"] });
  expect(readFileSync(join(clone, "catalog/sites.csv"), "utf8")).toBe("ours\n");
  const cut = join(clone, "../cut");
  execFileSync("git", ["clone", "-q", "--depth=1", `file://${origin}`, cut], { stdio: "pipe" });
  clone = cut;
  await expect(take(head)).rejects.toMatchObject({ code: "ci.data", hint: expect.stringContaining("fetch-depth: 0") });
});
