import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { BuildStep } from "../../model/index.ts";
import type { Kind } from "../kinds/index.ts";

/** What decides the default steps: names of files, relative to the build's directory, and the scripts of package.json. */
export interface Found {
  readonly files: ReadonlySet<string>;
  readonly scripts: ReadonlySet<string>;
}

/** Files that {@link defaultSteps} looks for. */
const MARKERS = ["package.json", "package-lock.json", "composer.lock", "requirements.txt", "prisma/schema.prisma"];
/** Names under which projects keep the script that makes their design tokens. */
const TOKEN_SCRIPTS = ["build:tokens", "tokens:build", "design-tokens", "tokens"];
/** Where pip puts packages: beside the code, and on no path that the web server serves as a page. */
const PYTHON_TARGET = "vendor/python";
/** Directories that generators of sites write to, in the order in which they are tried. */
const OUTPUTS = ["dist", "build", "out", "_site", "public"];
/** Kinds whose dependencies are installed on the host, in a virtual environment of the release (see `plesk/kinds/steps.ts`). */
const PYTHON_ON_HOST: readonly Kind[] = ["fastapi"];

const Package = z.object({ scripts: z.record(z.string(), z.unknown()).default({}) });

/** Looks for what decides the default steps. */
export async function look(dir: string): Promise<Found> {
  const files = new Set<string>();
  for (const path of MARKERS) if (await readFile(join(dir, path)).then(Boolean, () => false)) files.add(path);
  let scripts: string[] = [];
  try {
    scripts = Object.keys(Package.parse(JSON.parse(await readFile(join(dir, "package.json"), "utf8"))).scripts);
  } catch {
    // No package.json, or one that npm will complain about better than we can.
  }
  return { files, scripts: new Set(scripts) };
}

function step(name: string, ...run: string[]): BuildStep {
  return { name, run, directory: "", env: [], timeoutSeconds: 900 };
}

/**
 * The steps of a build that declares none, by the files found: install (npm, composer, pip), generate (Prisma's client, design
 * tokens), compile. Pure.
 */
export function defaultSteps(kind: Kind, { files, scripts }: Found): BuildStep[] {
  const steps: BuildStep[] = [];
  if (files.has("package-lock.json")) steps.push(step("npm ci", "npm", "ci"));
  if (files.has("composer.lock")) {
    steps.push(
      step(
        "composer install",
        "composer",
        "install",
        "--no-dev",
        "--no-interaction",
        "--no-progress",
        "--prefer-dist",
        "--optimize-autoloader",
      ),
    );
  }
  if (files.has("requirements.txt") && !PYTHON_ON_HOST.includes(kind)) {
    steps.push(
      step(
        "pip install",
        "python3",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-compile",
        "--target",
        PYTHON_TARGET,
        "--requirement",
        "requirements.txt",
      ),
    );
  }
  if (files.has("prisma/schema.prisma")) steps.push(step("prisma generate", "prisma", "generate"));
  const tokens = TOKEN_SCRIPTS.find((name) => scripts.has(name));
  if (tokens !== undefined) steps.push(step("design tokens", "npm", "run", tokens));
  if (scripts.has("build")) steps.push(step("npm run build", "npm", "run", "build"));
  return steps;
}

/**
 * The directory of the result where the build declares none: what a generator has written for a static site, else all.
 * Undefined when a generator has written to none of the usual places: the whole source would be published.
 */
export async function defaultOutput(kind: Kind, dir: string, { scripts }: Found): Promise<string | undefined> {
  if (kind !== "static" || !scripts.has("build")) return ".";
  const entries = await readdir(dir, { withFileTypes: true });
  const there = new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name));
  return OUTPUTS.find((name) => there.has(name));
}
