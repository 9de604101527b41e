import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SitefleetError } from "../../../errors/index.ts";
import type { Entry } from "../../artifact/manifest.ts";
import type { Found } from "./component.ts";
import { composerRequires, readComposerLock } from "./composer.ts";
import { readNpmLock } from "./npm.ts";
import { readPython } from "./python.ts";

export type { Component, Found } from "./component.ts";
export { cycloneDx } from "./cyclonedx.ts";

/** A lockfile that was read. */
export interface Lockfile {
  /** Relative to the source. */
  readonly path: string;
  readonly sha256: string;
}

/**
 * Reads what a source's lockfiles say.
 *
 * @param source Root of the source.
 * @param dirs Directories in it where lockfiles may lie, relative.
 * @param tree The artifact's directory, whose `*.dist-info/METADATA` say what pip installed.
 * @throws SitefleetError `build.lockfile` for one that cannot be read: an SBOM that leaves it out would be wrong.
 */
export async function readLockfiles(
  subject: string,
  source: string,
  dirs: readonly string[],
  tree: { readonly dir: string; readonly entries: readonly Entry[] },
): Promise<{ readonly found: readonly Found[]; readonly lockfiles: readonly Lockfile[] }> {
  const found: Found[] = [];
  const lockfiles: Lockfile[] = [];
  const read = async (dir: string, name: string, parse: (text: string) => Found | Promise<Found>): Promise<void> => {
    const path = dir === "" ? name : `${dir}/${name}`;
    const text = await textOf(join(source, path));
    if (text === undefined) return;
    try {
      found.push(await parse(text));
    } catch (error) {
      throw new SitefleetError({
        code: "build.lockfile",
        subject,
        message: `${path} is not a lockfile that can be read`,
        hint: "write it anew with a current version of its package manager (npm 7 or later, Composer 2)",
        cause: error,
      });
    }
    lockfiles.push({ path, sha256: createHash("sha256").update(text).digest("hex") });
  };
  const metadata = await metadataOf(tree);
  for (const dir of [...new Set(dirs)].sort()) {
    await read(dir, "package-lock.json", (text) => readNpmLock(JSON.parse(text)));
    await read(dir, "composer.lock", async (text) => {
      const manifest = await textOf(join(source, dir, "composer.json"));
      return readComposerLock(JSON.parse(text), composerRequires(manifest === undefined ? {} : JSON.parse(manifest)));
    });
    await read(dir, "requirements.txt", (text) => readPython(text, metadata));
  }
  if (metadata.length > 0 && !lockfiles.some(({ path }) => path.endsWith("requirements.txt"))) {
    found.push(readPython("", metadata));
  }
  return { found, lockfiles };
}

async function metadataOf(tree: { readonly dir: string; readonly entries: readonly Entry[] }): Promise<string[]> {
  const paths = tree.entries.filter(({ kind, path }) => kind === "file" && /\.dist-info\/METADATA$/.test(path));
  return Promise.all(paths.map(({ path }) => readFile(join(tree.dir, path), "utf8")));
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
