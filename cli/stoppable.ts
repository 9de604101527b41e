import { STOPPED_EXIT } from "../operations/kit/operation.ts";
import { say } from "./output/style.ts";
import { onStop } from "./signals.ts";

/** Shows what an operation tells. */
export interface Shows<Event> {
  /** What is said when a signal asks to stop; empty for nothing. @default that what is in flight comes to its end */
  readonly stopping?: string;
  emit(event: Event): void;
}

/** Shows an operation that tells nothing. */
export const SILENT: Shows<never> = { emit() {} };

/** Said when a signal asks to stop and nothing else is given. */
const STOPPING = "stopping after the operations in flight; nothing new is started";

/**
 * Shows what work tells. Between its events `begun` and `done`, Ctrl-C, SIGTERM and a closed terminal stop it in order; else
 * they end this process, since nothing has begun that must end in order.
 */
export async function stoppable<Event extends { readonly event: string }, Result>(
  shows: Shows<Event>,
  work: (emit: (event: Event) => void, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const abort = new AbortController();
  const stop = (signal: NodeJS.Signals) => {
    if (abort.signal.aborted) return;
    const { stopping = STOPPING } = shows;
    if (stopping !== "") say(`\n${signal}: ${stopping}`);
    abort.abort();
  };
  let inside = 0;
  let listening = () => {};
  const emit = (event: Event) => {
    if (event.event === "begun" && inside++ === 0) listening = onStop(stop);
    shows.emit(event);
    if (event.event === "done" && --inside === 0) listening();
  };
  try {
    return await work(emit, abort.signal);
  } finally {
    listening();
    if (abort.signal.aborted) process.exitCode = STOPPED_EXIT;
  }
}
