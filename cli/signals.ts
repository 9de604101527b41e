/** Signals that end a command in order: Ctrl-C, an end that was asked for, a closed terminal. */
const STOPPING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Calls back for each signal that asks this process to stop, in place of ending it. Returns what ends that. */
export function onStop(stop: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of STOPPING) process.on(signal, stop);
  return () => {
    for (const signal of STOPPING) process.off(signal, stop);
  };
}
