import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import type { Limits } from "../../model/index.ts";
import type { Store } from "../backend/store/store.ts";
import { EMPTY_LEDGER, type LedgerState, type Standing, standings } from "./ledger-state.ts";
import { type BudgetPicture, budgetPicture } from "./picture.ts";
import { ledgerFile, ledgerKey } from "./places.ts";
import { readState } from "./shared-store.ts";
import { limitSpecs } from "./spec.ts";

/**
 * Every limit that has been used, as it stands, without a lock and without a byte written: not even the files that SQLite keeps
 * beside its own. What a run is writing at this moment may be missing.
 *
 * @param stateDir where the ledger lies
 * @param shared where machines share it instead
 */
export async function budgetStandings(limits: Limits, stateDir: string, shared?: Store): Promise<Standing[]> {
  return standings(await stateOf(stateDir, shared), specsOf(limits), Date.now());
}

/** The same as people look at it: what is left a vendor, when the next is free, and who waits. */
export async function readBudgets(limits: Limits, stateDir: string, shared?: Store): Promise<BudgetPicture> {
  return budgetPicture(await stateOf(stateDir, shared), specsOf(limits), Date.now());
}

const specsOf = (limits: Limits) => new Map(limitSpecs(limits).map((spec) => [spec.id, spec]));
const stateOf = async (stateDir: string, shared: Store | undefined): Promise<LedgerState> =>
  shared === undefined ? ofFile(ledgerFile(stateDir)) : ofStore(shared);

async function ofStore(shared: Store): Promise<LedgerState> {
  const key = ledgerKey();
  return readState((await shared.get(key))?.text, key);
}

function ofFile(file: string): LedgerState {
  if (!existsSync(file)) return EMPTY_LEDGER;
  const address = pathToFileURL(file);
  address.search = "?immutable=1";
  const database = new DatabaseSync(address, { readOnly: true });
  try {
    const row = database.prepare("SELECT state FROM ledger WHERE id = 1").get();
    return row === undefined ? EMPTY_LEDGER : (JSON.parse(String(row.state)) as LedgerState);
  } finally {
    database.close();
  }
}
