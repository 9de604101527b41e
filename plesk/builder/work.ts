import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";

const Holder = z.object({
  pid: z.int().positive(),
  host: z.string(),
  since: z.string(),
  /** Temporary directory of the build. */
  scratch: z.string().optional(),
});

/**
 * Makes the directory of a build under way; only one build of an artifact has it. It lies beside the artifact, so that what is
 * made in it can be put into place by renaming. One that a killed build has left is removed, with its temporary directory.
 *
 * @param scratch Temporary directory of this build, as {@link makeScratch} made it.
 * @throws SitefleetError `build.busy` while another build of the same artifact runs.
 */
export async function openWork(dir: string, scratch: string, subject: string): Promise<void> {
  await mkdir(dirname(dir), { recursive: true });
  for (let attempt = 0; ; attempt++) {
    try {
      await mkdir(dir, { mode: 0o700 });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const holder = await readHolder(dir);
      if (attempt > 2 || holder === undefined || holder.host !== hostname() || isAlive(holder.pid)) {
        const who = holder === undefined ? "" : ` (pid ${holder.pid} on ${holder.host} since ${holder.since})`;
        throw new SitefleetError({
          code: "build.busy",
          subject,
          message: `another build of this artifact is under way${who}`,
          hint: `wait for it; if none runs, remove ${dir}`,
        });
      }
      if (holder.scratch !== undefined && isScratch(holder.scratch)) await rm(holder.scratch, GONE);
      await rm(dir, GONE);
    }
  }
  const holder = { pid: process.pid, host: hostname(), since: new Date().toISOString(), scratch };
  await writeFile(join(dir, "holder.json"), JSON.stringify(holder));
}

const PREFIX = "sitefleet-build-";
const GONE = { recursive: true, force: true, maxRetries: 3 } as const;

/** Makes the temporary directory of a build, outside of any project: what lies above it must not be found by tools that look there. */
export async function makeScratch(): Promise<string> {
  return mkdtemp(join(await realpath(tmpdir()), PREFIX));
}

/** Nothing else is removed on a file's word. */
function isScratch(path: string): boolean {
  return basename(path).startsWith(PREFIX) && isAbsolute(path) && !path.split("/").includes("..");
}

/** Removes what a build leaves when it has ended, well or not. */
export async function closeWork(dir: string, scratch: string): Promise<void> {
  await rm(scratch, GONE);
  await rm(dir, GONE);
}

async function readHolder(dir: string): Promise<z.infer<typeof Holder> | undefined> {
  try {
    return Holder.parse(JSON.parse(await readFile(join(dir, "holder.json"), "utf8")));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
