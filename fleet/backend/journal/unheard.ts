/** An output stream of this process that is not read any more, or that has no room. */
export interface Unheard {
  readonly stream: "stdout" | "stderr";
  /** The system's code, e.g. `EPIPE`, `ENOSPC`, `EIO` (a closed terminal). */
  readonly code: string;
}

let first: Unheard | undefined;
const listeners = new Set<(what: Unheard) => void>();

/** Says that an output stream is lost. Only the first one of a process is told on: the run goes on without listeners. */
export function noteUnheard(what: Unheard): void {
  if (first !== undefined) return;
  first = what;
  for (const listener of listeners) listener(what);
}

/** Calls back once when an output stream is lost, at once when one was lost before. Returns what ends that. */
export function onUnheard(listener: (what: Unheard) => void): () => void {
  if (first === undefined) listeners.add(listener);
  else listener(first);
  return () => listeners.delete(listener);
}
