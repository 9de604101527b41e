import { existsSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { remove } from "../machine/files.ts";
import { type SandboxPaths, sandboxDir, sandboxPaths } from "../machine/paths.ts";
import { SESSION_MARKER } from "../ssh/index.ts";
import { PART_NAMES, type PartName, readInfo } from "./info.ts";
import { withLock } from "./lock.ts";
import { forgetPart, readPart } from "./parts.ts";
import {
  descendants,
  isAlive,
  type ProcessIdentity,
  processesWithEnvironment,
  processesWritingTo,
  terminate,
} from "./processes.ts";

/** What {@link stopSandbox} is told. */
export interface StopOptions {
  /** @default SITEFLEET_SANDBOX_DIR, else `.sandbox` in the project */
  readonly dir?: string;
  /** Delete the directory with all state, keys and logs. @default false */
  readonly purge?: boolean;
}

/** What {@link stopSandbox} did. */
export interface StopResult {
  readonly dir: string;
  /** Parts that were running. */
  readonly stopped: readonly PartName[];
  readonly purged: boolean;
}

/**
 * Ends exactly the processes that were started for this sandbox, commands of its SSH sessions included, after its
 * state was written. Nothing to do when it does not run.
 *
 * @throws SitefleetError `sandbox.dir`, `sandbox.busy`, `sandbox.stop` when a process cannot be ended,
 *   `sandbox.purge` when the directory is not a sandbox's
 */
export async function stopSandbox(options: StopOptions = {}): Promise<StopResult> {
  const dir = sandboxDir(options.dir);
  if (!existsSync(dir)) return { dir, stopped: [], purged: false };
  return withLock(dir, 60_000, async () => {
    const paths = sandboxPaths(dir);
    if (options.purge === true) requireSandbox(paths);
    const ended = await Promise.all(PART_NAMES.map((name) => endPart(paths, name)));
    const stopped = PART_NAMES.filter((_, index) => ended[index]);
    unlinkHost(paths);
    remove(paths.info);
    if (options.purge === true) rmSync(dir, { recursive: true, force: true });
    return { dir, stopped, purged: options.purge === true };
  });
}

/**
 * Ends one part and everything it left behind; true when it was running.
 *
 * @throws SitefleetError `sandbox.stop`
 */
export async function endPart(paths: SandboxPaths, name: PartName): Promise<boolean> {
  const record = readPart(paths, name);
  const main = record !== undefined && isAlive(record.identity) ? [record.identity] : [];
  // PostgreSQL's own way to end at once and in order; its children are not to be ended from outside.
  if (name === "postgresql") await terminate(main, undefined, "SIGINT");
  const found = [...main, ...main.flatMap(({ pid }) => descendants(pid)), ...leftovers(paths, name)];
  const unique = [...new Map(found.map((identity) => [identity.pid, identity])).values()];
  const left = await terminate(unique);
  if (left.length > 0) {
    throw new SitefleetError({
      code: "sandbox.stop",
      message: `Processes of the sandbox could not be ended: ${left.map(({ pid }) => pid).join(", ")}`,
      subject: paths.dir,
      hint: "Were they started by another user?",
    });
  }
  forgetPart(paths, name);
  return main.length > 0;
}

/** What a part that died left behind: sessions of sshd, commands in the background, children of providers. */
function leftovers(paths: SandboxPaths, name: PartName): ProcessIdentity[] {
  const writers = processesWritingTo(join(paths.logs, `${name}.log`));
  return name === "sshd" ? [...writers, ...processesWithEnvironment(SESSION_MARKER, paths.dir)] : writers;
}

/** Takes away the link of isolation mode `link`, if it is ours. */
function unlinkHost(paths: SandboxPaths): void {
  const ssh = readInfo(paths.dir)?.ssh;
  if (ssh?.mode !== "link") return;
  try {
    if (readlinkSync(ssh.root) === join(paths.host, ssh.root)) rmSync(ssh.root);
  } catch {
    // gone already
  }
}

/** A directory that was named by mistake must not be deleted. */
function requireSandbox(paths: SandboxPaths): void {
  if (existsSync(paths.secrets) || readdirSync(paths.dir).length === 0) return;
  throw new SitefleetError({
    code: "sandbox.purge",
    message: `${paths.dir} does not look like a sandbox's directory, so it was not deleted`,
    hint: "Name the directory that the sandbox was started with",
  });
}
