import { createRequire } from "node:module";

/**
 * The SDK sends every one of its debug messages to the engine, some six calls a resource, where nobody reads them: most
 * of the calls between a program and its engine. In our runner processes they go nowhere. Plain `pulumi` keeps them.
 */
export function muteDebugLog(): void {
  // The CommonJS object itself: the SDK's own modules call through it, an ES module namespace could not be changed.
  const log = createRequire(import.meta.url)("@pulumi/pulumi/log") as Log;
  log.debug = () => Promise.resolve();
  const { warn } = log;
  // The SDK misses the summary of a preview when its reader was too slow; ours has it.
  log.warn = (message, ...rest) => (message.includes("summary event") ? Promise.resolve() : warn(message, ...rest));
}

/**
 * The SDK notes with every promise where it was made, some ten stack traces a resource and a fifth of the CPU time of a
 * runner, to name promises that never end. In our runners they are named without. Plain `pulumi` keeps the traces.
 */
export function skipPromiseTraces(): void {
  const debuggable = createRequire(import.meta.url)("@pulumi/pulumi/runtime/debuggable") as Debuggable;
  const { debuggablePromise } = debuggable;
  debuggable.debuggablePromise = (promise, context) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
}

/** The part of the SDK's debugging aids that is changed here. */
interface Debuggable {
  debuggablePromise<Value>(promise: Promise<Value>, context: unknown): Promise<Value>;
}

/** The part of the SDK's log that is changed here. */
interface Log {
  debug(): Promise<void>;
  warn(message: string, ...rest: unknown[]): Promise<void>;
}
