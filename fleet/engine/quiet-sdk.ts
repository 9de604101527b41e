// Default imports, which are the CommonJS objects themselves: the SDK's own modules call through them, an ES module namespace could
// not be changed.
import sdkLog from "@pulumi/pulumi/log/index.js";
import sdkResource from "@pulumi/pulumi/resource.js";
import sdkDebuggable from "@pulumi/pulumi/runtime/debuggable.js";
import sdkRpc from "@pulumi/pulumi/runtime/rpc.js";
import sdkSettings from "@pulumi/pulumi/runtime/settings.js";
import sdkState from "@pulumi/pulumi/runtime/state.js";

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
 * runner, and what it is for, to name promises that never end. In our runners they are counted, without a name. Plain `pulumi`
 * names them, and our runners do with `PULUMI_DEBUG_PROMISE_LEAKS`.
 */
export function skipPromiseTraces(): void {
  const debuggable = sdkDebuggable as unknown as Debuggable;
  const { getStore } = sdkState as unknown as State;
  if (debuggable.debugPromiseLeaks) return;
  debuggable.debuggablePromise = (promise) => {
    const { leakCandidates } = getStore();
    leakCandidates.add(promise);
    return promise.then(
      (value) => {
        leakCandidates.delete(promise);
        return value;
      },
      (error: unknown) => {
        leakCandidates.delete(promise);
        throw error;
      },
    );
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

/**
 * The SDK makes an output with some twenty promises of each property that a resource can have, declared or not: 70 a site, of which a
 * program looks at six. In our runners an output is made when it is looked at first. Plain `pulumi` makes them all.
 */
export function makeOutputsWhenAsked(): void {
  const rpc = sdkRpc as unknown as Rpc;
  const { transferProperties } = rpc;
  rpc.transferProperties = (resource, label, properties) => {
    const resolvers: Resolvers = {};
    for (const key of Object.keys(properties)) {
      if (key === "id" || key === "urn") continue;
      // It says what is wrong.
      if (Object.hasOwn(resource, key)) return transferProperties(resource, label, properties);
      let known: readonly unknown[] | undefined;
      resolvers[key] = (...values) => {
        known = values;
      };
      const set = (value: unknown) =>
        Object.defineProperty(resource, key, { value, writable: true, enumerable: true, configurable: true });
      const get = () => {
        delete resource[key];
        const [resolve] = Object.values(transferProperties(resource, label, { [key]: properties[key] }));
        if (known) resolve?.(...known);
        else if (resolve) resolvers[key] = resolve;
        return resource[key];
      };
      Object.defineProperty(resource, key, { get, set, enumerable: true, configurable: true });
    }
    return resolvers;
  };
}

/**
 * The SDK's calls to the engine carry a trace that is nowhere begun, are kept for a repetition that no service of the engine
 * asks for, and are counted for a view that nothing shows. In our runners they are only made.
 */
export function callPlainly(): void {
  const { grpcClientOptions } = sdkSettings as unknown as { grpcClientOptions: Record<string, unknown> };
  Object.assign(grpcClientOptions, { interceptors: [], "grpc.enable_retries": 0, "grpc.enable_channelz": 0 });
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
  readonly debugPromiseLeaks: boolean;
  debuggablePromise<Value>(promise: Promise<Value>, context: unknown): Promise<Value>;
}

/** What the SDK keeps of a program, as far as it is used here. */
interface State {
  getStore(): { readonly leakCandidates: Set<Promise<unknown>> };
}

/** What settles the outputs of a resource, by property. */
type Resolvers = Record<string, (...values: readonly unknown[]) => void>;

/** The part of the SDK's messages that is changed here. */
interface Rpc {
  transferProperties(resource: Record<string, unknown>, label: string, properties: Record<string, unknown>): Resolvers;
}

/** The part of the SDK's log that is changed here. */
interface Log {
  debug(): Promise<void>;
  warn(message: string, ...rest: unknown[]): Promise<void>;
}
