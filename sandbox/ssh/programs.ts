import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeAtomic } from "../machine/files.ts";
import { chrootTools } from "./chroot.ts";
import type { AccountKind } from "./profile.ts";

/** The stand-ins for programs that a hoster or the application brings; shell scripts that run on the host. */
const STAND_INS = join(dirname(fileURLToPath(import.meta.url)), "../host/programs");

/** What no customer of shared hosting has, see `PROFILE` in plesk/host/profile.ts. */
const CONTAINERS = ["docker"];

/**
 * Fills the host's `/usr/local` with the programs that an account of a kind has beside the system's own.
 *
 * @param folder absolute; replaced
 */
export function installPrograms(folder: string, kind: AccountKind): void {
  const bin = join(folder, "bin");
  copy("lib", folder);
  if (kind === "plesk-chroot") {
    // Where there are no namespaces, PATH leads here and nowhere else.
    rmSync(bin, { recursive: true, force: true });
    mkdirSync(bin, { recursive: true });
    for (const [name, path] of chrootTools()) symlinkSync(path, join(bin, name));
    return;
  }
  const wanted = readdirSync(join(STAND_INS, "bin")).filter((name) => kind === "generic" || !CONTAINERS.includes(name));
  mkdirSync(bin, { recursive: true });
  for (const name of readdirSync(bin)) if (!wanted.includes(name)) rmSync(join(bin, name), { recursive: true });
  copy("bin", folder, wanted);
}

/** File by file and only what is another one: a session may be running it. */
function copy(
  part: "bin" | "lib",
  folder: string,
  names: readonly string[] = readdirSync(join(STAND_INS, part)),
): void {
  for (const name of names) {
    writeAtomic(join(folder, part, name), readFileSync(join(STAND_INS, part, name), "utf8"), 0o755);
  }
}
