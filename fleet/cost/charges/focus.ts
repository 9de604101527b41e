import { dayOf, isDay } from "./day.ts";

/** A charge of a day, from a line of FOCUS 1.3 (https://focus.finops.org/focus-specification/v1-3/). */
export interface Charge {
  /** YYYY-MM-DD, see `dayOf`. */
  readonly day: string;
  /** Time of day at which the vendor's day begins, `HH:MMZ`. */
  readonly boundary: string;
  /** Ms since 1970. */
  readonly end: number;
  readonly service: string;
  readonly region: string;
  /** Undefined for what no project is charged for: seats, add-ons, credits. */
  readonly project: { readonly id: string; readonly name: string } | undefined;
  readonly category: Category;
  /** BilledCost, in `currency`. */
  readonly cost: number;
  readonly currency: string;
  readonly quantity: number;
  /** In our spelling; empty for what has none. */
  readonly unit: string;
}

/** ChargeCategory of FOCUS. */
const CATEGORIES = ["Usage", "Purchase", "Credit", "Adjustment", "Tax"] as const;
type Category = (typeof CATEGORIES)[number];

/** Units in the spellings that are known, in lower case, and the one we use. */
const UNITS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    requests: ["requests", "request"],
    GB: ["gb", "gigabytes", "gb transferred"],
    "GB-hours": ["gb-hours", "gb hours", "gb-hrs"],
    "CPU-hours": ["cpu-hours", "cpu hours", "hours", "hour", "cpu-hrs"],
    "CPU-minutes": ["cpu-minutes", "cpu minutes", "minutes", "minute", "build minutes"],
    calls: ["calls", "invocations", "invocation"],
    operations: ["operations", "reads", "writes", "read units", "write units"],
    transformations: ["transformations", "images"],
    events: ["events", "event"],
    seats: ["seats", "seat"],
    projects: ["projects", "project"],
    months: ["months", "month"],
    units: ["units", "unit", "each"],
    USD: ["usd", "dollars"],
  }).flatMap(([ours, spellings]) => spellings.map((one) => [one, ours])),
);

/**
 * Reads one line.
 *
 * @returns the charge, or what is wrong with the line as `FIELD is …`; the line's content is never repeated beyond a field's first 40 characters
 */
export function readCharge(line: string): Charge | string {
  let row: Record<string, unknown>;
  try {
    row = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return "the line is no JSON";
  }
  if (typeof row !== "object" || row === null) return "the line is no object";
  const { ChargePeriodStart, ChargePeriodEnd, BilledCost, BillingCurrency, ChargeCategory, ServiceName } = row;
  const period = periodOf(ChargePeriodStart, ChargePeriodEnd);
  if (typeof period === "string") return period;
  if (typeof BilledCost !== "number" || !Number.isFinite(BilledCost))
    return `BilledCost is no number: ${shown(BilledCost)}`;
  if (typeof BillingCurrency !== "string" || !/^[A-Z]{3}$/.test(BillingCurrency))
    return `BillingCurrency is not known: ${shown(BillingCurrency)}`;
  const category = CATEGORIES.find((one) => one === ChargeCategory);
  if (category === undefined) return `ChargeCategory is not known: ${shown(ChargeCategory)}`;
  if (typeof ServiceName !== "string" || ServiceName === "") return `ServiceName is missing: ${shown(ServiceName)}`;
  const given = row.PricingUnit ?? row.ConsumedUnit;
  const unit = given === undefined || given === null || given === "" ? "" : UNITS.get(String(given).toLowerCase());
  if (unit === undefined || (unit === "" && category === "Usage")) return `PricingUnit is not known: ${shown(given)}`;
  const quantity = row.PricingQuantity ?? row.ConsumedQuantity ?? 0;
  if (typeof quantity !== "number" || !Number.isFinite(quantity))
    return `PricingQuantity is no number: ${shown(quantity)}`;
  const tags = (row.Tags ?? {}) as { readonly ProjectId?: unknown; readonly ProjectName?: unknown };
  const id = typeof tags.ProjectId === "string" && tags.ProjectId !== "" ? tags.ProjectId : undefined;
  return {
    day: period.day,
    boundary: period.boundary,
    end: period.end,
    service: ServiceName,
    region: typeof row.RegionId === "string" ? row.RegionId : "",
    project: id === undefined ? undefined : { id, name: typeof tags.ProjectName === "string" ? tags.ProjectName : id },
    category,
    cost: BilledCost,
    currency: BillingCurrency,
    quantity,
    unit,
  };
}

interface Period {
  readonly day: string;
  readonly boundary: string;
  readonly end: number;
}

/** Charges of one day share their period: a history has as many periods as days. */
const periods = new Map<string, Period>();

function periodOf(from: unknown, to: unknown): Period | string {
  const key = `${from} ${to}`;
  const known = periods.get(key);
  if (known !== undefined) return known;
  const start = typeof from === "string" ? Date.parse(from) : Number.NaN;
  if (!isDay(start)) return `ChargePeriodStart is no time: ${shown(from)}`;
  const end = typeof to === "string" ? Date.parse(to) : Number.NaN;
  if (!(end > start)) return `ChargePeriodEnd is not after its start: ${shown(to)}`;
  if (periods.size > 10_000) periods.clear();
  const period = { ...dayOf(start, end), end };
  periods.set(key, period);
  return period;
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 40);
