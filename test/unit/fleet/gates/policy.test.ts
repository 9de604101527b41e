import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { commitsOf } from "../../../../fleet/backend/git.ts";
import { directoryStore } from "../../../../fleet/backend/store/directory-store.ts";
import { headOf } from "../../../../fleet/gates/base.ts";
import { trust } from "../../../../fleet/gates/kept.ts";
import { gatePolicy } from "../../../../fleet/gates/policy.ts";
import { rulesOf } from "./support.ts";

// Breaks when a change decides by itself who may approve it, or by which rules it is judged.

let dir: string;
let repo: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sitefleet-policy-"));
  repo = join(dir, "repo");
  execFileSync("git", ["init", "-q", "-b", "main", repo]);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});
const git = (...args: string[]) => execFileSync("git", ["-C", repo, ...args], { encoding: "utf8" }).trim();
const write = (name: string, text: string) => writeFileSync(join(repo, name), text);
const people = (...names: string[]) =>
  write(
    "approvers.yaml",
    `approvers:\n${names.map((name) => `  - { name: ${name}, emails: [${name}@x.at], githubId: ${name.length}, areas: [general, dns, money, databases] }\n`).join("")}`,
  );
function commit(by: string): string {
  git("add", "-A");
  git("-c", `user.name=${by}`, "-c", `user.email=${by}@x.at`, "commit", "-q", "--allow-empty", "-m", "x");
  return git("rev-parse", "HEAD");
}
const policy = (catalog = repo) => gatePolicy(catalog, rulesOf(), directoryStore(join(dir, "store")));
const names = (some: readonly { name: string }[]) => some.map(({ name }) => name);

test("approvers, rules and authors are those of the base: what the change adds counts for nothing", async () => {
  people("maria");
  write("gates.yaml", "rules: { many-sites: { sites: 5 } }\n");
  commit("maria");
  people("maria", "mallory");
  write("gates.yaml", "rules: { many-sites: { sites: 5000 } }\n");
  commit("mallory");
  const found = await policy();
  expect(names(found.people.base)).toEqual(["maria"]);
  expect(found.people.authors).toEqual(["mallory@x.at"]);
  expect(found.before?.rules["many-sites"].sites).toBe(5);
  expect([found.asks, found.altered]).toEqual([true, true]);
});

test("a catalog that is named through a link has the same base", async () => {
  people("maria");
  commit("maria");
  people("maria", "mallory");
  commit("mallory");
  symlinkSync(repo, join(dir, "link"));
  expect(names((await policy(join(dir, "link"))).people.base)).toEqual(["maria"]);
});

test("two pushes do not get round it: the base is what was carried out last", async () => {
  people("maria");
  const first = commit("maria");
  await trust(directoryStore(join(dir, "store")), first, "r", new Date(), true);
  people("maria", "mallory");
  commit("mallory");
  commit("mallory");
  expect(names((await policy()).people.base)).toEqual(["maria"]);
});

test("a copy outside of git, or without approvers, does not shake them off", async () => {
  people("maria");
  await trust(directoryStore(join(dir, "store")), commit("maria"), "r", new Date(), true);
  const copy = join(dir, "copy");
  cpSync(repo, copy, { recursive: true, filter: (path) => !path.includes(".git") && !path.endsWith("approvers.yaml") });
  await expect(policy(copy)).rejects.toMatchObject({ code: "approval.base" });
});

test("what names no commit is told apart from what does, in whatever order they are asked for", async () => {
  people("maria");
  const first = commit("maria");
  const head = commit("maria");
  git("tag", "-a", "-m", "x", "v1", first);
  const asked = ["none", "HEAD", "main\nHEAD", "v1", "--all", "HEAD:approvers.yaml", "HEAD^1", "", first];
  const no = undefined;
  expect(await commitsOf(repo, asked)).toEqual([no, head, no, first, no, no, first, no, first]);
  expect(await commitsOf(dir, ["HEAD"])).toEqual([no]);
});

test("the base that is named is taken, and one that is no commit is refused", async () => {
  people("maria");
  const first = commit("maria");
  people("maria", "mallory");
  commit("mallory");
  git("branch", "release", first);
  git("checkout", "-q", "-b", "change");
  people("maria", "mallory", "eve");
  commit("eve");
  expect(names((await policy()).people.base)).toEqual(["maria", "mallory"]);
  vi.stubEnv("SITEFLEET_BASE", "release");
  expect(names((await policy()).people.base)).toEqual(["maria"]);
  vi.stubEnv("SITEFLEET_BASE", "relaese");
  await expect(policy()).rejects.toMatchObject({ code: "approval.base" });
});

test("an estate without approvers asks for nothing", async () => {
  commit("maria");
  expect(await policy()).toMatchObject({ asks: false, notes: [] });
});

test("reviews count at the repository that the base names, and only while the change names no other one", async () => {
  const reviews = (repository?: string) => {
    people("maria");
    if (repository) appendFileSync(join(repo, "approvers.yaml"), `reviews: { repository: ${repository} }\n`);
    return commit("dev");
  };
  const store = directoryStore(join(dir, "store"));
  reviews();
  reviews("acme/estate");
  const added = await policy();
  expect(added.reviewed).toBeUndefined();
  expect(added.notes.at(-1)).toMatch(/^reviews count once approvers.yaml names this repository on the base/);
  await trust(store, reviews("acme/estate"), "r", new Date(), true);
  expect((await policy()).reviewed).toBe("acme/estate");
  reviews("mallory/estate");
  expect((await policy()).reviewed).toBeUndefined();
  reviews();
  expect((await policy()).reviewed).toBeUndefined();
  reviews("Acme/Estate");
  expect((await policy()).reviewed).toBe("acme/estate");
});

test("a commit is what is carried out unless the catalog itself has changes, whatever was built into it", async () => {
  people("maria");
  const head = commit("maria");
  expect(await headOf(repo)).toBe(head);
  mkdirSync(join(repo, "artifacts/games"), { recursive: true });
  write("artifacts/games/config.yaml", "built");
  write("notes.txt", "x");
  expect(await headOf(repo)).toBe(head);
  write("notify.yaml", "receivers: []\n");
  expect(await headOf(repo)).toBeUndefined();
  rmSync(join(repo, "notify.yaml"));
  people("maria", "mallory");
  expect(await headOf(repo)).toBeUndefined();
  people("maria");
  expect(await headOf(repo)).toBe(head);
  // A catalog that git does not know at all, and one outside of git.
  mkdirSync(join(repo, "catalog"));
  write("catalog/zones.yaml", "");
  expect(await headOf(join(repo, "catalog"))).toBeUndefined();
  expect(await headOf(dir)).toBeUndefined();
});
