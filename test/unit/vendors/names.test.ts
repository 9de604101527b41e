import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import ts from "typescript";
import { expect, it } from "vitest";
import { VENDORS } from "../../../vendors/index.ts";

// What breaks when this fails: what is known of a vendor spreads again, and a new vendor has to be added in thirty files.

/**
 * What names no vendor, whatever it says: variables in which a CI system says who started a job, what jobs belong together and which
 * repository they work for, a folder of repositories in which it looks for its files, and what Pulumi's own API calls a user.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  "fleet/analysis/parts.ts": ["\\.github"],
  "fleet/backend/service/reading.ts": ["githubLogin", "GitHubLogin"],
  "fleet/run/preflight/who.ts": ["GITHUB_ACTOR", "GITHUB_RUN_ID", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY"],
  "operations/ci/comment.ts": ["GITHUB_REPOSITORY"],
  "operations/ci/data.ts": ["GITHUB_TOKEN", "GITHUB_SERVER_URL"],
};

/** Vendors that sites, zones and secrets are at. `plesk` is the name of a kind of stack, and `random` a word. */
const NAMES = VENDORS.filter(({ api, dns, hosting }) => api ?? dns ?? hosting).map(({ name }) => name);
const VENDOR = new RegExp(NAMES.join("|"), "i");

/** The words of a file's code; comments are none. */
function wordsOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, false);
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    const children = node.getChildren(source).filter((child) => !ts.isJSDoc(child));
    if (children.length === 0) found.push(node.getText(source));
    for (const child of children) visit(child);
  };
  visit(source);
  return found;
}

const filesOf = (folder: string) =>
  execFileSync("git", ["ls-files", folder], { encoding: "utf8" })
    .split("\n")
    .filter((file) => file.endsWith(".ts"));

it("knows the vendors", () => {
  expect(NAMES).toEqual(["vercel", "cloudflare", "github"]);
});

it.each(["fleet", "operations"])("%s/ names no vendor in its code", (folder) => {
  const found = filesOf(folder).flatMap((file) =>
    wordsOf(file).flatMap((word) =>
      VENDOR.test(word) && !ALLOWED[file]?.some((allowed) => word.includes(allowed)) ? [`${file}: ${word}`] : [],
    ),
  );
  expect(found).toEqual([]);
});

it("components of zones and services, and stacks, name no DNS vendor", () => {
  const dns = VENDORS.flatMap(({ name, dns }) => (dns ? [name] : []));
  const files = ["components/dns", "components/wildcard-zone", "components/plesk-service", "stacks"].flatMap(filesOf);
  const found = files.flatMap((file) =>
    wordsOf(file).flatMap((word) =>
      dns.some((name) => word.toLowerCase().includes(name)) ? [`${file}: ${word}`] : [],
    ),
  );
  expect(found).toEqual([]);
});
