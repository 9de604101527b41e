import { existsSync } from "node:fs";
import type { Catalog } from "../../model/index.ts";
import type { Store } from "../backend/store/store.ts";
import { type Admit, createAdmission } from "./admission.ts";
import { createClock } from "./clock.ts";
import type { Deadline } from "./deadline.ts";
import type { KnownStack } from "./expected.ts";
import { GATEWAY_VENDORS, type Gateway, startGateway } from "./gateway.ts";
import type { GatewayFigures } from "./gateway-call.ts";
import { Ledger } from "./ledger.ts";
import type { LedgerState } from "./ledger-state.ts";
import { certificateDomains } from "./need.ts";
import { ledgerFile, ledgerKey } from "./places.ts";
import { type PlannedStack, startOrder } from "./plan.ts";
import { sharedStore } from "./shared-store.ts";
import { limitSpecs, type SpecOptions } from "./spec.ts";
import { fileStore, type LedgerStore } from "./store.ts";
import { expectations, plannedWork } from "./work.ts";

/** The ledger of all machines that share a backend, else of this one's file; see {@link ledgerFile}. */
function ledgerStore(stateDir: string, shared: Store | undefined, timeScale = 1): LedgerStore {
  if (shared === undefined) return fileStore(ledgerFile(stateDir, timeScale));
  return sharedStore(shared, ledgerKey(timeScale));
}

/**
 * What has been used so far, for planning; undefined when nothing has. Changes nothing.
 *
 * @param shared where machines share the ledger. @default the file in `stateDir`
 */
export async function readLedger(stateDir: string, shared?: Store): Promise<LedgerState | undefined> {
  if (shared === undefined && !existsSync(ledgerFile(stateDir))) return undefined;
  const store = ledgerStore(stateDir, shared);
  try {
    return await store.transact((state) => ({ state, result: state }));
  } finally {
    store.close();
  }
}

/** Options of {@link openBudget}. */
export interface BudgetOptions extends SpecOptions {
  readonly catalog: Catalog;
  /** Folder of the run's state; the ledger lies in `budget/ledger.db` of it. */
  readonly stateDir: string;
  /** Where machines share the ledger instead. @default the file */
  readonly store?: Store | undefined;
  /** The stacks of the run. */
  readonly stacks: readonly string[];
  /** What is known of each, see `plannedWork`. */
  readonly known: ReadonlyMap<string, KnownStack>;
  readonly urgent?: ReadonlySet<string>;
  readonly deadline?: Deadline;
  readonly signal?: AbortSignal;
  /** Told when a stack must wait; until when by the machine's clock, ms since 1970. */
  waiting?(stack: string, key: string, untilMs: number): void;
  /** Told while calls to a vendor wait. @param seconds undefined where it is not known */
  callsWait?(vendor: string, key: string, seconds: number | undefined): void;
  /**
   * Providers are started with {@link Budget.env} and so call through a gateway. False where they are attached
   * (PULUMI_DEBUG_PROVIDERS): they keep the address that they were started with. @default true
   */
  readonly gateway?: boolean;
  /** See `createClock`. @default 1 */
  readonly timeScale?: number;
}

/** The budget of one run. */
export interface Budget {
  /** For `runFleet`. */
  readonly admit: Admit;
  /** For `runFleet`: why a stack that was admitted must not start any more after all. */
  refuse(stack: string): string | undefined;
  /** To be added to the environment that engines are started with. */
  readonly env: Readonly<Record<string, string>>;
  /** The run's stacks: those without changes first, then in the order in which budget is given. */
  readonly order: readonly string[];
  readonly work: readonly PlannedStack[];
  readonly ledger: Ledger;
  /** What passed the gateway, by vendor. */
  figures(): Readonly<Record<string, Readonly<GatewayFigures>>>;
  close(): Promise<void>;
}

/** Everything that a run needs to keep to the vendors' limits. @throws SitefleetError `budget.ledger` */
export async function openBudget(options: BudgetOptions): Promise<Budget> {
  const { catalog, stacks, known, urgent, signal, deadline, waiting } = options;
  const specs = limitSpecs(catalog.limits, options);
  const work = plannedWork({ catalog, specs, stacks, known, urgent });
  const ledger = new Ledger({
    store: ledgerStore(options.stateDir, options.store, options.timeScale),
    specs,
    clock: createClock(options.timeScale),
    metered: new Set(options.gateway === false ? [] : GATEWAY_VENDORS),
  });
  let gateway: Gateway | undefined;
  try {
    const { callsWait } = options;
    if (options.gateway !== false) gateway = await startGateway({ ledger, waiting: callsWait });
  } catch (error) {
    await ledger.close();
    throw error;
  }
  const expected = expectations(work);
  const { admit } = createAdmission({
    ledger,
    expected,
    certificateOf: certificateDomains(catalog.zones),
    signal,
    deadline,
    waiting,
  });
  const planned = startOrder(work, specs).map(({ stack }) => stack);
  const idle = stacks.filter((stack) => !planned.includes(stack));
  return {
    admit,
    refuse: (stack) => deadline?.refuse(expected.get(stack)?.seconds),
    env: gateway?.env ?? {},
    order: [...idle, ...planned],
    work,
    ledger,
    figures: () => gateway?.figures() ?? {},
    async close() {
      await gateway?.close();
      await ledger.close();
    },
  };
}
