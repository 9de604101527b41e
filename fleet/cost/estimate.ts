import { COMPONENT_COSTS } from "../../components/costs.ts";
import { SitefleetError } from "../../errors/index.ts";
import type { Catalog, Driver, Price, Prices } from "../../model/index.ts";
import { convert } from "./money.ts";
import { dearest, pricesOn } from "./price.ts";
import { type CostProject, projectsOf } from "./projects.ts";
import { type UseOf, usageFrom } from "./usage.ts";

/** One line of the estimate. */
interface CostLine {
  /** Id of the price. */
  readonly price: string;
  readonly what: string;
  readonly part: "fixed" | "stepwise" | "metered" | "credit";
  /** Units that are used; undefined = none of it is known. */
  readonly quantity: number | undefined;
  readonly unit: string;
  /** A month's cost in `currency`; undefined = it depends on use that is not known. Never 0 in place of unknown. */
  readonly amount: number | undefined;
  readonly currency: string;
  /** Of a line that depends on use. */
  readonly driver?: Driver | undefined;
  /** Projects whose use is not known; the amount is without them. */
  readonly unknown: number;
  /** Where the use is from, with the projects of each. */
  readonly sources: Readonly<Record<string, number>>;
  /** Sources that disagree about the price; the dearer one is in the amount. @default none */
  readonly disputed?: readonly string[] | undefined;
  readonly note?: string | undefined;
}

/** What one project adds. */
interface ProjectShare {
  readonly project: CostProject;
  /** In the account's currency, without what is not known. */
  readonly amount: number;
  readonly dependsOn: readonly Driver[];
}

/** What the desired state costs a month. */
export interface Estimate {
  /** YYYY-MM-DD: the prices of this day. */
  readonly on: string;
  readonly lines: readonly CostLine[];
  /** In the account's currency, without what is not known. */
  readonly total: number;
  readonly currency: string;
  /** Drivers whose use is not known for some project: the total is at least this. */
  readonly dependsOn: readonly Driver[];
  readonly projects: readonly ProjectShare[];
  /** What no project adds: seats, tiers, zones, credit; in the account's currency. */
  readonly team: number;
}

/** Options of {@link estimate}. */
export interface EstimateOptions {
  /** YYYY-MM-DD */
  readonly on: string;
  /** @default the price list's assumptions */
  readonly useOf?: UseOf;
}

/**
 * What the desired state costs a month at the prices of a day, line by line. Pure.
 *
 * @throws SitefleetError `cost.prices` when no price holds on that day, `cost.currency`
 */
export function estimate(
  catalog: Pick<Catalog, "sites" | "zones">,
  prices: Prices,
  { on, useOf = usageFrom(prices.usage) }: EstimateOptions,
): Estimate {
  const projects = projectsOf(catalog);
  const shares = new Map(projects.map((project) => [project, { amount: 0, dependsOn: new Set<Driver>() }]));
  const rows = pricesOn(prices, on);
  // Without a price nothing would be added up, and nothing is no answer.
  if (rows.size === 0) throw noPrices(on);
  const inAccount = ({ amount = 0, currency }: CostLine) =>
    convert(amount, currency, prices.account.currency, on, prices.rates);
  const covered = coveredBy(prices, rows);
  const lines: CostLine[] = [];
  for (const found of rows.values()) {
    const [price] = found;
    if (price?.kind === "fixed") lines.push(...fixedLine(price, catalog, prices, projects.length));
    if (price?.kind === "stepwise" && prices.account.cdn === "flat")
      lines.push(tierLine(price, prices, projects, useOf));
    if (price?.kind !== "metered" || covered.has(price.driver)) continue;
    const used = usedOf(price.driver, projects, prices, useOf);
    const line = meteredLine(found as Metered[], used);
    lines.push(line);
    for (const [project, share] of shares) {
      const part = used.by.get(project);
      if (part === undefined) share.dependsOn.add(price.driver);
      else if (used.total > 0) share.amount += (inAccount(line) * part) / used.total;
    }
  }
  for (const line of lines.filter(({ part, unit }) => part === "fixed" && unit === "project"))
    for (const share of shares.values()) share.amount += inAccount(line) / projects.length;
  lines.push(...creditLines(lines, rows));
  const total = lines.reduce((sum, line) => sum + inAccount(line), 0);
  const own = [...shares.values()].reduce((sum, { amount }) => sum + amount, 0);
  return {
    on,
    lines,
    total,
    currency: prices.account.currency,
    dependsOn: [
      ...new Set([
        ...lines.flatMap(({ driver, unknown }) => (driver && unknown > 0 ? [driver] : [])),
        ...(projects.length > 0 ? unpriced(rows, covered) : []),
      ]),
    ],
    projects: [...shares].map(([project, { amount, dependsOn }]) => ({ project, amount, dependsOn: [...dependsOn] })),
    // What rounding leaves is nothing.
    team: Math.abs(total - own) < 1e-9 ? 0 : total - own,
  };
}

const noPrices = (on: string) =>
  new SitefleetError({
    code: "cost.prices",
    message: `no price of the account's plan and region holds on ${on}`,
    subject: "prices.yaml",
    hint: "look at effectiveFrom and plan of its prices, and at account",
  });

type Metered = Extract<Price, { kind: "metered" }>;
type Fixed = Extract<Price, { kind: "fixed" }>;
type Stepwise = Extract<Price, { kind: "stepwise" }>;

/** The tier that the account pays for. Pure. */
export const tierOf = ({ tiers }: Stepwise, { account }: Prices) =>
  tiers.find(({ name }) => name === account.tier) ?? tiers[0];

/** Drivers of projects that have no price: what they cost is not known either. */
function unpriced(rows: ReadonlyMap<string, Price[]>, covered: ReadonlySet<Driver>): Driver[] {
  const priced = new Set(
    [...rows.values()].flat().flatMap((price) => (price.kind === "metered" ? [price.driver] : [])),
  );
  return COMPONENT_COSTS.own.drivers.filter((driver) => !priced.has(driver) && !covered.has(driver));
}

/** Drivers that a flat tier pays for. */
function coveredBy(prices: Prices, rows: ReadonlyMap<string, Price[]>): ReadonlySet<Driver> {
  if (prices.account.cdn !== "flat") return new Set();
  const tiers = [...rows.values()].flat().flatMap((price) => (price.kind === "stepwise" ? price.tiers : []));
  return new Set(tiers.flatMap(({ includes }) => Object.keys(includes) as Driver[]));
}

function fixedLine(price: Fixed, { zones }: Pick<Catalog, "zones">, { account }: Prices, projects: number): CostLine[] {
  const { unit, when } = price;
  if (unit !== "zone" && when !== undefined && !account.extras.includes(when)) return [];
  const ours = zones.filter(
    ({ mode, plan, dns }) => mode !== "skip" && dns === price.vendor && (when ?? plan) === plan,
  );
  const quantity = { team: 1, seat: account.seats - 1, project: projects, zone: ours.length }[unit];
  if (quantity === 0) return [];
  return [{ ...base(price), part: "fixed", quantity, unit, amount: quantity * price.amount, unknown: 0, sources: {} }];
}

const base = ({ id, what, currency }: Price) => ({ price: id, what, currency });

/** What all projects use of a driver in the price's units. */
function usedOf(driver: Driver, projects: readonly CostProject[], { account }: Prices, useOf: UseOf) {
  const each = driver === "builds" ? buildUnits(account) : 1;
  const by = new Map<CostProject, number>();
  const sources: Record<string, number> = {};
  let total = 0;
  let unknown = 0;
  for (const project of projects) {
    if (!(COMPONENT_COSTS[project.kind].drivers as readonly Driver[]).includes(driver)) continue;
    const use = useOf(project, driver);
    if (use === undefined) {
      unknown += 1;
      continue;
    }
    by.set(project, use.amount * each);
    total += use.amount * each;
    sources[use.source] = (sources[use.source] ?? 0) + 1;
  }
  return { by, total, unknown, sources };
}

/** CPU-minutes of one build: minutes in full, times CPUs. Pure. */
export const buildUnits = ({ buildMinutes, buildCpus }: Prices["account"]): number =>
  Math.ceil(buildMinutes) * buildCpus;

/** What an amount of use costs by a metered price, in its currency. Pure. */
export const costOfUse = ({ amount, quantity, included }: Metered, used: number): number =>
  (Math.max(0, used - included) * amount) / quantity;

function meteredLine(rows: readonly Metered[], { total, unknown, sources, by }: ReturnType<typeof usedOf>): CostLine {
  const price = dearest(rows, (row) => costOfUse(row, total) - row.included * 1e-12);
  const known = by.size > 0;
  return {
    ...base(price),
    part: "metered",
    quantity: known ? total : undefined,
    unit: price.unit,
    amount: known ? costOfUse(price, total) : undefined,
    driver: price.driver,
    unknown,
    sources,
    disputed: rows.length > 1 ? rows.map(({ source }) => source) : undefined,
  };
}

function tierLine(price: Stepwise, prices: Prices, projects: readonly CostProject[], useOf: UseOf): CostLine {
  const tier = tierOf(price, prices);
  const drivers = Object.keys(tier?.includes ?? {}) as Driver[];
  const used = drivers.map((driver) => ({ driver, ...usedOf(driver, projects, prices, useOf) }));
  const open = used.filter(({ unknown }) => unknown > 0);
  const next = price.tiers.findIndex(({ includes }) =>
    used.every(({ driver, total }) => total <= (includes[driver] ?? 0)),
  );
  const now = price.tiers.findIndex(({ name }) => name === tier?.name);
  const reached = price.tiers[next];
  const notes = [
    ...(open.length > 0 ? [`whether it stays depends on use (${open.map(({ driver }) => driver).join(", ")})`] : []),
    ...(open.length === 0 && next > now && reached
      ? [`the next cycle needs the tier ${reached.name}: ${reached.amount}`]
      : []),
    ...(next === -1 ? ["use is above the last tier: the rest is paid on demand"] : []),
  ];
  return {
    ...base(price),
    what: `${price.what}, tier ${tier?.name ?? "?"}`,
    part: "stepwise",
    quantity: 1,
    unit: "tier",
    amount: tier?.amount ?? 0,
    unknown: 0,
    sources: {},
    note: notes.length > 0 ? notes.join("; ") : undefined,
  };
}

/** What fixed prices pay of metered use. */
function creditLines(lines: readonly CostLine[], rows: ReadonlyMap<string, Price[]>): CostLine[] {
  const charged = new Set(lines.map(({ price }) => price));
  return [...rows.values()].flatMap(([price]): CostLine[] => {
    if (price?.kind !== "fixed" || price.credit === 0 || !charged.has(price.id)) return [];
    const metered = lines
      .filter(
        ({ part, currency, price: id }) =>
          part === "metered" && currency === price.currency && sameVendor(id, price.id),
      )
      .reduce((sum, { amount = 0 }) => sum + amount, 0);
    const amount = -Math.min(price.credit, metered);
    const more = { quantity: 1, unit: "cycle", unknown: 0, sources: {}, note: `of ${price.credit} a cycle` };
    return [{ ...base(price), what: "Credit for metered use", part: "credit", amount, ...more }];
  });
}

const sameVendor = (a: string, b: string) => a.split(".")[0] === b.split(".")[0];
