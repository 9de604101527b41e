import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { lifeOf } from "../../fleet/backend/locks/process-life.ts";
import { writeAtomically } from "../../fleet/backend/store/state-dir.ts";
import type { Left } from "../../flows/types.ts";
import type { Flow } from "../../model/index.ts";

/** Times that a later run tries to take something away before it gives up. */
const TRIES = 3;

const keptSchema = z.object({
  /** The process of the try, as `lifeOf` tells it from a later one of the same number. */
  host: z.string(),
  pid: z.int(),
  startedAt: z.number().optional(),
  tries: z.int().min(0),
  left: z.object({
    flow: z.string(),
    origin: z.string(),
    user: z.object({ run: z.string(), mail: z.string(), name: z.string(), password: z.string() }),
    session: z.custom<Left["session"]>((value) => value === undefined || typeof value === "object").optional(),
  }),
});
type Kept = z.infer<typeof keptSchema>;

const OWN = { host: hostname(), pid: process.pid, startedAt: lifeOf(process.pid).startedAt };

/** Does the process of a try go on, or can this machine not tell? */
function goesOn({ host, pid, startedAt }: Kept): boolean {
  if (host !== OWN.host) return true;
  const life = lifeOf(pid);
  // Starts are known to the second.
  const same = Math.abs((life.startedAt ?? startedAt ?? 0) - (startedAt ?? life.startedAt ?? 0)) < 2000;
  return life.alive && same;
}

/** What became of something that an earlier run left. */
export interface TakenAway {
  readonly flow: string;
  /** Mail address of the test user. */
  readonly mail: string;
  /** Why it is still there; null when it was taken away. */
  readonly reason: string | null;
}

/**
 * What tries of flows may have left, a file each that this user alone can read: a process that is killed takes nothing away, and the next
 * run does. A test user is of one try alone, and so is its session.
 */
export class LeftBook {
  readonly #dir: string;

  /** @param dir made when something is kept */
  constructor(dir: string) {
    this.#dir = dir;
  }

  keep(id: string, left: Left): void {
    this.#write(id, { ...OWN, tries: 0, left });
  }

  forget(id: string): void {
    rmSync(this.#file(id), { force: true });
  }

  /**
   * Takes away what processes that have ended left.
   *
   * @param take why it could not; undefined when it did
   */
  async clean(
    flows: readonly Flow[],
    take: (flow: Flow, left: Left) => Promise<string | undefined>,
  ): Promise<TakenAway[]> {
    const done: TakenAway[] = [];
    for (const [id, kept] of this.#ended()) {
      const { flow: key, user } = kept.left;
      const flow = flows.find((one) => one.key === key);
      const reason = flow === undefined ? "flows.yaml declares this flow no more" : await take(flow, kept.left);
      const last = flow === undefined || kept.tries + 1 >= TRIES;
      if (reason === undefined || last) this.forget(id);
      else this.#write(id, { ...kept, tries: kept.tries + 1 });
      const given = last ? "; it is not tried again" : "";
      done.push({ flow: key, mail: user.mail, reason: reason === undefined ? null : `${reason}${given}` });
    }
    return done;
  }

  #ended(): [string, Kept][] {
    const names = existsSync(this.#dir) ? readdirSync(this.#dir).filter((name) => name.endsWith(".json")) : [];
    return names.flatMap((name): [string, Kept][] => {
      const id = name.replace(/\.json$/, "");
      try {
        const kept = keptSchema.parse(JSON.parse(readFileSync(this.#file(id), "utf8")));
        return goesOn(kept) ? [] : [[id, kept]];
      } catch {
        // Damaged: nothing in it says whose it is.
        this.forget(id);
        return [];
      }
    });
  }

  #write(id: string, kept: Kept): void {
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    writeAtomically(this.#file(id), JSON.stringify(kept));
  }

  #file(id: string): string {
    return join(this.#dir, `${id}.json`);
  }
}
