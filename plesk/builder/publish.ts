import { constants } from "node:fs";
import { chmod, copyFile, cp, mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { signaturePath } from "../artifact/attestation/paths.ts";
import type { Entry } from "../artifact/manifest.ts";
import { KEPT, type OutputPaths } from "./layout.ts";

/** Copies entries of a tree with their normalised modes; nothing else of the tree comes along. */
export async function copyEntries(from: string, entries: readonly Entry[], to: string): Promise<void> {
  await mkdir(to, { mode: 0o755 });
  // Sorted by path, a directory may come after what lies in it (`a-b` sorts before `a/`), so directories first.
  for (const entry of entries) {
    if (entry.kind === "dir") await mkdir(join(to, entry.path), { recursive: true, mode: 0o755 });
  }
  for (const entry of entries) {
    const target = join(to, entry.path);
    if (entry.kind === "link") await symlink(entry.target, target);
    if (entry.kind !== "file") continue;
    await copyFile(join(from, entry.path), target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await chmod(target, entry.mode);
  }
}

/**
 * Puts a finished build into place by renaming. A reader sees the old artifact with its own attestation or the new one with its own; in
 * the moment between, and after a kill in it, the files do not fit each other, and a deployment refuses them.
 *
 * @param paths Where.
 * @param tree The new artifact, on the same file system.
 * @param made Directory with the files of {@link KEPT}, on the same file system.
 */
export async function publish(paths: OutputPaths, tree: string, made: string, release: string): Promise<void> {
  const old = join(paths.work, "old");
  const oldBuild = join(paths.work, "old-build");
  const kept = join(paths.kept, release);
  for (const name of ["manifest", "sbom", "provenance"] as const) {
    await cp(join(made, KEPT[name]), join(paths.work, `new-${name}`));
  }
  await mkdir(paths.kept, { recursive: true });
  await renameIfThere(kept, oldBuild);
  await rename(made, kept);
  const replaced = await renameIfThere(paths.tree, old);
  try {
    await rename(tree, paths.tree);
  } catch (error) {
    if (replaced) await rename(old, paths.tree);
    throw error;
  }
  // It is of the provenance before.
  await rm(signaturePath(paths.tree), { force: true });
  for (const name of ["manifest", "sbom", "provenance"] as const) {
    await rename(join(paths.work, `new-${name}`), paths[name]);
  }
  await rm(paths.failure, { force: true });
}

async function renameIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** Text of a file that may not be there. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
