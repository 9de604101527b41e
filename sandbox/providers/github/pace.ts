import { setTimeout as sleep } from "node:timers/promises";

/** Waits between calls, in milliseconds. */
export interface Pace {
  /** After POST, PUT, PATCH, DELETE. */
  readonly writeDelayMs: number;
  /** After anything else. */
  readonly readDelayMs: number;
  /** True lets calls overlap. */
  readonly parallel: boolean;
}

/**
 * One call at a time, and a wait before each call that depends on what the one before it was: the real provider's
 * `RateLimitTransport` (github/transport.go).
 */
export class PacedQueue {
  readonly #pace: Pace;
  readonly #wait: (ms: number) => Promise<unknown>;
  #nextDelayMs = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(pace: Pace, wait: (ms: number) => Promise<unknown> = (ms) => sleep(ms)) {
    this.#pace = pace;
    this.#wait = wait;
  }

  /** Runs a call when it is its turn. @returns what it returns */
  run<Result>(method: string, call: () => Promise<Result>): Promise<Result> {
    const turn = async (): Promise<Result> => {
      if (this.#nextDelayMs > 0) await this.#wait(this.#nextDelayMs);
      const write = method !== "GET" && method !== "HEAD";
      this.#nextDelayMs = write ? this.#pace.writeDelayMs : this.#pace.readDelayMs;
      return call();
    };
    if (this.#pace.parallel) return turn();
    const result = this.#tail.then(turn);
    this.#tail = result.catch(() => {});
    return result;
  }
}
