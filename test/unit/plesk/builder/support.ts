import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildStep, ServiceBuild } from "../../../../model/index.ts";
import type { ArtifactRules } from "../../../../plesk/artifact/index.ts";
import { type BuildOptions, type BuildResult, buildService } from "../../../../plesk/builder/index.ts";
import { writeFiles } from "../support/driver.ts";
import { tempDir } from "../support/temp.ts";

/** Runs git as somebody with a name, at a fixed time: the same files give the same commit. */
export function git(dir: string, ...args: string[]): string {
  const date = "2026-11-21T12:00:00Z";
  return execFileSync("git", ["-C", dir, ...args], {
    encoding: "utf8",
    env: {
      PATH: process.env.PATH,
      HOME: dir,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "a",
      GIT_AUTHOR_EMAIL: "a@example.org",
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: "a",
      GIT_COMMITTER_EMAIL: "a@example.org",
      GIT_COMMITTER_DATE: date,
    },
  }).trim();
}

/** A repository with one commit of these files. */
export function makeRepository(files: Readonly<Record<string, string>>): string {
  const dir = tempDir("source-");
  git(dir, "init", "--quiet", "--initial-branch=main");
  commit(dir, files);
  return dir;
}

/** Adds a commit that writes these files. */
export function commit(dir: string, files: Readonly<Record<string, string>>): string {
  writeFiles(dir, files);
  git(dir, "add", "--all");
  git(dir, "commit", "--quiet", "--message=x");
  return git(dir, "rev-parse", "HEAD");
}

/** A step. */
export function step(run: readonly string[], more: Partial<BuildStep> = {}): BuildStep {
  return { name: run[0] ?? "", run, directory: "", env: [], timeoutSeconds: 60, ...more };
}

/** A step that runs a line of shell. */
export const sh = (line: string, more: Partial<BuildStep> = {}): BuildStep =>
  step(["sh", "-c", line], { name: line, ...more });

/** Builds `repository` into `<out>/site`. */
export function build(
  repository: string,
  out: string,
  more: Partial<ServiceBuild> & { readonly options?: Partial<BuildOptions>; readonly rules?: ArtifactRules } = {},
): Promise<BuildResult> {
  const { options, rules, ...declared } = more;
  return buildService(
    {
      service: "site",
      build: { repository, directory: "", env: [], ...declared },
      rules: rules ?? { kind: "generic", exclude: [".git", "*.log"] },
      artifact: join(out, "site"),
    },
    { env: { PATH: process.env.PATH }, version: "0.0.0-test", ...options },
  );
}

/** A file of the output as JSON. */
export function json(...path: string[]): Record<string, never> & { [key: string]: unknown } {
  return JSON.parse(readFileSync(join(...path), "utf8"));
}

/** A site with workspaces, tokens and a build script; needs nothing from the network. */
export const NPM_SITE: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify({
    name: "shop",
    version: "1.0.0",
    workspaces: ["packages/*"],
    dependencies: { tokens: "1.2.3" },
    scripts: { tokens: "node scripts/tokens.mjs", build: "node scripts/build.mjs" },
  }),
  "package-lock.json": JSON.stringify({
    name: "shop",
    version: "1.0.0",
    lockfileVersion: 3,
    requires: true,
    packages: {
      "": { name: "shop", version: "1.0.0", workspaces: ["packages/*"], dependencies: { tokens: "1.2.3" } },
      "node_modules/tokens": { resolved: "packages/tokens", link: true },
      "packages/tokens": { name: "tokens", version: "1.2.3", license: "MIT" },
    },
  }),
  "packages/tokens/package.json": JSON.stringify({
    name: "tokens",
    version: "1.2.3",
    type: "module",
    exports: "./index.js",
  }),
  "packages/tokens/index.js": "export const colour = '#c00';\n",
  "scripts/tokens.mjs":
    "import { colour } from 'tokens'; import { writeFileSync } from 'node:fs'; writeFileSync('tokens.css', ':root{--c:' + colour + '}');\n",
  "scripts/build.mjs": [
    "import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';",
    "mkdirSync('dist/css/deep', { recursive: true });",
    "writeFileSync('dist/index.html', '<h1>shop</h1>');",
    "writeFileSync('dist/css/tokens.css', readFileSync('tokens.css'));",
    "writeFileSync('dist/run', '#!/bin/sh'); chmodSync('dist/run', 0o700);",
    "symlinkSync('css/tokens.css', 'dist/latest.css');",
    "writeFileSync('dist/css/deep/größe.txt', 'ü');",
    "writeFileSync('dist/debug.log', String(Date.now()));",
  ].join("\n"),
};
