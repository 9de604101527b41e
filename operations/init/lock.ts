import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { ticksOf } from "../../fleet/backend/locks/holder.ts";
import { create } from "./write.ts";

/** File that says who sets the estate up. */
const NAME = ".init.lock";

/**
 * Keeps a second `init` out of a directory. What a process that is gone has left is taken over.
 *
 * @returns gives it back
 * @throws SitefleetError `init.busy`
 */
export function lockPlace(dir: string): () => void {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, NAME);
  const own = `${process.pid} ${ticksOf(process.pid) ?? ""}`;
  for (let tries = 0; tries < 2; tries += 1) {
    if (create(file, own, 0o600)) return () => rmSync(file, { force: true });
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

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
