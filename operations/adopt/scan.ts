import { environment, inEnvironment } from "../../environment/index.ts";
import { describeError, SitefleetError } from "../../errors/index.ts";
import { type Inventory, scanFile, scanVendors } from "../../fleet/adopt/index.ts";
import { newRunId } from "../../fleet/backend/journal/journal.ts";
import { lockStacks } from "../../fleet/backend/locks/locks.ts";
import { openBudget } from "../../fleet/budget/index.ts";
import { ReadApi } from "../../fleet/repair/index.ts";
import type { Session } from "../../fleet/run/session.ts";
import { status } from "../../plesk/index.ts";
import { typeFor, VENDORS } from "../../vendors/index.ts";
import type { ScanTask, Seen } from "../../vendors/inventory.ts";
import { budgetSettings } from "../fleet/budget-settings.ts";
import { callsOf } from "../fleet/run-budget.ts";
import type { Estate } from "../kit/estate.ts";
import { failureOf } from "../kit/failure.ts";
import type { Tools } from "../kit/operation.ts";
import { openTargets } from "../plesk/services/targets.ts";
import { configuredSecrets, contextOf, openEstate } from "./estate.ts";
import type { AdoptEvent } from "./events.ts";

/** What is locked while an estate is read: two at once would write into one file. */
const LOCK = "adopt scan";

/** What a scan came to. */
export interface Scanned {
  readonly inventory: Inventory;
  readonly file: string;
  /** Calls of this run by vendor; undefined where they did not go through the gateway. */
  readonly calls: Readonly<Record<string, number>> | undefined;
  readonly seconds: number;
}

/** Reads the vendors and, unless told otherwise, the services' hosts. @throws those of `scanVendors`, `lock.held` */
export async function scanEstate(
  { estate, emit, signal }: Tools<AdoptEvent>,
  { again, services }: { readonly again?: boolean; readonly services: boolean },
): Promise<Scanned> {
  const started = Date.now();
  const session = await openEstate(estate);
  const file = scanFile(session.folders.state);
  const { folders, store, inputs } = session;
  const locks = await lockStacks({
    dir: folders.state,
    store,
    stacks: [LOCK],
    run: newRunId(),
    operation: LOCK,
    waitMs: 0,
  });
  emit({ event: "begun", total: 0 });
  try {
    const { off, timeScale } = budgetSettings(environment().SITEFLEET_BUDGET);
    const budget = off
      ? undefined
      : await openBudget({
          catalog: inputs.catalog,
          stateDir: folders.state,
          store,
          stacks: [],
          known: new Map(),
          timeScale,
          callsWait: (vendor, key, seconds) => emit({ event: "calls-waiting", vendor, key, seconds }),
        });
    try {
      const context = await contextOf(session);
      const inventory = await scanVendors({
        ...context,
        env: { ...context.env, ...budget?.env },
        file,
        again,
        signal,
        connect: (options) => new ReadApi(options),
        further: services && inputs.catalog.services.length > 0 ? [servicesPage(session, estate, emit)] : [],
        progress: (read, left) => emit({ event: "pages", read, left }),
      });
      const calls = callsOf(budget?.figures());
      return { inventory, file, calls, seconds: (Date.now() - started) / 1000 };
    } finally {
      await budget?.close();
    }
  } finally {
    await locks.release();
    emit({ event: "done" });
  }
}

/** The services of the catalog, as their hosts have them. */
function servicesPage(session: Session, estate: Estate, emit: (event: AdoptEvent) => void) {
  const vendor = VENDORS.find((one) => typeFor(one, "service") !== "")?.name ?? "";
  const task: ScanTask = { vendor, what: "services", args: {} };
  const read = async (): Promise<Seen[] | undefined> => {
    const secrets = await configuredSecrets(session);
    const keys = new Set(session.inputs.catalog.hosts.map(({ keySecret }) => keySecret));
    const known = Object.fromEntries(Object.entries(secrets).filter(([name]) => keys.has(name)));
    try {
      // The environment's own keys come first, as they do everywhere.
      const { targets } = await inEnvironment({ ...known, ...environment() }, () =>
        openTargets({ estate, emit: () => {} }),
      );
      const outcomes = await status(targets);
      const failed = outcomes.flatMap((one) => (one.ok ? [] : [`${one.service}: ${failureOf(one.error).message}`]));
      if (failed.length > 0) emit({ event: "services-unread", reason: failed.join("; ") });
      return outcomes.flatMap((one): Seen[] => {
        if (!one.ok) return [];
        const { live, serves, docroot } = one.value;
        const facts = { live: live ?? undefined, serves: serves.kind, what: serves.what ?? undefined, docroot };
        return [{ vendor, role: "service", id: one.service, name: one.service, automatic: true, facts }];
      });
    } catch (error) {
      if (!(error instanceof SitefleetError)) throw error;
      emit({ event: "services-unread", reason: describeError(error) });
      return undefined;
    }
  };
  return { task, read };
}
