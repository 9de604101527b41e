import { z } from "zod";
import { SitefleetError } from "../../../errors/index.ts";
import { OUR_PREFIX } from "../store/state-store.ts";
import { type Holder, holderSchema, isDeadHere, isHere } from "./holder.ts";

/** The one object of ours that holds all locks: so several are taken in one step, or none. See `ownStore`. */
export const LOCKS = "locks.json";
/** The same in a bucket or table, among all objects there. */
export const LOCKS_KEY = `${OUR_PREFIX}${LOCKS}`;
/** A holder whose sign of life stays the same for so long, by the waiting run's clock, is taken for gone, ms. */
const STALE_MS = 60_000;

const locksSchema = z.object({
  version: z.literal(1),
  runs: z.record(
    z.string(),
    holderSchema.extend({
      beat: z.number(),
      /** Of the process: two may go on with the same run. @default not known, as in locks of before this was written */
      token: z.string().optional(),
    }),
  ),
  /** Stack → run. */
  stacks: z.record(z.string(), z.string()),
});

/** All locks of a backend. */
export type LockTable = z.infer<typeof locksSchema>;

/** Reads the object. @throws SitefleetError `lock.unreadable` */
export function parseLocks(text: string | undefined): LockTable {
  if (text === undefined) return { version: 1, runs: {}, stacks: {} };
  try {
    return locksSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new SitefleetError({
      code: "lock.unreadable",
      message: "the locks have a shape that is not known",
      subject: LOCKS,
      hint: "when no run is under way: delete this object",
      cause,
    });
  }
}

/** A process that takes locks for a run. */
export type Taker = Holder & { readonly token?: string };

/** The run's entry, unless another process of the same run has it. Pure. */
export function entryOf(
  locks: LockTable,
  { run, token }: Pick<Taker, "run" | "token">,
): LockTable["runs"][string] | undefined {
  const entry = locks.runs[run];
  return entry?.token === undefined || entry.token === token ? entry : undefined;
}

/** Gives stacks to a run, or says who holds one of them. Runs in `gone` hold nothing any more. Pure. */
export function grant(
  locks: LockTable,
  stacks: readonly string[],
  self: Taker,
  gone: ReadonlySet<string>,
): { readonly locks: LockTable; readonly blocked?: { readonly stack: string; readonly holder: Holder } } {
  const living = without(locks, gone);
  const other = living.runs[self.run];
  if (other !== undefined && entryOf(living, self) === undefined) {
    const held = Object.keys(living.stacks).find((stack) => living.stacks[stack] === self.run);
    return { locks: living, blocked: { stack: held ?? stacks[0] ?? "", holder: other } };
  }
  for (const stack of [...stacks].sort()) {
    const run = living.stacks[stack];
    const holder = run === undefined ? undefined : living.runs[run];
    if (holder !== undefined && run !== self.run) return { locks: living, blocked: { stack, holder } };
  }
  const taken = Object.fromEntries(stacks.map((stack) => [stack, self.run]));
  return {
    locks: {
      version: 1,
      runs: { ...living.runs, [self.run]: { ...self, beat: 0 } },
      stacks: { ...living.stacks, ...taken },
    },
  };
}

/** Takes runs out, with all that they hold. Pure. */
export function without(locks: LockTable, runs: ReadonlySet<string>): LockTable {
  return {
    version: 1,
    runs: Object.fromEntries(Object.entries(locks.runs).filter(([run]) => !runs.has(run))),
    stacks: Object.fromEntries(
      Object.entries(locks.stacks).filter(([, run]) => !runs.has(run) && locks.runs[run] !== undefined),
    ),
  };
}

/** Tells which runs are gone: processes of this machine that ended, and other machines' that have stopped showing themselves. */
export class Watch {
  readonly #staleMs: number;
  readonly #seen = new Map<string, { beat: number; at: number }>();

  constructor(staleMs: number = STALE_MS) {
    this.#staleMs = staleMs;
  }

  /** @param now by any clock that only goes forward, ms: machines' clocks are never compared with each other */
  gone(locks: LockTable, now: number): Set<string> {
    const gone = new Set<string>();
    for (const [run, holder] of Object.entries(locks.runs)) {
      const seen = this.#seen.get(run);
      if (seen?.beat !== holder.beat) this.#seen.set(run, { beat: holder.beat, at: now });
      const still = seen?.beat === holder.beat && now - seen.at >= this.#staleMs;
      // A process of this machine is seen, also when it is held up for a while.
      if (isHere(holder) ? isDeadHere(holder) : still) gone.add(run);
    }
    return gone;
  }
}
