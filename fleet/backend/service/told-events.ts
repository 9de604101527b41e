/** An event as the engine posts it: what it logs, and its place among the others. */
interface Posted {
  readonly sequence: number;
}

/** The events that an engine posts, in their order: it posts several batches at once. */
export class ToldEvents<Event extends Posted> {
  readonly #onEvent: (event: Event) => void;
  readonly #early = new Map<number, Event>();
  #next = 0;

  constructor(onEvent: (event: Event) => void) {
    this.#onEvent = onEvent;
  }

  /** Takes a batch; one that comes again after a lost answer changes nothing. */
  add(batch: readonly Event[]): void {
    for (const event of batch) if (event.sequence >= this.#next) this.#early.set(event.sequence, event);
    for (let event = this.#early.get(this.#next); event !== undefined; event = this.#early.get(this.#next)) {
      this.#early.delete(this.#next);
      this.#next++;
      this.#onEvent(event);
    }
  }

  /** Whether some are missing between those that came. */
  get hasGap(): boolean {
    return this.#early.size > 0;
  }
}
