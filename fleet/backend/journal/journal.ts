import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { SitefleetError } from "../../../errors/index.ts";
import type { StackState } from "../../../stacks/desired.ts";
import type { Store } from "../store/store.ts";
import { pushRun } from "./shared-runs.ts";
import { figuresSchema, knownSchema, verdictSchema } from "./verdict.ts";

const countsSchema = z.object({
  created: z.number(),
  changed: z.number(),
  replaced: z.number(),
  deleted: z.number(),
  unchanged: z.number(),
});

/** What an update that serves worse than before goes back to. */
const backSchema = z.object({
  /** Stacks as they are to be: what changed in the run as it was before, the rest as the run has brought it. */
  desired: z.record(z.string(), z.custom<StackState>()),
  /** Hosts that go back. */
  hosts: z.array(z.string()),
  /** Releases that are remembered as bad. */
  bad: z.array(z.object({ repository: z.string(), commit: z.string() })),
  /** What does not go back by itself, since something would stay lost. */
  stay: z.array(z.object({ stack: z.string(), name: z.string(), reason: z.string() })),
});
/** See {@link RunRecord.judged}. */
export type GoingBack = z.infer<typeof backSchema>;

/** What was known before anything was changed, and how it was judged afterwards. */
const watchedSchema = z.object({
  /** Version of each stack when the run began; null = it had none that is known whole. */
  before: z.record(z.string(), z.number().nullable()),
  /** What failed already. */
  known: z.array(knownSchema),
  /** Sites that were there before and change. */
  sites: z.number(),
  /** The run whose judgement this one takes over. */
  carries: z.string().optional(),
  /** Stacks of the runs that it goes on with, and how they ended: they are judged with this one. */
  carried: z.record(z.string(), z.enum(["done", "failed"])).default({}),
});
const judgedSchema = z.object({
  verdict: verdictSchema,
  reason: z.string(),
  figures: figuresSchema,
  /** File with what was seen. */
  evidence: z.string().optional(),
  /** Only with `fail`: what goes back. */
  back: backSchema.optional(),
});
const wentBackSchema = z.object({
  /** Everything went back. */
  ok: z.boolean(),
  /** Why not. */
  errors: z.array(z.string()),
  /** Sites that were asked afterwards, and those that do not serve as before. */
  asked: z.number(),
  failing: z.array(z.string()),
});

const entrySchema = z.discriminatedUnion("event", [
  z.object({
    event: z.literal("run-started"),
    at: z.string(),
    run: z.string(),
    operation: z.string(),
    stacks: z.array(z.string()),
    resumes: z.string().optional(),
    /** Of a rollback: what goes back to which version. */
    aims: z.array(z.object({ stack: z.string(), hosts: z.array(z.string()).optional(), to: z.number() })).optional(),
    /** Name of the machine. */
    host: z.string().optional(),
  }),
  /** What stood before the run, and who lifted what. */
  z.object({
    event: z.literal("preflight"),
    at: z.string(),
    /** `user@machine`, or the actor of a CI job. */
    by: z.string(),
    allowed: z.array(z.string()),
    why: z.string().optional(),
    findings: z.array(
      z.object({ rule: z.string(), scope: z.string(), sentence: z.string(), lifted: z.boolean().optional() }),
    ),
  }),
  /** The shared stack's update touched these: they belong to the run from then on. */
  z.object({ event: z.literal("run-widened"), at: z.string(), stacks: z.array(z.string()) }),
  z.object({ event: z.literal("stack-started"), at: z.string(), stack: z.string() }),
  z.object({ event: z.literal("stack-repaired"), at: z.string(), stack: z.string(), report: z.unknown() }),
  z.object({
    event: z.literal("stack-ended"),
    at: z.string(),
    stack: z.string(),
    ok: z.boolean(),
    counts: countsSchema,
    errors: z.array(z.string()),
    /** It failed, and nothing can have changed. */
    untouched: z.boolean().optional(),
  }),
  z.object({ event: z.literal("run-watched"), at: z.string(), ...watchedSchema.shape }),
  z.object({ event: z.literal("run-judged"), at: z.string(), ...judgedSchema.shape }),
  z.object({ event: z.literal("run-went-back"), at: z.string(), ...wentBackSchema.shape }),
  z.object({
    event: z.literal("escalated"),
    at: z.string(),
    reason: z.string(),
    /** What was done about it. */
    done: z.string(),
    figures: figuresSchema.optional(),
    evidence: z.string().optional(),
  }),
  /** This process's output is not read any more, or has no room. The run goes on. At most once a process. */
  z.object({ event: z.literal("output-lost"), at: z.string(), stream: z.enum(["stdout", "stderr"]), code: z.string() }),
  z.object({ event: z.literal("run-ended"), at: z.string(), ok: z.boolean(), reason: z.string().optional() }),
]);

/** One line of a run's journal. */
export type JournalEntry = z.infer<typeof entrySchema>;
/** What is written; the time is added. */
export type JournalEvent = JournalEntry extends infer Entry
  ? Entry extends unknown
    ? Omit<Entry, "at">
    : never
  : never;

/** What a run wrote down. */
export interface RunRecord {
  readonly run: string;
  readonly operation: string;
  readonly startedAt: string;
  /** Machine that it ran on; undefined for journals of before that was written. */
  readonly host: string | undefined;
  readonly stacks: readonly string[];
  /** Ended well. */
  readonly done: readonly string[];
  /** Started and not ended: its runner is gone. */
  readonly interrupted: readonly string[];
  readonly failed: readonly string[];
  /** Of the failed ones those in which nothing can have changed. @default none */
  readonly untouched?: readonly string[];
  /** Of a rollback: what goes back to which version. */
  readonly aims?: readonly { readonly stack: string; readonly hosts?: readonly string[]; readonly to: number }[];
  /** Safeguards that were lifted for it. @default none */
  readonly allowed?: readonly string[];
  /** Everything was done. */
  readonly complete: boolean;
  /** How it ended: `stopped` by a person or a signal. Undefined: it works, or its process was killed. */
  readonly ended?: "ended" | "stopped";
  /** What was known of the sites before it changed anything; undefined when they were not asked. */
  readonly watched?: z.infer<typeof watchedSchema>;
  /** How what it changed was judged. */
  readonly judged?: z.infer<typeof judgedSchema>;
  /** What became of taking it back: whether all went, and whether the sites serve as before. */
  readonly wentBack?: z.infer<typeof wentBackSchema>;
}

/** So soon is in the store what no caller waits for, ms: the next event comes with it most of the time. */
const SOON_MS = 250;

const fileOf = (dir: string, run: string) => join(dir, `${run}.jsonl`);

/** A new run's id: its time, so that names sort, and some chance. */
export function newRunId(now = new Date()): string {
  return `${now.toISOString().replace(/[-:]|\.\d+/g, "")}-${randomBytes(3).toString("hex")}`;
}

/**
 * A journal that is being written: one JSON line an event, on disk before `write` returns. With a store it goes there as
 * well, so that another machine can go on with the run.
 */
export class Journal {
  readonly #descriptor: number;
  readonly #push: (() => Promise<void>) | undefined;
  #pushed: Promise<void> = Promise.resolve();
  #written = 0;
  #stored = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(dir: string, run: string, store?: Store) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    this.#descriptor = openSync(fileOf(dir, run), "a", 0o600);
    this.#push = store && (() => pushRun(store, dir, run));
  }

  write(event: JournalEvent): void {
    writeSync(this.#descriptor, `${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`);
    fsyncSync(this.#descriptor);
    this.#written++;
    // A caller that must be sure flushes. After a failure here the next write tries again.
    if (this.#push) this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), SOON_MS);
  }

  /** Resolves when all that was written so far is in the store. @throws SitefleetError `store.unreachable` */
  flush(): Promise<void> {
    const push = this.#push;
    if (push === undefined) return Promise.resolve();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const wanted = this.#written;
    const next = this.#pushed
      .catch(() => {})
      .then(async () => {
        if (this.#stored >= wanted) return;
        const written = this.#written;
        await push();
        this.#stored = written;
      });
    this.#pushed = next;
    return next;
  }

  /** Ends. Rejects when the store lacks the end; the disk has it, and the next run hands it in. */
  async close(): Promise<void> {
    closeSync(this.#descriptor);
    await this.flush();
  }
}

/** Reads a run's journal. A last line that was cut off by a crash is left out. @throws SitefleetError `run.unknown` */
export function readRun(dir: string, run: string): RunRecord {
  let text: string;
  try {
    text = readFileSync(fileOf(dir, run), "utf8");
  } catch (error) {
    throw new SitefleetError({
      code: "run.unknown",
      message: "there is no journal of this run",
      subject: run,
      cause: error,
    });
  }
  return summariseRun(run, text.split("\n").flatMap(parseLine));
}

function parseLine(line: string): JournalEntry[] {
  if (line === "") return [];
  try {
    return [entrySchema.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}

/** What the entries of a journal come to. Pure. */
export function summariseRun(run: string, entries: readonly JournalEntry[]): RunRecord {
  const last = <Name extends JournalEntry["event"]>(name: Name) =>
    entries.findLast((entry): entry is Extract<JournalEntry, { event: Name }> => entry.event === name);
  const start = entries.find((entry) => entry.event === "run-started");
  const [watched, judged, wentBack] = [last("run-watched"), last("run-judged"), last("run-went-back")];
  const end = last("run-ended");
  const state = new Map<string, "interrupted" | "done" | "failed">();
  const untouched = new Set<string>();
  for (const entry of entries) {
    if (entry.event === "stack-started") state.set(entry.stack, "interrupted");
    if (entry.event === "stack-ended") {
      state.set(entry.stack, entry.ok ? "done" : "failed");
      if (!entry.ok && entry.untouched) untouched.add(entry.stack);
      else untouched.delete(entry.stack);
    }
  }
  const widened = entries.flatMap((entry) => (entry.event === "run-widened" ? entry.stacks : []));
  const stacks = [...new Set([...(start?.stacks ?? []), ...widened])];
  const allowed = last("preflight")?.allowed ?? [];
  const inState = (wanted: string) => stacks.filter((stack) => state.get(stack) === wanted);
  return {
    run,
    operation: start?.operation ?? "up",
    startedAt: start?.at ?? "",
    host: start?.host,
    stacks,
    aims: start?.aims,
    done: inState("done"),
    interrupted: inState("interrupted"),
    failed: inState("failed"),
    untouched: untouched.size > 0 ? [...untouched] : undefined,
    complete: stacks.every((stack) => state.get(stack) === "done"),
    allowed: allowed.length > 0 ? allowed : undefined,
    ended: end && (end.reason === "stopped" ? "stopped" : "ended"),
    watched,
    judged,
    wentBack,
  };
}

/** All runs, the newest first. */
export function listRuns(dir: string): RunRecord[] {
  let names: string[] = [];
  try {
    names = readdirSync(dir).filter((name) => name.endsWith(".jsonl"));
  } catch {}
  return names
    .sort()
    .reverse()
    .map((name) => readRun(dir, name.slice(0, -".jsonl".length)));
}
