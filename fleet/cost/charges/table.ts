import type { Prices } from "../../../model/index.ts";
import { rateOf } from "../money.ts";
import { type Charge, readCharge } from "./focus.ts";
import { linesOf } from "./lines.ts";

/** What kind of cost a charge is: each is forecast in its own way. */
export type Part = "fixed" | "stepwise" | "metered" | "credit" | "tax";

/** What charges of a day are added up by. */
export interface Series {
  readonly part: Part;
  readonly service: string;
  readonly region: string;
  /** Id of the project; empty for the team's own. */
  readonly project: string;
  readonly unit: string;
}

/** A line that could not be used. */
export interface ChargeProblem {
  /** From 1, in the day's file, else in what was read. */
  readonly line: number;
  /** Day of the file that it stands in. @default not known */
  readonly day?: string | undefined;
  readonly wrong: string;
}

/** Problems that are kept; the others are counted. */
const KEPT = 100;

/**
 * Charges added up by day and series, in the account's currency. What is held grows with days times series, never with the number
 * of lines: a million lines of 1500 projects are a few ten megabytes.
 */
export class ChargeTable {
  readonly currency: string;
  readonly series: Series[] = [];
  /** Names of projects by id, the newest. */
  readonly names = new Map<string, string>();
  readonly problems: ChargeProblem[] = [];
  /** Lines that could not be used. */
  refused = 0;
  lines = 0;
  /** Days' beginnings that were seen, with the charges of each. */
  readonly boundaries = new Map<string, number>();
  readonly #prices: Prices;
  readonly #parts: ReadonlyMap<string, Part>;
  readonly #index = new Map<string, number>();
  readonly #days = new Map<string, { cost: number[]; quantity: number[]; end: number }>();
  readonly #rates = new Map<string, number | undefined>();

  /** @param prices says by the names of services what is fixed, a tier or metered, and the rates */
  constructor(prices: Prices) {
    this.#prices = prices;
    this.currency = prices.account.currency;
    this.#parts = new Map(prices.prices.flatMap(({ kind, services }) => services.map((name) => [name, kind] as const)));
  }

  /** Days with charges, in order. */
  get days(): string[] {
    return [...this.#days.keys()].sort();
  }

  /** Reads one line. @param day of the file that it stands in @param at its number there. @default that of all lines so far */
  read(line: string, day?: string, at = this.lines + 1): void {
    this.lines += 1;
    const charge = readCharge(line);
    const wrong = typeof charge === "string" ? charge : this.#add(charge);
    if (wrong === undefined) return;
    this.refused += 1;
    if (this.problems.length < KEPT) this.problems.push({ line: at, day, wrong });
  }

  #add(charge: Charge): string | undefined {
    const key = `${charge.currency} ${charge.day}`;
    if (!this.#rates.has(key))
      this.#rates.set(key, rateOf(charge.currency, this.currency, charge.day, this.#prices.rates));
    const rate = this.#rates.get(key);
    if (rate === undefined)
      return `BillingCurrency ${charge.currency} has no rate to ${this.currency} on ${charge.day}`;
    const { service, region, unit, project, day } = charge;
    const part = this.#partOf(charge);
    const id = project?.id ?? "";
    const name = `${part}|${service}|${region}|${id}|${unit}`;
    let at = this.#index.get(name);
    if (at === undefined) {
      at = this.series.length;
      this.#index.set(name, at);
      this.series.push({ part, service, region, project: id, unit });
    }
    if (project) this.names.set(project.id, project.name);
    let row = this.#days.get(day);
    if (row === undefined) {
      row = { cost: [], quantity: [], end: 0 };
      this.#days.set(day, row);
    }
    row.cost[at] = (row.cost[at] ?? 0) + charge.cost * rate;
    row.quantity[at] = (row.quantity[at] ?? 0) + charge.quantity;
    row.end = Math.max(row.end, charge.end);
    this.boundaries.set(charge.boundary, (this.boundaries.get(charge.boundary) ?? 0) + 1);
    return undefined;
  }

  /** A credit is one whatever it is for; what the price list does not name is metered when it is used, else fixed. */
  #partOf({ category, service }: Charge): Part {
    if (category === "Credit") return "credit";
    if (category === "Tax") return "tax";
    return this.#parts.get(service) ?? (category === "Purchase" ? "fixed" : "metered");
  }

  /** Costs of a day, an entry a series; what was not charged is undefined. Undefined for a day without charges. */
  costsOf(day: string): readonly (number | undefined)[] | undefined {
    return this.#days.get(day)?.cost;
  }

  /** Quantities of a day, as {@link costsOf}. */
  quantitiesOf(day: string): readonly (number | undefined)[] | undefined {
    return this.#days.get(day)?.quantity;
  }

  /** When the last charge of a day ends, ms since 1970. */
  endOf(day: string): number {
    return this.#days.get(day)?.end ?? 0;
  }

  /** The sum of a day over the series that fit; undefined for a day without charges. */
  sumOf(day: string, fits: (series: Series) => boolean, what: "cost" | "quantity" = "cost"): number | undefined {
    const row = this.#days.get(day)?.[what];
    if (row === undefined) return undefined;
    let sum = 0;
    for (const [index, value = 0] of row.entries()) {
      const series = this.series[index];
      if (series !== undefined && fits(series)) sum += value;
    }
    return sum;
  }
}

/** Reads a stream of lines into a table. */
export async function tableOf(chunks: AsyncIterable<Uint8Array | string>, prices: Prices): Promise<ChargeTable> {
  const table = new ChargeTable(prices);
  for await (const lines of linesOf(chunks)) for (const line of lines) table.read(line);
  return table;
}
