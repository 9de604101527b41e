import { randomUUID } from "node:crypto";
import type { LimitInfo } from "../../vendors/limits.ts";
import type { Clock } from "./clock.ts";
import { learnFrom } from "./learning.ts";
import {
  type Answer,
  askCall,
  askHold,
  cancelCall,
  endCall,
  endHold,
  expire,
  type LedgerState,
  type Specs,
  type Standing,
  standings,
  startCall,
} from "./ledger-state.ts";
import { idOfKey, type LimitSpec, type Need } from "./spec.ts";
import type { LedgerStore } from "./store.ts";

/** How long promises outlive their process, machine's ms. Renewed at a third of it. */
const LEASE_MS = 90_000;
/** The longest that a call is on its way, machine's ms: the Vercel client's own time-out (client/client.go). */
const FLIGHT_MS = 300_000;
/** The longest sleep before looking again: another process may have given something back. Machine's ms. */
const LOOK_MS = 1_000;

/** Options of a {@link Ledger}. */
export interface LedgerOptions {
  readonly store: LedgerStore;
  readonly specs: readonly LimitSpec[];
  readonly clock: Clock;
  /** Vendors whose calls go through a gateway of this process and are counted one by one. @default none */
  readonly metered?: ReadonlySet<string>;
}

/** A call that may go out. */
export interface Ticket {
  readonly id: string;
  readonly keys: readonly string[];
}

/** The budgets of all vendors, shared with the other processes that use the same store. */
export class Ledger {
  readonly clock: Clock;
  readonly #store: LedgerStore;
  readonly #specs: Specs;
  readonly #metered: ReadonlySet<string>;
  readonly #owner = randomUUID();
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #renewal: NodeJS.Timeout;

  constructor(options: LedgerOptions) {
    this.clock = options.clock;
    this.#store = options.store;
    this.#specs = new Map(options.specs.map((spec) => [spec.id, spec]));
    this.#metered = options.metered ?? new Set();
    this.#renewal = setInterval(() => void this.#renew().catch(() => {}), LEASE_MS / 3).unref();
  }

  /** Limits by id. */
  get specs(): Specs {
    return this.#specs;
  }

  /**
   * Promises a stack its need, or says when to ask again. A stack that is refused is remembered as waiting: after a while
   * no other may overtake it, in any process.
   */
  hold(stack: string, need: Need, since: number): Promise<Answer> {
    const id = this.#idOf(stack);
    return this.#change<Answer>((state, now) => {
      const answer = fair(state, this.#specs, now, id, need, since) ?? askHold(state, this.#specs, now, need);
      const { [id]: _, ...wants } = state.wants;
      const entry = { owner: this.#owner, need, lease: this.#leaseEnd(now) };
      if (answer.ok) return { state: { ...state, wants, holds: { ...state.holds, [id]: entry } }, result: answer };
      return { state: { ...state, wants: { ...wants, [id]: { ...entry, since } } }, result: answer };
    });
  }

  /** Ends waiting without a promise. */
  forget(stack: string): Promise<void> {
    const id = this.#idOf(stack);
    return this.#change((state) => {
      const { [id]: _, ...wants } = state.wants;
      return { state: { ...state, wants }, result: undefined };
    });
  }

  /** A stack has ended; `used` is what it really did. */
  release(stack: string, used: Need): Promise<void> {
    const id = this.#idOf(stack);
    const metered = (key: string) => this.#metered.has(this.#specs.get(idOfKey(key))?.vendor ?? "");
    return this.#change((state, now) => ({
      state: endHold(state, this.#specs, now, id, used, metered),
      result: undefined,
    }));
  }

  /**
   * Waits until a call may go out: first come, first served within this process.
   *
   * @param until time of the ledger's clock at which the wait ends
   * @returns the ticket, or when to come again. Rejects with the signal's reason
   */
  call(keys: readonly string[], until: number, signal?: AbortSignal): Promise<Ticket | { readonly at: number }> {
    const name = keys.join(" ");
    const turn = (this.#queues.get(name) ?? Promise.resolve()).then(() => this.#waitForCall(keys, until, signal));
    const settled = turn.catch(() => {});
    this.#queues.set(name, settled);
    void settled.then(() => {
      if (this.#queues.get(name) === settled) this.#queues.delete(name);
    });
    return turn;
  }

  /** A call was answered (or broke: no `info`). Takes what the answer teaches. */
  answered(ticket: Ticket, info?: LimitInfo): Promise<void> {
    return this.#change((state, now) => {
      // A refused call is not counted by the vendor; everything else is.
      const ended = info?.limited ? cancelCall(state, ticket.id) : endCall(state, this.#specs, now, ticket.id);
      const taught = info ? learnFrom(ended, this.#specs, now, ticket.keys, info, this.clock.scale) : ended;
      return { state: taught, result: undefined };
    });
  }

  /** Every limit that has been used, as it stands. */
  standings(): Promise<Standing[]> {
    return this.#change((state, now) => ({ state, result: standings(state, this.#specs, now) }));
  }

  /** The state itself, for planning. */
  state(): Promise<LedgerState> {
    return this.#change((state) => ({ state, result: state }));
  }

  /** Ends; promises of this process end with it. */
  async close(): Promise<void> {
    clearInterval(this.#renewal);
    await this.#change((state) => {
      const others = <T extends { readonly owner: string }>(all: Readonly<Record<string, T>>) =>
        Object.fromEntries(Object.entries(all).filter(([, { owner }]) => owner !== this.#owner));
      return { state: { ...state, holds: others(state.holds), wants: others(state.wants) }, result: undefined };
    });
    this.#store.close();
  }

  async #waitForCall(keys: readonly string[], until: number, signal?: AbortSignal) {
    for (;;) {
      signal?.throwIfAborted();
      const id = randomUUID();
      const answer = await this.#change((state, now) => {
        const asked = askCall(state, this.#specs, now, this.#owner, keys);
        const lease = now + FLIGHT_MS * this.clock.scale;
        const next = asked.ok ? startCall(state, id, { owner: this.#owner, keys, lease }) : state;
        return { state: next, result: asked };
      });
      if (answer.ok) return { id, keys };
      if (answer.at > until) return { at: answer.at };
      await this.clock.sleep(Math.min(answer.at - this.clock.now(), LOOK_MS * this.clock.scale), signal);
    }
  }

  #idOf(stack: string): string {
    return `${this.#owner}:${stack}`;
  }

  #leaseEnd(now: number): number {
    return now + LEASE_MS * this.clock.scale;
  }

  #renew(): Promise<void> {
    return this.#change((state, now) => {
      const lease = this.#leaseEnd(now);
      const renew = <T extends { readonly owner: string }>(all: Readonly<Record<string, T>>) =>
        Object.fromEntries(
          Object.entries(all).map(([id, item]) => [id, item.owner === this.#owner ? { ...item, lease } : item]),
        ) as Readonly<Record<string, T>>;
      return { state: { ...state, holds: renew(state.holds), wants: renew(state.wants) }, result: undefined };
    });
  }

  #change<Result>(
    change: (state: LedgerState, now: number) => { state: LedgerState; result: Result },
  ): Promise<Result> {
    return this.#store.transact((state) => {
      const now = this.clock.now();
      return change(expire(state, this.#specs, now), now);
    });
  }
}

/** Who has waited for half a window of the limit it lacks is not overtaken on it. Undefined = go on. */
function fair(
  state: LedgerState,
  specs: Specs,
  now: number,
  id: string,
  need: Need,
  since: number,
): Answer | undefined {
  for (const [other, want] of Object.entries(state.wants)) {
    if (other === id || want.since >= since) continue;
    const lacks = askHold(state, specs, now, want.need);
    if (lacks.ok || (need[lacks.key] ?? 0) === 0) continue;
    const patience = (specs.get(idOfKey(lacks.key))?.perMs ?? 600_000) / 2;
    if (now - want.since > patience) return { ok: false, key: lacks.key, at: lacks.at };
  }
  return undefined;
}
