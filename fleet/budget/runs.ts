/** Hours in which runs may work: once a day, or some times a week. */
export interface WorkWindow {
  /** Start of the first of them, ms since 1970. */
  readonly startsAt: number;
  readonly seconds: number;
  /** After which time all of them come again: a day or a week. */
  readonly everySeconds: number;
  /** Starts within that time, seconds after `startsAt`, in their order, the first 0. @default only the first */
  readonly offsets?: readonly number[];
}

/** The start of the last window that began at or before a moment, and of the next. Times in ms since 1970. Pure. */
export function windowsAround(window: WorkWindow, at: number): { readonly last: number; readonly next: number } {
  const { startsAt, everySeconds, offsets = [0] } = window;
  const every = everySeconds * 1000;
  const turn = startsAt + Math.floor((at - startsAt) / every) * every;
  const starts = [...offsets.map((offset) => turn + offset * 1000), turn + every];
  const after = starts.findIndex((start) => start > at);
  return { last: starts[after - 1] ?? turn, next: starts[after] ?? turn + every };
}

/** A stack in the schedule. */
export interface Slot {
  readonly stack: string;
  readonly changes: number;
  readonly startsAt: number;
  readonly endsAt: number;
  /** The limit that it waited for. */
  readonly waitedFor?: string;
}

/** One job: from its first stack to its last. Times in ms since 1970. */
export interface PlannedRun {
  /** From 1 on. */
  readonly number: number;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly changes: number;
  readonly stacks: readonly Slot[];
  /** Why the next job goes on: the job's limit, a long wait for a budget, the end of the window; `done` for the last. */
  readonly ended: "done" | "job-limit" | "budget" | "window";
}

/** A job does not sit idle longer than this for a budget: it ends, and the next one starts when there is something to do. */
const LONGEST_IDLE_SECONDS = 90 * 60;

/** How {@link cutIntoRuns} cuts. */
export interface CutOptions {
  readonly jobLimitSeconds: number;
  readonly marginSeconds: number;
  readonly window?: WorkWindow;
}

/** Cuts a schedule into jobs; every stack is in exactly one. A stack longer than a job is one of its own. Pure. */
export function cutIntoRuns(
  slots: readonly Slot[],
  { jobLimitSeconds, marginSeconds, window }: CutOptions,
): PlannedRun[] {
  const runs: { stacks: Slot[]; ended: PlannedRun["ended"] }[] = [];
  const usable = Math.max(0, jobLimitSeconds - marginSeconds) * 1000;
  const windowOf = (at: number) => (window === undefined ? 0 : windowsAround(window, at).last);
  for (const slot of [...slots].sort((a, b) => a.startsAt - b.startsAt || a.endsAt - b.endsAt)) {
    const current = runs.at(-1);
    const start = current?.stacks[0]?.startsAt ?? 0;
    const busyUntil = Math.max(0, ...(current?.stacks.map(({ endsAt }) => endsAt) ?? []));
    const why: PlannedRun["ended"] | undefined =
      current === undefined
        ? "done"
        : windowOf(slot.startsAt) !== windowOf(start)
          ? "window"
          : slot.startsAt - busyUntil > LONGEST_IDLE_SECONDS * 1000
            ? "budget"
            : // What is in the job counts too: beside a stack longer than a job nothing else has room.
              Math.max(slot.endsAt, busyUntil) - start > usable
              ? "job-limit"
              : undefined;
    if (why === undefined) current?.stacks.push(slot);
    else {
      if (current) current.ended = why;
      runs.push({ stacks: [slot], ended: "done" });
    }
  }
  return runs.map(({ stacks, ended }, index) => ({
    number: index + 1,
    startsAt: stacks[0]?.startsAt ?? 0,
    endsAt: Math.max(...stacks.map(({ endsAt }) => endsAt)),
    changes: stacks.reduce((sum, { changes }) => sum + changes, 0),
    stacks,
    ended,
  }));
}
