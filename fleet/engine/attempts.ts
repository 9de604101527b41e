import { typeOfUrn } from "../../provider/framework/urn.ts";
import { canGoAgain } from "../../vendors/index.ts";
import type { Left } from "../backend/service/state-part.ts";
import type { EngineEvent } from "./event-log.ts";
import { FailedCreates } from "./failed-creates.ts";
import { addCounts, changes, NO_COUNTS, type Outcome, OutcomeBuilder, type Step } from "./outcome.ts";

/** Attempts at one operation, the first included, as long as each gets somewhere. */
export const MOST_ATTEMPTS = 5;
/** So many attempts in a row without any progress end it. */
const STUCK = 2;
/** Pause before the second attempt, ms; doubled each time. A vendor's bad moment lasts seconds. */
const FIRST_PAUSE_MS = 1_000;

/** The attempts at one operation on one stack: providers give up at a vendor's first bad answer. */
export class Attempts {
  #builder = new OutcomeBuilder();
  #conflicts = new FailedCreates();
  #number = 1;
  #begun = false;
  #before: { readonly counts: Outcome["counts"]; readonly steps: readonly Step[]; readonly touched: boolean } = {
    counts: NO_COUNTS,
    steps: [],
    touched: false,
  };
  #trouble: string | undefined;
  /** Attempts in a row that did nothing and failed where the one before had. */
  #stuck = 0;

  /** Number of the attempt, from 1. */
  get number(): number {
    return this.#number;
  }

  /** Whether the engine has said anything at all. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Creates that failed in this attempt. */
  get conflicts(): FailedCreates {
    return this.#conflicts;
  }

  /** Takes one event of the engine; returns the step it reports, if it is one that counts as a change. */
  add(event: EngineEvent): Step | undefined {
    this.#begun = true;
    this.#conflicts.add(event);
    return this.#builder.add(event);
  }

  /** What this attempt's engine was not given of the state. */
  left(left: Left): void {
    this.#builder.left(left);
  }

  /**
   * Whether to try again after a failure. All failures must be at a vendor, and one of the last two attempts must have done something
   * or have failed in another place. So a lasting failure is tried twice more. It is not tried again when the vendor's answer says
   * that it lasts (a token without the right, a domain that another account holds).
   *
   * @param lasting what an attempt does stays done: all but previews
   */
  worthwhile(lasting: boolean): boolean {
    const urns = this.#builder.troubled();
    const types = urns.map(typeOfUrn);
    if (this.#number >= MOST_ATTEMPTS || types.length === 0 || !types.every(canGoAgain)) return false;
    if (this.#builder.hopeless(lasting)) return false;
    const trouble = JSON.stringify(urns);
    const further = (lasting && changes(this.#builder.outcome().counts) > 0) || trouble !== this.#trouble;
    this.#trouble = trouble;
    this.#stuck = further ? 0 : this.#stuck + 1;
    return this.#stuck < STUCK;
  }

  /** How long to wait before the next attempt, ms, with some chance in it so that stacks do not come back all at once. */
  pause(): number {
    return FIRST_PAUSE_MS * 2 ** (this.#number - 1) * (0.5 + Math.random());
  }

  /** Begins the next attempt. @param lasting see {@link Attempts.worthwhile} */
  next(lasting: boolean): void {
    this.#number += 1;
    this.went(lasting);
  }

  /** Ends a part of the operation that comes before what follows and is no attempt of its own. @param lasting @default true */
  went(lasting = true): void {
    if (lasting) {
      const { counts, steps, untouched } = this.#builder.outcome();
      this.#before = {
        counts: addCounts(this.#before.counts, { ...counts, unchanged: 0 }),
        steps: [...this.#before.steps, ...steps],
        touched: this.#before.touched || !untouched,
      };
    }
    this.#builder = new OutcomeBuilder();
    this.#conflicts = new FailedCreates();
  }

  /** What came of it, over all attempts. */
  outcome(): Outcome & { readonly attempts?: number } {
    const last = this.#builder.outcome();
    const { counts, steps, touched } = this.#before;
    if (this.#number === 1 && steps.length === 0) return last;
    // What an earlier attempt made, the last one found unchanged.
    const unchanged = Math.max(0, last.counts.unchanged - (changes(counts) - counts.deleted));
    const { untouched, ...rest } = last;
    return {
      ...rest,
      ...(untouched && !touched ? { untouched } : {}),
      steps: [...steps, ...last.steps],
      counts: addCounts(counts, { ...last.counts, unchanged }),
      attempts: this.#number === 1 ? undefined : this.#number,
    };
  }
}
