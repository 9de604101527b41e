import type { NotifyReceiver } from "../../model/index.ts";
import type { Store } from "../backend/store/store.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import { evenGrace, GRACE_MS, type Grace, type Standing } from "./grace.ts";
import { CLAIM_MS, claimKept, type Kept, keepWaiting, saveKept } from "./kept.ts";
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

const NOTHING: Kept = { waiting: [], handles: [], refused: [], alive: [], failing: [] };
/** What a receiver has not taken by then, ms, is kept: a process may be killed. */
const KEEP_MS = 300;

/** Tells receivers beside a run. Nothing but {@link close} is waited for, and that not for long. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #clock: Clock;
  readonly #ready: Promise<readonly Lane[]>;
  readonly #missing: LaneReport["refused"][number][] = [];
  readonly #over = new AbortController();
  #keeping: Promise<void> | undefined;

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
        const standing = standingOf(kept, config.name);
        const lane = new Lane(config, await make(config, env), this.#clock, { handles, standing });
        for (const one of kept.waiting) if (one.receiver === config.name) lane.take(one);
        return lane;
      }),
    );
  }

  /** Tells a message to all that are to hear it. */
  post(message: Message): void {
    void this.#ready.then((lanes) => {
      for (const lane of lanes) lane.post(message);
      this.#keeping ??= this.#keep(lanes);
    });
  }

  /** Keeps what is not told yet, and the claim on it alive, as long as something waits. */
  async #keep(lanes: readonly Lane[]): Promise<void> {
    const { signal } = this.#over;
    for (let pause = KEEP_MS; ; pause = CLAIM_MS / 2) {
      await this.#clock.sleep(pause, signal);
      const waiting = lanes.flatMap((lane) => lane.waiting);
      if (signal.aborted || waiting.length === 0) break;
      await keepWaiting(this.#options.store, waiting, this.#clock.now()).catch(() => {});
    }
    this.#keeping = undefined;
  }

  /** Gives what is under way its time, and keeps what could not be told. Never rejects. @default GRACE_MS for each */
  async close(grace: Grace = evenGrace(GRACE_MS)): Promise<NotifyReport> {
    const over = new AbortController();
    const graceMs = Math.max(...Object.values(grace));
    const late = this.#clock.sleep(graceMs, over.signal);
    const lanes = await Promise.race([this.#ready, late.then((): readonly Lane[] => [])]).catch(() => []);
    await Promise.race([Promise.all(lanes.map((lane) => lane.rest(grace))), late]);
    this.#over.abort();
    const reports = lanes.map((lane) => ({ name: lane.name, ...lane.end() }));
    const refused = [...this.#missing, ...reports.flatMap(({ refused }) => refused)];
    // What is being kept must not come after that it was told.
    const saved = (this.#keeping ?? Promise.resolve()).then(() =>
      saveKept(this.#options.store, reports, this.#clock.now()),
    );
    await Promise.race([saved.catch(() => {}), this.#clock.sleep(graceMs, over.signal)]);
    over.abort();
    return {
      delivered: Object.fromEntries(reports.map(({ name, delivered }) => [name, delivered.length])),
      left: reports.flatMap(({ left }) => left),
      refused,
    };
  }
}

function standingOf({ alive, failing }: Kept, name: string): Standing {
  return failing.includes(name) ? "failing" : alive.includes(name) ? "alive" : "unknown";
}
