/** Provider processes of a run. */
export interface Providers {
  /** Environment that attaches engines to them. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts provider processes that call the vendors through the given addresses. */
export type StartProviders = (env: Readonly<Record<string, string>>) => Promise<Providers>;

/** What an operation is about: which catalog, under which configuration. */
export interface Estate {
  /** Absolute directory of the catalog. */
  readonly catalogDir: string;
  /** Configuration file of all stacks. */
  readonly configFile: string;
  /** Its environment: backend, tokens, addresses, target. @default that of the work which carries the operation out */
  readonly env?: NodeJS.ProcessEnv;
  /**
   * Starts provider processes that call the vendors through the given addresses, where the ones at hand cannot be led
   * there. @default none: the engine starts the providers itself
   */
  readonly providers?: StartProviders;
}
