import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SitefleetError } from "../../errors/index.ts";
import { EMPTY_LEDGER, type LedgerState } from "./ledger-state.ts";

/**
 * Where the ledger lies. One state, changed by pure functions, each change on its own. One in a bucket (`sharedStore`)
 * reads, changes and writes it back only when no other process has, and begins again otherwise. So `change` may run several
 * times and must have no effect of its own.
 */
export interface LedgerStore {
  transact<Result>(change: (state: LedgerState) => { state: LedgerState; result: Result }): Promise<Result>;
  close(): void;
}

/** For one process. */
export function memoryStore(initial: LedgerState = EMPTY_LEDGER): LedgerStore {
  let state = initial;
  return {
    async transact(change) {
      const done = change(state);
      state = done.state;
      return done.result;
    },
    close() {},
  };
}

/** How long a process waits for the others' changes, ms; each takes about one. */
const BUSY_MS = 10_000;

/**
 * For all processes of a machine: one row of a SQLite file. Its locks end with the process that holds them, kill -9 or
 * not, and a change is whole or not there. Not for network file systems.
 *
 * @throws SitefleetError `budget.ledger` when the file cannot be opened
 */
export function fileStore(file: string): LedgerStore {
  let database: DatabaseSync;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    database = new DatabaseSync(file, { timeout: BUSY_MS });
    // A crash of the machine may lose the last change, never the file; a lost count costs a refusal at worst.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    database.exec("CREATE TABLE IF NOT EXISTS ledger (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL)");
  } catch (cause) {
    const message = `the budgets' ledger cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new SitefleetError({ code: "budget.ledger", message, subject: file, hint: "delete it to start anew", cause });
  }
  const read = database.prepare("SELECT state FROM ledger WHERE id = 1");
  const write = database.prepare(
    "INSERT INTO ledger VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state",
  );
  return {
    async transact(change) {
      database.exec("BEGIN IMMEDIATE");
      try {
        const row = read.get();
        const before = row === undefined ? EMPTY_LEDGER : (JSON.parse(String(row.state)) as LedgerState);
        const { state, result } = change(before);
        if (state !== before) write.run(JSON.stringify(state));
        database.exec("COMMIT");
        return result;
      } catch (error) {
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      }
    },
    close: () => database.close(),
  };
}
