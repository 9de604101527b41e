import { SitefleetError } from "../../errors/index.ts";
import { changeObject, type Store } from "../backend/store/store.ts";
import { EMPTY_LEDGER, type LedgerState } from "./ledger-state.ts";
import type { LedgerStore } from "./store.ts";

interface Waiting {
  readonly change: (state: LedgerState) => { state: LedgerState; result: unknown };
  readonly done: (result: unknown) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * For all machines that share a backend: one object, read, changed and written back when it has not been written since.
 * A request takes tens of milliseconds, so what is asked for meanwhile is changed together with the next.
 */
export function sharedStore(store: Store, key: string): LedgerStore {
  const waiting: Waiting[] = [];
  let working = false;
  const work = async () => {
    working = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0);
      try {
        const settle = await changeObject(store, key, (text) => apply(batch, readState(text, key)));
        settle();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    working = false;
  };
  return {
    transact<Result>(change: (state: LedgerState) => { state: LedgerState; result: Result }): Promise<Result> {
      return new Promise((resolve, reject) => {
        waiting.push({ change, done: resolve as (result: unknown) => void, failed: reject });
        if (!working) void work();
      });
    },
    close() {},
  };
}

/** One change after the other. No caller gets its answer before all is written. */
function apply(batch: readonly Waiting[], before: LedgerState) {
  let state = before;
  const tell: (() => void)[] = [];
  for (const { change, done, failed } of batch) {
    try {
      const changed = change(state);
      state = changed.state;
      tell.push(() => done(changed.result));
    } catch (error) {
      tell.push(() => failed(error));
    }
  }
  const settle = () => {
    for (const one of tell) one();
  };
  return { text: JSON.stringify(state), result: settle };
}

export function readState(text: string | undefined, key: string): LedgerState {
  if (text === undefined) return EMPTY_LEDGER;
  try {
    return { ...EMPTY_LEDGER, ...(JSON.parse(text) as Partial<LedgerState>) };
  } catch (cause) {
    const message = "the budgets' ledger is no JSON";
    throw new SitefleetError({ code: "budget.ledger", message, subject: key, hint: "delete it to start anew", cause });
  }
}
