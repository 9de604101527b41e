import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { PROJECT_ROOT } from "../machine/paths.ts";
import type { Engine } from "./programs.ts";

const run = promisify(execFile);

/** Initialising MariaDB takes seconds on a busy disk. */
const INITIALISE_MS = 120_000;

/** How a data directory is made. */
export interface Initialisation {
  readonly engine: Engine;
  /** Everything that decides what it is like: versions, options. */
  readonly key: string;
  /** Makes it at `path`, whose parent exists. */
  make(path: string, run: (command: readonly string[]) => Promise<void>): Promise<void>;
  /** `user:group` that has to own it, when not we do. */
  readonly owner?: string;
}

/** Data directories as made by the servers' own programs are kept here, one for each version, for all sandboxes. */
const CACHE = join(PROJECT_ROOT, "node_modules/.cache/sitefleet/databases");

/**
 * Puts a new data directory at `target`: a copy (a tenth of a second) of one that was initialised before (seconds), by
 * whichever sandbox came first. Whole or not at all, also when this process is killed.
 */
export async function newDataDirectory(target: string, how: Initialisation): Promise<void> {
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const template = await ensureTemplate(how);
  const next = `${target}.new`;
  rmSync(next, { recursive: true, force: true });
  await copy(template, next);
  renameSync(next, target);
}

async function ensureTemplate(how: Initialisation): Promise<string> {
  const digest = createHash("sha256").update(how.key).digest("hex").slice(0, 16);
  const template = join(CACHE, `${how.engine}-${digest}`);
  if (existsSync(template)) return template;
  mkdirSync(CACHE, { recursive: true });
  // Memory first: hundreds of small files that are each synced to disk take ten times as long there.
  const work = mkdtempSync(join(sharedMemory() ?? tmpdir(), "sitefleet-database-"));
  const next = mkdtempSync(join(CACHE, ".new-"));
  try {
    if (how.owner !== undefined) await run("chown", [how.owner, work]);
    const made = join(work, "data");
    await how.make(made, async ([program = "", ...args]) => {
      await run(program, args, { cwd: work, timeout: INITIALISE_MS, env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" } });
    });
    await copy(made, join(next, "data"));
    try {
      renameSync(join(next, "data"), template);
    } catch (error) {
      // Another sandbox was as quick: its directory is as good.
      if (!existsSync(template)) throw error;
    }
    return template;
  } finally {
    for (const folder of [work, next]) rmSync(folder, { recursive: true, force: true });
  }
}

/** `cp -a`: owners, modes and times stay; where the file system can, the content is shared until it changes. */
async function copy(from: string, to: string): Promise<void> {
  await run("cp", ["-a", "--reflink=auto", from, to]);
}

/** Bytes that both servers' new data directories and their work take, with room to spare: 26 and 28 MB measured. */
const ROOM = 150e6;

/** Linux's memory-backed files, where hundreds of synced writes cost nothing; undefined where there are none, or too little of it. */
function sharedMemory(): string | undefined {
  try {
    const { bavail, bsize, type } = statfsSync("/dev/shm");
    const tmpfs = 0x01021994;
    return type === tmpfs && bavail * bsize > ROOM ? "/dev/shm" : undefined;
  } catch {
    return undefined;
  }
}
