import type { NotifyReceiver } from "../../model/index.ts";
import type { Clock } from "./clock.ts";
import type { Grace, Standing } from "./grace.ts";
import { ESCALATES, type Message } from "./message.ts";
import { quietUntil } from "./quiet.ts";
import type { Delivery, Receiver } from "./receivers/index.ts";

/** Waits for one delivery, ms. */
const TIMEOUT_MS = 5000;
/** First pause after a failure, ms, doubled each time; and the longest of our own accord. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** One that has not answered for so long, ms, is not waited for at the end. */
const SLOW_MS = 1000;
/** Messages that wait for one receiver; beyond that the oldest that is no escalation is dropped. */
const MOST = 200;

/** A message on its way to one receiver. */
export interface Waiting {
  readonly receiver: string;
  /** What a newer message replaces: see {@link Receiver.follows}. */
  readonly key: string;
  readonly message: Message;
  /** Not told before then, ms since 1970. */
  readonly notBefore: number;
  /** Why it was not told yet; empty when it was not tried. */
  readonly reason: string;
}

/** What a lane has to say at its end. */
export interface LaneReport {
  readonly delivered: readonly string[];
  readonly left: readonly Waiting[];
  readonly refused: readonly { readonly receiver: string; readonly title: string; readonly reason: string }[];
  readonly handles: ReadonlyMap<string, string>;
  /** It did not take the last message that it was given, or not in time. */
  readonly failing: boolean;
}

/** The way to one receiver: one message at a time, beside everything else. Nothing here throws or waits for its caller. */
export class Lane {
  readonly name: string;
  readonly #config: NotifyReceiver;
  readonly #receiver: Receiver;
  readonly #clock: Clock;
  readonly #end = new AbortController();
  readonly #waiting = new Map<string, Waiting>();
  readonly #sent = new Map<string, string>();
  readonly #delivered: string[] = [];
  readonly #refused: LaneReport["refused"][number][] = [];
  readonly #handles: Map<string, string>;
  #working = false;
  #standing: Standing;
  /** Since when an answer is out; undefined: none is. */
  #since: number | undefined;
  #failures = 0;
  #pausedUntil = 0;
  #reason = "";
  #rest = Promise.withResolvers<void>();

  /** @param known from earlier processes */
  constructor(
    config: NotifyReceiver,
    receiver: Receiver,
    clock: Clock,
    { handles, standing }: { readonly handles: ReadonlyMap<string, string>; readonly standing: Standing },
  ) {
    this.name = config.name;
    this.#standing = standing;
    this.#config = config;
    this.#receiver = receiver;
    this.#clock = clock;
    this.#handles = new Map(handles);
    this.#rest.resolve();
  }

  /** Takes a message that this receiver is to be told. */
  post(message: Message): void {
    if (!this.#isFor(message)) return;
    const { quiet } = this.#config;
    const now = this.#clock.now();
    const notBefore = quiet && !ESCALATES.has(message.topic) ? (quietUntil(quiet, now) ?? 0) : 0;
    this.take({ receiver: this.name, key: this.#keyOf(message), message, notBefore, reason: "" });
  }

  /** Takes what an earlier process left. Something newer of this one stays. */
  take(waiting: Waiting): void {
    const before = this.#waiting.get(waiting.key);
    if (before !== undefined && before.message.at > waiting.message.at) return;
    this.#waiting.set(waiting.key, waiting);
    if (this.#waiting.size > MOST) this.#drop();
    this.#pump();
  }

  #isFor({ topic, thread }: Message): boolean {
    const { kind, events } = this.#config;
    if (kind === "issue" && !thread.startsWith("incident-")) return false;
    // What cannot be edited would be forty messages a run: those on the way are left out.
    if (this.#receiver.follows === "separate" && (topic === "started" || topic === "wave")) return false;
    return events.includes(topic);
  }

  #keyOf({ thread, topic, at }: Message): string {
    const { follows } = this.#receiver;
    return follows === "update" ? thread : follows === "separate" ? `${thread} ${topic}` : `${thread} ${topic} ${at}`;
  }

  #drop(): void {
    const oldest = [...this.#waiting.values()].find(({ message }) => !ESCALATES.has(message.topic));
    const key = oldest?.key ?? this.#waiting.keys().next().value ?? "";
    const title = this.#waiting.get(key)?.message.title ?? "";
    this.#refused.push({ receiver: this.name, title, reason: "too many messages wait" });
    this.#waiting.delete(key);
  }

  #next(): Waiting | undefined {
    const now = this.#clock.now();
    return [...this.#waiting.values()].find(({ notBefore }) => notBefore <= now);
  }

  #pump(): void {
    if (this.#working || this.#end.signal.aborted || this.#next() === undefined) return;
    this.#working = true;
    if (this.#failures === 0) this.#rest = Promise.withResolvers<void>();
    void this.#work().finally(() => {
      this.#working = false;
      this.#rest.resolve();
      // What came while the last look was taken.
      if (this.#failures === 0) this.#pump();
    });
  }

  async #work(): Promise<void> {
    for (let next = this.#next(); next !== undefined && !this.#end.signal.aborted; next = this.#next()) {
      const pause = this.#pausedUntil - this.#clock.now();
      if (pause > 0) {
        await this.#clock.sleep(pause, this.#end.signal);
        continue;
      }
      await this.#tell(next);
    }
  }

  async #tell(waiting: Waiting): Promise<void> {
    const { key, message } = waiting;
    const content = JSON.stringify([message.topic, message.title, message.lines, message.over]);
    const same = this.#sent.get(key) === content;
    const delivery: Delivery = same ? { result: "delivered" } : await this.#once(message);
    if (delivery.result === "again") {
      this.#failures++;
      this.#standing = "failing";
      this.#reason = delivery.reason;
      const own = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
      this.#pausedUntil = this.#clock.now() + Math.max(own, delivery.afterMs ?? 0);
      this.#rest.resolve();
      return;
    }
    // It takes messages again, and is waited for again.
    if (this.#failures > 0) this.#rest = Promise.withResolvers<void>();
    this.#failures = 0;
    this.#standing = "alive";
    // Something newer has come meanwhile.
    if (this.#waiting.get(key) === waiting) this.#waiting.delete(key);
    if (delivery.result === "refused") {
      this.#refused.push({ receiver: this.name, title: message.title, reason: delivery.reason });
      return;
    }
    if (delivery.handle !== undefined) this.#handles.set(message.thread, delivery.handle);
    this.#sent.set(key, content);
    this.#delivered.push(key);
  }

  async #once(message: Message): Promise<Delivery> {
    const late = new AbortController();
    const done = new AbortController();
    const signal = AbortSignal.any([late.signal, this.#end.signal]);
    const tooLate = this.#clock
      .sleep(TIMEOUT_MS, AbortSignal.any([done.signal, this.#end.signal]))
      .then((): Delivery => {
        late.abort();
        return { result: "again", reason: `no answer in ${TIMEOUT_MS / 1000} s` };
      });
    this.#since = this.#clock.now();
    try {
      const sent = this.#receiver.send(message, this.#handles.get(message.thread), signal);
      return await Promise.race([sent, tooLate]);
    } catch (error) {
      return { result: "again", reason: error instanceof Error ? error.name : "it failed" };
    } finally {
      this.#since = undefined;
      done.abort();
    }
  }

  /** What is not told yet. */
  get waiting(): readonly Waiting[] {
    return [...this.#waiting.values()];
  }

  /**
   * Resolves when nothing is left that can be told now, when the receiver does not take it, and after its grace: nothing waits for one
   * that fails, or that has not answered for long.
   */
  async rest(grace: Grace): Promise<void> {
    const slow = this.#since !== undefined && this.#clock.now() - this.#since >= SLOW_MS;
    if (this.#failures > 0 || slow) return;
    const over = new AbortController();
    await Promise.race([this.#rest.promise, this.#clock.sleep(grace[this.#standing], over.signal)]);
    over.abort();
  }

  /** Ends what is in flight, and says what was told and what was not. */
  end(): LaneReport {
    const late = this.#since !== undefined;
    this.#end.abort();
    return {
      failing: this.#failures > 0 || late,
      delivered: this.#delivered,
      left: [...this.#waiting.values()].map((one) =>
        one.notBefore <= this.#clock.now() ? { ...one, reason: this.#reason || one.reason } : one,
      ),
      refused: this.#refused,
      handles: this.#handles,
    };
  }
}
