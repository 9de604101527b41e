/** Provider processes of a run. */
export interface Providers {
  /** Environment that attaches engines to them. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts provider processes that call the vendors through the given addresses. */
export type StartProviders = (env: Readonly<Record<string, string>>) => Promise<Providers>;
