import { AsyncLocalStorage } from "node:async_hooks";

const scope = new AsyncLocalStorage<NodeJS.ProcessEnv>();

/**
 * The environment of the operation that this code is part of; outside of every operation that of the process.
 *
 * Code of the product asks this and never `process.env`: two operations can run at once in one process, each on an estate of its
 * own, with its own backend, tokens and catalog. What one of them sees must not depend on the other. Programs that are processes of
 * their own (the runner, the plugin, the driver) have no operation around them and see their process's environment.
 */
export function environment(): NodeJS.ProcessEnv {
  return scope.getStore() ?? process.env;
}

/**
 * Does the work in an environment of its own: what it calls and awaits sees that one. What it leaves behind (timers, listeners)
 * does too.
 *
 * @param env the whole environment: nothing is taken from the one around it
 */
export function inEnvironment<T>(env: NodeJS.ProcessEnv, work: () => T): T {
  return scope.run(env, work);
}

/**
 * Sets variables of the current operation's environment, for all of its work from here on. The process's own is never changed.
 *
 * @throws Error outside of {@link inEnvironment}: that is a defect of the caller
 */
export function amendEnvironment(values: NodeJS.ProcessEnv): void {
  const own = scope.getStore();
  if (own === undefined) throw new Error("there is no operation whose environment could be changed");
  Object.assign(own, values);
}

/**
 * An environment for a child process that is started by a library which puts the process's own underneath (nano-spawn, the
 * Automation API's execa). Variables that only the process has are undefined in it, and Node leaves those out.
 *
 * @param env @default that of the current operation
 */
export function childEnvironment(env: NodeJS.ProcessEnv = environment()): Record<string, string> {
  const without = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  return { ...without, ...env } as Record<string, string>;
}

/** Proxies, in the form that undici's `EnvHttpProxyAgent` takes; it asks the process's environment about what is left out. */
export interface Proxies {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}

/**
 * What an environment says of proxies, lower case before upper as undici reads it; empty texts where it says nothing.
 *
 * @param env @default that of the current operation
 */
export function proxies(env: NodeJS.ProcessEnv = environment()): Proxies {
  return {
    httpProxy: env.http_proxy ?? env.HTTP_PROXY ?? "",
    httpsProxy: env.https_proxy ?? env.HTTPS_PROXY ?? "",
    noProxy: env.no_proxy ?? env.NO_PROXY ?? "",
  };
}
