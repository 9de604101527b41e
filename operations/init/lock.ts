import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { ticksOf } from "../../fleet/backend/locks/holder.ts";
import { create } from "./write.ts";

/** File that says who sets the estate up. */
const NAME = ".init.lock";

/**
 * Keeps a second `init` out of a directory. What a process that is gone has left is taken over.
 *
 * @returns gives it back
 * @throws SitefleetError `init.busy`, `file.unwritable`
 */
export function lockPlace(dir: string): () => void {
  const fresh = !existsSync(dir);
  makeDir(dir);
  const file = join(dir, NAME);
  const own = `${process.pid} ${ticksOf(process.pid) ?? ""}`;
  const release = () => {
    rmSync(file, { force: true });
    // Where nothing was made nothing is left.
    if (fresh && readdirSync(dir).length === 0) rmdirSync(dir);
  };
  for (let tries = 0; tries < 2; tries += 1) {
    if (create(file, own, 0o600)) return release;
    const [pid = "", ticks = ""] = textOf(file).split(" ");
    if (ticks !== "" && ticksOf(Number(pid)) === ticks) break;
    rmSync(file, { force: true });
  }
  throw new SitefleetError({
    code: "init.busy",
    message: "another init works in this directory",
    subject: dir,
    hint: `wait for it to end; it is process ${textOf(file).split(" ")[0]}`,
  });
}

function makeDir(dir: string): void {
  try {
    // Not recursive: Node tries for ever where a file system takes no directory and says ENOENT, as /proc does.
    for (const missing of missingAbove(dir)) mkdirSync(missing);
  } catch (cause) {
    // Another one has made it meanwhile.
    if (existsSync(dir)) return;
    throw new SitefleetError({
      code: "file.unwritable",
      message: `the directory cannot be made (${(cause as NodeJS.ErrnoException).code})`,
      subject: dir,
      hint: "name another directory",
      cause,
    });
  }
}

/** The directories that are missing on the way to one, the outermost first. */
function missingAbove(dir: string): string[] {
  return existsSync(dir) ? [] : [...missingAbove(dirname(dir)), dir];
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
