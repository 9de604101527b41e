import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../../environment/index.ts";
import type { CheckResult } from "./types.ts";

/** Files that are kept; older ones are deleted. */
const KEEP = 200;
const PREFIX = "check-";

/**
 * Writes everything that was seen of a deployment that is not promoted into the folder that SITEFLEET_EVIDENCE_DIR names. What
 * goes wrong with that fails no release: the state has the most important of it.
 *
 * @returns the file; undefined where there is no such folder
 */
export function keepCheck(
  deploymentId: string,
  { evidence: { whole } }: CheckResult,
  dir: string | undefined = environment().SITEFLEET_EVIDENCE_DIR,
): string | undefined {
  if (!dir || whole === undefined) return undefined;
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
    const file = join(dir, `${PREFIX}${time}-${deploymentId.replace(/[^\w-]/g, "")}.json`);
    writeFileSync(file, `${JSON.stringify(whole)}\n`, { mode: 0o600, flush: true });
    const old = readdirSync(dir).filter((name) => name.startsWith(PREFIX));
    for (const name of old.sort().reverse().slice(KEEP)) rmSync(join(dir, name), { force: true });
    return file;
  } catch {
    return undefined;
  }
}
