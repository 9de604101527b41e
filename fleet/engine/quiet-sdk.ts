// Default imports, which are the CommonJS objects themselves: the SDK's own modules call through them, an ES module namespace could
// not be changed.
import sdkLog from "@pulumi/pulumi/log/index.js";
import sdkResource from "@pulumi/pulumi/resource.js";
import sdkDebuggable from "@pulumi/pulumi/runtime/debuggable.js";

/**
 * The SDK sends every one of its debug messages to the engine, some six calls a resource, where they are not read: most
 * of the calls between a program and its engine. In our runner processes they go nowhere. Plain `pulumi` keeps them.
 */
export function muteDebugLog(): void {
  const log = sdkLog as unknown as Log;
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
  const debuggable = sdkDebuggable as unknown as Debuggable;
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

/**
 * The SDK takes a whole stack trace for every resource, to note in the state which line of which file of this machine declared
 * it. That is never read, it differs in every checkout, and it is a twentieth of what the engine writes around each step. In
 * our runners it is left out. Plain `pulumi` writes it with the next update of a resource; the engine compares it with nothing.
 */
export function skipSourcePositions(): void {
  const { Resource } = sdkResource as unknown as { Resource: Positioned };
  Resource.callsites = () => [];
}

/**
 * A component without outputs tells the engine so all the same, and the engine writes the whole state for it. In our runners
 * that call is left out. Plain `pulumi` makes it.
 */
export function skipEmptyOutputs(): void {
  const { prototype } = (sdkResource as unknown as { ComponentResource: { prototype: Component } }).ComponentResource;
  const { registerOutputs } = prototype;
  prototype.registerOutputs = function (outputs) {
    // The stack itself tells it always: what it gave before must not stay.
    if (outputs === undefined && this.__pulumiType !== "pulumi:pulumi:Stack") this.__registered = true;
    else registerOutputs.call(this, outputs);
  };
}

/** Where the SDK asks for the lines that declare a resource. */
interface Positioned {
  callsites(): object[];
}

/** The part of the SDK's components that is changed here. */
interface Component {
  readonly __pulumiType: string;
  __registered: boolean;
  registerOutputs(this: Component, outputs?: object): void;
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
