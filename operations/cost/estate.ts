import { join } from "node:path";
import { z } from "zod";
import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { listRuns } from "../../fleet/backend/journal/journal.ts";
import { stateDir } from "../../fleet/backend/store/state-dir.ts";
import { ownStore, stateStore } from "../../fleet/backend/store/state-store.ts";
import type { Store } from "../../fleet/backend/store/store.ts";
import {
  addDays,
  type ChangeRun,
  type ChargeTable,
  dateOf,
  keptDays,
  measuredUse,
  projectsOf,
  readKept,
  type UseOf,
  usageFrom,
} from "../../fleet/cost/index.ts";
import { type Catalog, loadCatalog, type Prices } from "../../model/index.ts";
import { dnsVendors } from "../../vendors/index.ts";
import type { Estate } from "../kit/estate.ts";
import { flag } from "../kit/flags.ts";

/** A catalog that says what things cost. */
export interface PricedCatalog {
  readonly catalog: Catalog;
  readonly prices: Prices;
}

/** The catalog with its price list. @throws SitefleetError `catalog.invalid`, `cost.prices` */
export function pricedCatalog({ catalogDir }: Estate): PricedCatalog {
  const catalog = loadCatalog(catalogDir, dnsVendors());
  if (catalog.prices) return { catalog, prices: catalog.prices };
  throw new SitefleetError({
    code: "cost.prices",
    message: "the catalog has no price list",
    subject: join(catalogDir, "prices.yaml"),
    hint: "begin with the one of the sample; docs/reference/catalog.md has its fields",
  });
}

/** Where charges are kept. */
export const chargeStore = async (): Promise<Store> => ownStore(stateDir(environment()), await stateStore());

/** The charges that are kept, by the catalog's rules. @throws SitefleetError `cost.history` when there are none */
export async function keptCharges(prices: Prices): Promise<ChargeTable> {
  const store = await chargeStore();
  if ((await keptDays(store)).length > 0) return readKept(store, prices);
  throw new SitefleetError({
    code: "cost.history",
    message: "no charges are kept yet",
    hint: "fetch them: sitefleet cost charges --fetch",
  });
}

/** The charges that are kept; undefined when there are none. @param from first day. @default all */
export async function chargesIfKept(prices: Prices, from?: string): Promise<ChargeTable | undefined> {
  const store = await chargeStore();
  return (await keptDays(store)).length === 0 ? undefined : readKept(store, prices, from);
}

/** Days of charges that a month's use is taken from, with those that are not complete. */
const RECENT_DAYS = 35;

/** What projects use a month: measured where charges are kept, else what the price list assumes. @param at ms since 1970 */
export async function recentUse(catalog: Catalog, prices: Prices, at: number): Promise<UseOf> {
  const charges = await chargesIfKept(prices, addDays(dateOf(at), -RECENT_DAYS));
  return usageFrom(prices.usage, charges && measuredUse(charges, prices, at), projectsOf(catalog));
}

/** Runs that changed what is live, by this machine's journals. */
export const changeRuns = (): ChangeRun[] =>
  listRuns(join(stateDir(environment()), "runs"))
    .filter(({ operation }) => operation !== "preview")
    .map(({ run, startedAt, operation }) => ({ run, at: startedAt, operation }));

const DAY = /^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

/** A day, as `--NAME <day>`. */
export const dayField = (flags: string, help: string) =>
  flag(z.string().regex(DAY, "a day is written YYYY-MM-DD").optional(), flags, help);

/** What could not be read of the charges. */
export const problemsSchema = z
  .array(z.object({ line: z.int(), day: z.string().optional(), wrong: z.string() }))
  .describe("lines that could not be used, a hundred at most");
