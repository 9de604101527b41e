import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The programs that the checks run; they come with Debian's prometheus and prometheus-alertmanager. */
const TOOLS = ["promtool", "amtool", "prometheus", "prometheus-alertmanager"] as const;

/** Programs that are not on PATH. */
export const missingTools = (env: NodeJS.ProcessEnv): string[] =>
  TOOLS.filter((name) => spawnSync("sh", ["-c", `command -v ${name}`], { env }).status !== 0);

/** What a program prints; its own words when it fails. */
export function run(
  program: string,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; cwd?: string; input?: string },
): string {
  try {
    return execFileSync(program, args, { ...options, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(" ")}: ${stdout}${stderr}`);
  }
}

/** A directory that is gone after the work. */
export async function inScratch<Result>(work: (dir: string) => Promise<Result>): Promise<Result> {
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-monitoring-"));
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

export const read = (name: string): string => readFileSync(join("monitoring", name), "utf8");
