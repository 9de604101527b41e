import { AsyncLocalStorage } from "node:async_hooks";

const scope = new AsyncLocalStorage<NodeJS.ProcessEnv>();

/** The environment of the operation that is at work, else that of this process. */
export const environment = (): NodeJS.ProcessEnv => scope.getStore() ?? process.env;

/** Carries work out in an environment of its own: several operations on several estates go on at once in one process. */
export const inEnvironment = <Value>(env: NodeJS.ProcessEnv, work: () => Value): Value => scope.run(env, work);
