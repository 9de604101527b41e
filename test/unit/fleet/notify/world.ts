import type { Clock } from "../../../../fleet/notify/clock.ts";
import type { Message } from "../../../../fleet/notify/message.ts";
import type { Delivery, Receiver } from "../../../../fleet/notify/receivers/index.ts";
import type { NotifyReceiver } from "../../../../model/index.ts";
import { TOPICS } from "../../../../model/index.ts";

/** Time that only passes when a test says so. */
export class TestClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();

  constructor(now = Date.UTC(2026, 10, 29, 12)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper = { at: this.#now + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      const end = () => {
        this.#sleepers.delete(sleeper);
        resolve();
      };
      if (signal?.aborted) end();
      else signal?.addEventListener("abort", end, { once: true });
    });
  }

  /** Lets so much time pass, and all that follows from it happen. */
  async pass(ms: number): Promise<void> {
    await settle();
    const until = this.#now + ms;
    for (;;) {
      const [next] = [...this.#sleepers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      this.#sleepers.delete(next);
      next.wake();
      await settle();
    }
    this.#now = until;
    await settle();
  }
}

/** Lets everything that needs no time happen. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** A receiver that keeps what it was told; `answer` says what becomes of it. */
export class TestReceiver implements Receiver {
  readonly follows: Receiver["follows"];
  readonly told: Message[] = [];
  readonly handles: (string | undefined)[] = [];
  answer: (message: Message, signal: AbortSignal) => Promise<Delivery> | Delivery = () => ({
    result: "delivered",
    handle: "h1",
  });

  constructor(follows: Receiver["follows"] = "update") {
    this.follows = follows;
  }

  async send(message: Message, handle: string | undefined, signal: AbortSignal): Promise<Delivery> {
    this.told.push(message);
    this.handles.push(handle);
    return this.answer(message, signal);
  }
}

/** An answer that never comes. */
export const hangs = (_message: Message, signal: AbortSignal): Promise<Delivery> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

export const config = (more: Partial<Extract<NotifyReceiver, { kind: "discord" }>> = {}): NotifyReceiver => ({
  kind: "discord",
  name: "team",
  events: [...TOPICS],
  webhook: "HOOK",
  ...more,
});

export const message = (topic: Message["topic"], at: number, more: Partial<Message> = {}): Message => ({
  thread: "run-1",
  topic,
  at: new Date(at).toISOString(),
  title: `up on prod: ${topic}`,
  lines: [],
  over: topic === "done",
  ...more,
});
