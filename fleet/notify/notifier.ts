import type { NotifyReceiver } from "../../model/index.ts";
import type { Store } from "../backend/store/store.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import { GRACE_MS } from "./grace.ts";
import { claimKept, type Kept, saveKept } from "./kept.ts";
import { Lane, type LaneReport } from "./lane.ts";
import type { Message } from "./message.ts";
import { type Env, makeReceiver, type Receiver, variablesOf } from "./receivers/index.ts";

/** What became of the messages of one process. */
export interface NotifyReport {
  /** Deliveries by receiver. */
  readonly delivered: Readonly<Record<string, number>>;
  /** Kept for the next command. */
  readonly left: LaneReport["left"];
  readonly refused: LaneReport["refused"];
}

/** Options of {@link Notifier}. */
export interface NotifierOptions {
  readonly receivers: readonly NotifyReceiver[];
  readonly env: Env;
  /** Where what could not be told is kept. */
  readonly store: Store;
  readonly clock?: Clock;
  /** Makes a receiver. @default by its kind */
  readonly make?: (config: NotifyReceiver, env: Env) => Promise<Receiver>;
}

const NOTHING: Kept = { waiting: [], handles: [], refused: [] };

/** Tells receivers beside a run. Nothing but {@link close} is waited for, and that not for long. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #clock: Clock;
  readonly #ready: Promise<readonly Lane[]>;
  readonly #missing: LaneReport["refused"][number][] = [];

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#ready = this.#open();
    this.#ready.catch(() => {});
  }

  async #open(): Promise<readonly Lane[]> {
    const { receivers, env, store, make = makeReceiver } = this.#options;
    const usable = receivers.filter((config) => {
      const missing = variablesOf(config).filter((name) => !env[name]);
      for (const name of missing)
        this.#missing.push({ receiver: config.name, title: "", reason: `${name} is not set` });
      return missing.length === 0;
    });
    // Without the store messages are told all the same; threads of earlier processes are then told anew.
    const names = usable.map(({ name }) => name);
    const kept = await claimKept(store, names, this.#clock.now()).catch(() => NOTHING);
    return Promise.all(
      usable.map(async (config) => {
        const own = kept.handles.filter(({ receiver }) => receiver === config.name);
        const handles = new Map(own.map(({ thread, handle }) => [thread, handle]));
        const lane = new Lane(config, await make(config, env), this.#clock, handles);
        for (const one of kept.waiting) if (one.receiver === config.name) lane.take(one);
        return lane;
      }),
    );
  }

  /** Tells a message to all that are to hear it. */
  post(message: Message): void {
    void this.#ready.then((lanes) => {
      for (const lane of lanes) lane.post(message);
    });
  }

  /** Gives what is under way its time, and keeps what could not be told. Never rejects. @param graceMs @default GRACE_MS */
  async close(graceMs: number = GRACE_MS): Promise<NotifyReport> {
    const over = new AbortController();
    const late = this.#clock.sleep(graceMs, over.signal);
    const lanes = await Promise.race([this.#ready, late.then((): readonly Lane[] => [])]).catch(() => []);
    await Promise.race([Promise.all(lanes.map((lane) => lane.rest())), late]);
    const reports = lanes.map((lane) => ({ name: lane.name, ...lane.end() }));
    const refused = [...this.#missing, ...reports.flatMap(({ refused }) => refused)];
    await Promise.race([
      saveKept(this.#options.store, reports, this.#clock.now()).catch(() => {}),
      this.#clock.sleep(graceMs, over.signal),
    ]);
    over.abort();
    return {
      delivered: Object.fromEntries(reports.map(({ name, delivered }) => [name, delivered.length])),
      left: reports.flatMap(({ left }) => left),
      refused,
    };
  }
}
