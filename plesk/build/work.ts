import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";

const Holder = z.object({ pid: z.int().positive(), host: z.string(), since: z.string() });

/**
 * Makes the directory of a build under way; only one build of an artifact has it. It lies beside the artifact, so that what is
 * made in it can be put into place by renaming. One that a killed build has left is taken over.
 *
 * @throws SitefleetError `build.busy` while another build of the same artifact runs.
 */
export async function openWork(dir: string, subject: string): Promise<void> {
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
      await rm(dir, { recursive: true, force: true });
    }
  }
  const holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  await writeFile(join(dir, "holder.json"), JSON.stringify(holder));
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
