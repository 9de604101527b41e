/** How to reach a database from the host. */
export interface DatabaseCall {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  readonly password: string;
  /** Database in which its snapshots are proven; null or left out: there is none. */
  readonly scratch?: string | null;
}

/**
 * The parts of scripts in which engines differ. All of them are shell text for the body of a script in which `$C` is a private
 * file name for credentials and work, removed at the end, and `$F` the snapshot without its extensions' tail.
 */
export interface DatabaseDialect {
  /** Programs that the account must have, as in `Needs`. */
  readonly programs: Readonly<Record<string, string>>;
  /** Ending of a snapshot's name. */
  readonly extension: string;
  /** Writes the credentials to `$C` and defines `query <database>`, which runs SQL from stdin. */
  prepare(call: DatabaseCall): string;
  /** Prints five numbers: tables, views and sequences, triggers, routines, events. */
  counts(database: string): string;
  /** Prints about how many bytes a dump of a database will have. */
  size(database: string): string;
  /** Dumps to `$F`; `$counts` holds the numbers of the moment before; sets `$size` to the dump's bytes. Fails on anything doubtful. */
  dump(database: string): string;
  /** Makes a database what the snapshot holds, and nothing else, so that it acts as before. */
  restore(database: string): string;
  /**
   * The same in a scratch database, without what could act outside of it. Nothing that is loaded starts on its own, and nothing leads
   * to other data.
   */
  prove(database: string): string;
  /** Prints a line for all that keeps {@link prove} from being bounded by the scratch database; nothing when it is. */
  reach(call: DatabaseCall, scratch: string): string;
  /** Prints a line for all that a restore would lose; left out where there is no such thing. */
  losses?(database: string): string;
  /** Drops everything in a database. */
  empty(database: string): string;
  /** Prints the user's rights, a line each, in the engine's own words. */
  grants(database: string): string;
}
