import { join } from "node:path";
import { OUR_PREFIX } from "../backend/store/state-store.ts";

/**
 * The ledger's file in a state directory. A clock that runs faster counts other times, so it has a ledger of its own.
 *
 * @param timeScale see `createClock`. @default 1
 */
export function ledgerFile(stateDir: string, timeScale = 1): string {
  return join(stateDir, "budget", timeScale === 1 ? "ledger.db" : `ledger-x${timeScale}.db`);
}

/** Key of the ledger that machines share; see {@link ledgerFile}. */
export function ledgerKey(timeScale = 1): string {
  return `${OUR_PREFIX}budget/${timeScale === 1 ? "ledger.json" : `ledger-x${timeScale}.json`}`;
}
