import { setTimeout as sleep } from "node:timers/promises";
import type { RolloutFiles } from "./files.ts";
import { advance, isUnfinished, nextAction } from "./machine.ts";
import { type PerformOptions, perform } from "./perform.ts";
import { eventOf } from "./requests.ts";
import type { RolloutEvent, RolloutRecord } from "./types.ts";

/** How often a rollout that waits looks for requests, ms. */
const LOOK_MS = 500;

/** Options of {@link carryOut}. */
export interface CarryOutOptions extends PerformOptions {
  readonly files: RolloutFiles;
  readonly onEvent?: (event: RolloutEvent) => void;
}

/** Writes down that something has happened; returns the record after it. */
export async function note(
  record: RolloutRecord,
  event: RolloutEvent,
  { files, onEvent, now = Date.now }: Pick<CarryOutOptions, "files" | "onEvent" | "now">,
): Promise<RolloutRecord> {
  const next = advance(record, event, now());
  await files.append({ at: new Date(now()).toISOString(), rollout: record.id, ...event });
  await files.save(next);
  onEvent?.(event);
  return next;
}

/**
 * Carries a rollout out until it is over or a person has to decide. Requests that others leave take effect between two
 * steps. When the signal is aborted it stops there, and the next one that carries it out goes on.
 */
export async function carryOut(record: RolloutRecord, options: CarryOutOptions): Promise<RolloutRecord> {
  const { files, signal, now = Date.now } = options;
  let current = record;
  while (!signal?.aborted) {
    const request = await files.take(current.id);
    if (request && isUnfinished(current)) {
      const event = requested(current, request);
      if (event) current = await note(current, event, options);
    }
    const action = nextAction(current, now());
    if (action.do === "none") return current;
    if (action.do === "wait") {
      await sleep(Math.min(LOOK_MS, Math.max(1, action.until - now())), undefined, signal ? { signal } : {}).catch(
        () => {},
      );
      continue;
    }
    const events = action.do === "note" ? [action.event] : await perform(current, action, options);
    for (const event of events) current = await note(current, event, options);
    // Stopped in the middle, or the rollback failed: the next process that carries it out tries again.
    if (events.length === 0 || (action.do === "go-back" && events[0]?.event !== "went-back")) return current;
  }
  return current;
}

/** A request that no longer fits has come too late. That is no error. */
function requested(record: RolloutRecord, request: Parameters<typeof eventOf>[1]): RolloutEvent | undefined {
  try {
    return eventOf(record, request);
  } catch {
    return undefined;
  }
}
