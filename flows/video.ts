import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { environment } from "../environment/index.ts";

/** Time for ffmpeg to say what it can, ms. */
const ANSWER_MS = 5000;

/**
 * Lets Playwright make videos with the ffmpeg of PATH: it looks for one of its own, which no package registry has. To be called before
 * Playwright is loaded.
 *
 * @param dir a folder of ours for the link
 * @returns whether videos can be made here
 */
export function prepareVideo(dir: string, env: NodeJS.ProcessEnv = environment()): boolean {
  if (process.platform !== "linux") return false;
  const ffmpeg = (env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, "ffmpeg"))
    .find((file) => existsSync(file));
  if (ffmpeg === undefined) return false;
  try {
    const can = spawnSync(ffmpeg, ["-hide_banner", "-encoders"], { encoding: "utf8", timeout: ANSWER_MS });
    if (!can.stdout?.includes("libvpx")) return false;
    const link = join(dir, `ffmpeg-${revision()}`, "ffmpeg-linux");
    mkdirSync(dirname(link), { recursive: true, mode: 0o700 });
    rmSync(link, { force: true });
    symlinkSync(ffmpeg, link);
    // Playwright reads its settings there alone.
    process.env.PLAYWRIGHT_BROWSERS_PATH = dir;
    return true;
  } catch {
    return false;
  }
}

/** The revision of ffmpeg that this Playwright asks for. */
function revision(): string {
  const home = dirname(createRequire(import.meta.url).resolve("playwright-core"));
  const { browsers } = JSON.parse(readFileSync(join(home, "browsers.json"), "utf8")) as {
    browsers: { name: string; revision: string }[];
  };
  const found = browsers.find(({ name }) => name === "ffmpeg")?.revision;
  if (found === undefined || !/^\d+$/.test(found)) throw new Error("Playwright names no revision of ffmpeg");
  return found;
}

/**
 * Keeps the video of a session that was closed.
 *
 * @param from where it was recorded; gone afterwards @param to undefined: it is not kept
 * @returns the file, or none where nothing was recorded
 */
export async function keepVideo(from: string, to: string | undefined): Promise<string[]> {
  try {
    const [film] = to === undefined ? [] : (await readdir(from)).filter((name) => name.endsWith(".webm"));
    if (to === undefined || film === undefined) return [];
    await mkdir(dirname(to), { recursive: true });
    await rename(join(from, film), to);
    return [to];
  } catch {
    return [];
  } finally {
    await rm(from, { recursive: true, force: true }).catch(() => {});
  }
}
