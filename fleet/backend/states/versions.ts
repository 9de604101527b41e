import { z } from "zod";
import { environment } from "../../../environment/index.ts";
import { SitefleetError } from "../../../errors/index.ts";
import type { StackState } from "../../../stacks/desired.ts";
import { pulumi } from "../pulumi.ts";
import { engineReader } from "../store/look.ts";
import { JSON_END, placesOf } from "../store/project.ts";
import { type Checkpoint, desiredOf, readCheckpoint, type StateResource } from "./checkpoint.ts";
import { checkpointOf } from "./state-files.ts";
import { unpacked } from "./unpacked.ts";

/** How an update ended. */
interface UpdateRecord {
  /** ms since 1970, in whole seconds */
  readonly startedAt: number;
  readonly succeeded: boolean;
  /** `update`, `refresh`, `destroy`, `import`, … */
  readonly kind: string;
}

/** An update of a stack, as the backend remembers it. What it holds is read from the backend when it is asked for. */
export interface StackVersion {
  readonly stack: string;
  /** Counted from 1, as `pulumi stack history` does. */
  readonly version: number;
  /** ms since 1970; before the next update begins. */
  readonly endedAt: number;
  record(): Promise<UpdateRecord>;
  /**
   * What its outputs say that the stack was declared to be; undefined where the update was limited to a part, or is older
   * than this project's keeping it. See {@link wholeState}.
   */
  desired(): Promise<StackState | undefined>;
  /** The resources of its state as the engine wrote them; empty where they are not kept. */
  resources(): Promise<readonly StateResource[]>;
  /** It is read from objects, see {@link readAhead}. */
  readonly early?: true;
}

/** The record of an update, among the files of a history. */
const HISTORY = new RegExp(`\\.history${JSON_END}$`);

/** Versions that are looked at. A rollback in a hurry does not go further back. */
const MOST_VERSIONS = 200;

const updateSchema = z.looseObject({ startTime: z.number(), result: z.string(), kind: z.string() });
/**
 * The updates of a stack that the backend remembers, the newest first. Directories, buckets and tables hold a copy of the
 * state a version; Pulumi Cloud exports one by its number.
 *
 * @throws SitefleetError `rollback.history`, `store.unreachable`
 */
export async function stackVersions(stack: string, env: NodeJS.ProcessEnv = environment()): Promise<StackVersion[]> {
  const files = await historyFiles(stack, env);
  const found = files === undefined ? await fromCli(stack, env) : await fromFiles(stack, files);
  return found.reverse();
}

/**
 * Begins to read the newest of these versions all at once: each is a question of its own to a bucket or table, and who looks for what was
 * before asks them one by one. Nothing where each question starts the engine's command line.
 *
 * @param versions the newest first
 * @param most how many
 */
export function readAhead(versions: readonly StackVersion[], most: number): void {
  for (const { record, resources, early } of versions.slice(0, most))
    if (early) for (const begun of [record(), resources()]) begun.catch(() => {});
}

/** Files of a stack's history: their names in order of time, and how to read one. */
interface HistoryFiles {
  readonly names: readonly string[];
  read(name: string): Promise<string>;
}

async function historyFiles(stack: string, env: NodeJS.ProcessEnv): Promise<HistoryFiles | undefined> {
  const store = await engineReader(env);
  if (store === undefined) return undefined;
  const folder = `${placesOf(stack).history}/`;
  return {
    names: (await store.list(folder)).map(({ key }) => key.slice(folder.length)).sort(),
    async read(name) {
      const bytes = (await store.bytes(folder + name))?.content ?? Buffer.alloc(0);
      return Buffer.from(unpacked(bytes)).toString("utf8");
    },
  };
}

async function fromFiles(stack: string, files: HistoryFiles): Promise<StackVersion[]> {
  const histories = files.names.filter((name) => HISTORY.test(name));
  const known = new Set(files.names);
  const older = Math.max(0, histories.length - MOST_VERSIONS);
  return histories.slice(older).map((name, index): StackVersion => {
    const checkpoint = name.replace(".history.json", ".checkpoint.json");
    const resources = once(async () => {
      if (!known.has(checkpoint)) return [];
      // A copy that is not whole is none.
      const document = parsed(await files.read(checkpoint));
      return document === undefined ? [] : readCheckpoint(document).resources;
    });
    return {
      stack,
      version: older + index + 1,
      endedAt: endedAtOf(name),
      record: once(async () => {
        const update = updateSchema.safeParse(parsed(await files.read(name)));
        // Cut off by a full disk: something was done, and it is not known how it ended.
        return update.success
          ? recordOf(update.data)
          : { startedAt: endedAtOf(name), succeeded: false, kind: "unknown" };
      }),
      resources,
      desired: async () => desiredOf(await resources()),
      early: true,
    };
  });
}

/** Nanoseconds since 1970 in the name, when the update had ended; here ms. */
const endedAtOf = (name: string) => Number(/-(\d+)\.history\./.exec(name)?.[1] ?? 0) / 1e6;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Pulumi Cloud's versions. Its history is newest first and counts them itself. */
async function fromCli(stack: string, env: NodeJS.ProcessEnv): Promise<StackVersion[]> {
  const listSchema = z.array(
    z.looseObject({ ...updateSchema.shape, startTime: z.string(), endTime: z.string(), version: z.number() }),
  );
  const list = listSchema.safeParse(JSON.parse(await ask(stack, ["stack", "history", "--json"], env)));
  if (!list.success) throw unreadable(stack, "pulumi stack history", list.error);
  return list.data
    .map(({ startTime, endTime, version, ...rest }): StackVersion => {
      const resources = once(async () => {
        const text = await ask(stack, ["stack", "export", "--version", String(version)], env);
        return readCheckpoint(JSON.parse(text)).resources;
      });
      const record = recordOf({ ...rest, startTime: Date.parse(startTime) / 1000 });
      const endedAt = Date.parse(endTime);
      return {
        stack,
        version,
        endedAt,
        record: async () => record,
        resources,
        desired: async () => desiredOf(await resources()),
      };
    })
    .sort((a, b) => a.version - b.version);
}

/**
 * The state as it is now, also what an update that was interrupted has left.
 *
 * @throws SitefleetError `state.damaged`, `rollback.history`, `store.unreachable`
 */
export async function readState(stack: string, env: NodeJS.ProcessEnv = environment()): Promise<Checkpoint> {
  const found = await checkpointOf(stack, env);
  return readCheckpoint(found ? found.document : JSON.parse(await ask(stack, ["stack", "export"], env)));
}

async function ask(stack: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  try {
    return await pulumi([...args, "--stack", stack], { env });
  } catch (error) {
    throw unreadable(stack, `pulumi ${args.join(" ")}`, error);
  }
}

function recordOf({ kind, result, startTime }: z.infer<typeof updateSchema>): UpdateRecord {
  // Seconds since 1970 in the engine's own files.
  return { startedAt: startTime * 1000, succeeded: result === "succeeded", kind };
}

/** Calls a function when it is first asked, and gives the same answer from then on. */
function once<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let answer: Promise<Answer> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
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

/** Kinds of updates that only write down what is there. */
const READING = new Set(["refresh", "import", "resource-import"]);

/**
 * Number of the last update that may have changed what is live; 0 when there is none. When it is another one than before,
 * another run has worked on the stack meanwhile. A refresh does not count, since a repair makes one.
 */
export async function lastChange(versions: readonly StackVersion[]): Promise<number> {
  for (const { version, record } of versions) if (!READING.has((await record()).kind)) return version;
  return 0;
}

/**
 * Whether the last update of a stack ended well. After one that did not, the stack's outputs say nothing: a provider that died
 * leaves those of the update in the state as if it had been done. @param versions the newest first
 */
export async function endedWell(versions: readonly StackVersion[]): Promise<boolean> {
  for (const { record } of versions) {
    const { kind, succeeded } = await record();
    if (!READING.has(kind)) return succeeded;
  }
  return false;
}

/**
 * What a version was declared to be, if all of it was done. The engine leaves the outputs of before in a state that an update
 * has failed on, or that a refresh has only read: those say nothing.
 */
export async function wholeState({ record, desired }: StackVersion): Promise<StackState | undefined> {
  const { succeeded, kind } = await record();
  return succeeded && !READING.has(kind) ? desired() : undefined;
}

/** What a stack was declared to be, and in which version. */
export interface WholeVersion {
  readonly version: number;
  readonly desired: StackState;
}

/** What a stack was declared to be when it was last known whole, from its backend. @throws those of {@link stackVersions} */
export async function newestWhole(stack: string): Promise<WholeVersion | undefined> {
  return firstWhole(await stackVersions(stack));
}

/** What a stack was declared to be when it was last known whole. @param versions the newest first */
export async function firstWhole(versions: readonly StackVersion[]): Promise<WholeVersion | undefined> {
  for (const version of versions) {
    const desired = await wholeState(version);
    if (desired !== undefined) return { version: version.version, desired };
  }
  return undefined;
}
