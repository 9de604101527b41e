import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import spawn from "nano-spawn";
import { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";
import type { StackState } from "../../stacks/desired.ts";
import { PROJECT_ROOT } from "../../stacks/program.ts";
import { fileBackend } from "../repair/file-backend.ts";
import { PROJECT_NAME } from "../repair/project.ts";
import { engineStore } from "../store/state-store.ts";

/** An update of a stack, as the backend remembers it. */
export interface StackVersion {
  readonly stack: string;
  /** Counted from 1, as `pulumi stack history` does. */
  readonly version: number;
  /** ms since 1970 */
  readonly startedAt: number;
  readonly succeeded: boolean;
  /**
   * What the stack was declared to be; undefined where the update did not end well, was limited to a part, or is older than
   * this project's keeping it. Read from the backend when it is asked for.
   */
  desired(): Promise<StackState | undefined>;
}

/** Versions that are looked at: one older than these is not what anybody goes back to in a hurry. */
const MOST_VERSIONS = 200;

/** How long the CLI may take for one answer, ms. */
const CLI_TIMEOUT_MS = 60_000;

/** What an update was; its copy of the state lies beside it. */
const HISTORY = /\.history\.json(\.gz)?$/;

const updateSchema = z.looseObject({ startTime: z.number(), result: z.string(), kind: z.string() });
const outputsSchema = z.object({ desired: z.string() });
const resourcesSchema = z.looseObject({ type: z.string(), outputs: z.record(z.string(), z.unknown()).optional() });

/**
 * The updates of a stack that the backend remembers, the newest first. Directories, buckets and tables hold a copy of the
 * state a version; Pulumi Cloud exports one by its number.
 *
 * @throws SitefleetError `rollback.history`, `store.unreachable`
 */
export async function stackVersions(stack: string, env: NodeJS.ProcessEnv = process.env): Promise<StackVersion[]> {
  const files = await historyFiles(stack, env);
  const found = files === undefined ? await fromCli(stack) : await fromFiles(stack, files);
  return found.reverse();
}

/** An update as far as its copy of the state goes. */
export type Checkpoint = Pick<StackVersion, "version" | "desired">;

/**
 * The same, newest first, without reading what each update was: who wants only the last state of a stack with hundreds of
 * updates reads one file.
 *
 * @throws SitefleetError `rollback.history`, `store.unreachable`
 */
export async function stackCheckpoints(stack: string, env: NodeJS.ProcessEnv = process.env): Promise<Checkpoint[]> {
  const files = await historyFiles(stack, env);
  if (files === undefined) return (await fromCli(stack)).reverse();
  const found = files.names
    .filter((name) => HISTORY.test(name))
    .map((name, index) => ({ version: index + 1, desired: () => desiredIn(files, name) }));
  return found.slice(-MOST_VERSIONS).reverse();
}

/** Files of a stack's history: their names in order of time, and how to read one. */
interface HistoryFiles {
  readonly names: readonly string[];
  read(name: string): Promise<string>;
}

async function historyFiles(stack: string, env: NodeJS.ProcessEnv): Promise<HistoryFiles | undefined> {
  const folder = join(".pulumi", "history", PROJECT_NAME, stack);
  const dir = fileBackend(env);
  if (dir !== undefined) {
    const names = namesIn(join(dir, folder)).sort();
    return { names, read: async (name) => unpacked(name, readFileSync(join(dir, folder, name))) };
  }
  const store = await engineStore(env);
  if (store === undefined) return undefined;
  const keys = (await store.list(`${folder}/`)).map(({ key }) => key.slice(folder.length + 1)).sort();
  return { names: keys, read: async (name) => (await store.get(`${folder}/${name}`))?.text ?? "" };
}

function unpacked(name: string, bytes: Buffer): string {
  return (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}

async function fromFiles(stack: string, files: HistoryFiles): Promise<StackVersion[]> {
  const histories = files.names.filter((name) => HISTORY.test(name));
  const older = Math.max(0, histories.length - MOST_VERSIONS);
  return Promise.all(
    histories.slice(older).map(async (name, index): Promise<StackVersion> => {
      const update = updateSchema.safeParse(JSON.parse(await files.read(name)));
      if (!update.success) throw unreadable(stack, name, update.error);
      return { ...describe(stack, older + index + 1, update.data), desired: () => desiredIn(files, name) };
    }),
  );
}

/** What the copy of the state beside an update's file says. */
async function desiredIn(files: HistoryFiles, name: string): Promise<StackState | undefined> {
  const checkpoint = name.replace(".history.json", ".checkpoint.json");
  if (!files.names.includes(checkpoint)) return undefined;
  const { checkpoint: state } = JSON.parse(await files.read(checkpoint));
  return desiredOf(state?.latest?.resources);
}

/** Pulumi Cloud's versions. Its history is newest first and counts them itself. */
async function fromCli(stack: string): Promise<StackVersion[]> {
  const listSchema = z.array(z.looseObject({ ...updateSchema.shape, startTime: z.string(), version: z.number() }));
  const list = listSchema.safeParse(JSON.parse(await ask(stack, ["stack", "history", "--json"])));
  if (!list.success) throw unreadable(stack, "pulumi stack history", list.error);
  return list.data
    .map(({ startTime, version, ...rest }) => ({
      ...describe(stack, version, { ...rest, startTime: Date.parse(startTime) / 1000 }),
      desired: async () => {
        const { deployment } = JSON.parse(await ask(stack, ["stack", "export", "--version", String(version)]));
        return desiredOf(deployment?.resources);
      },
    }))
    .sort((a, b) => a.version - b.version);
}

async function ask(stack: string, args: readonly string[]): Promise<string> {
  try {
    const options = { cwd: PROJECT_ROOT, stdin: "ignore" as const, timeout: CLI_TIMEOUT_MS };
    return (await spawn("pulumi", [...args, "--stack", stack, "--non-interactive"], options)).stdout;
  } catch (error) {
    throw unreadable(stack, `pulumi ${args.join(" ")}`, error);
  }
}

function describe(stack: string, version: number, update: z.infer<typeof updateSchema>) {
  // Seconds since 1970 in the engine's own files.
  return { stack, version, startedAt: update.startTime * 1000, succeeded: update.result === "succeeded" };
}

/** The desired state that a stack's outputs hold. Pure. */
export function desiredOf(resources: unknown): StackState | undefined {
  const list = z.array(resourcesSchema).safeParse(resources);
  if (!list.success) return undefined;
  const outputs = outputsSchema.safeParse(list.data.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs);
  return outputs.success ? (JSON.parse(outputs.data.desired) as StackState) : undefined;
}

function unreadable(stack: string, what: string, cause: unknown): SitefleetError {
  return new SitefleetError({
    code: "rollback.history",
    message: `the stack's history cannot be read (${what})`,
    subject: stack,
    hint: "pulumi stack history --stack NAME shows it",
    cause,
  });
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
