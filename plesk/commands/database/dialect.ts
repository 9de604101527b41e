/** How to reach a database from the host. */
export interface DatabaseCall {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  readonly password: string;
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
  /** Makes a database what the snapshot holds, and nothing else. */
  restore(database: string): string;
  /** Drops everything in a database. */
  empty(database: string): string;
  /** Says the user's rights, as lines `grant …`, in the engine's own words. */
  grants(database: string): string;
}
