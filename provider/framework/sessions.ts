/** Connections remembered at most; an engine opens one a provider, so this is far more than run at a time. */
const MAX_SESSIONS = 4096;

/**
 * The clients made by Configure. One process serves many engines, and each engine configures over a connection of its
 * own, so a connection's address says whose configuration a call means. A connection that was never configured (the
 * engine reconnected) gets the last configuration.
 */
export class Sessions<Configured> {
  readonly #byPeer = new Map<string, Configured>();
  #last: { readonly client: Configured } | undefined;
  readonly #secrets = new Set<string>();

  /** Secret strings of every configuration seen, for redaction. */
  get secrets(): ReadonlySet<string> {
    return this.#secrets;
  }

  /** Remembers secrets of a configuration. */
  addSecrets(secrets: readonly string[]): void {
    for (const secret of secrets) this.#secrets.add(secret);
  }

  /** Remembers the client for a connection. */
  set(peer: string, client: Configured): void {
    this.#byPeer.delete(peer);
    this.#byPeer.set(peer, client);
    this.#last = { client };
    if (this.#byPeer.size > MAX_SESSIONS) this.#byPeer.delete(this.#byPeer.keys().next().value!);
  }

  /** The client for a connection, if anything was configured. */
  find(peer: string): Configured | undefined {
    return this.#byPeer.get(peer) ?? this.#last?.client;
  }

  /** The client for a connection. Throws when nothing was ever configured. */
  get(peer: string): Configured {
    if (this.#last === undefined) throw new Error("the provider is not configured");
    return this.find(peer) as Configured;
  }
}
