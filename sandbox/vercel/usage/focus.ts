/** One charge of one day. */
export interface Charge {
  readonly service: string;
  readonly category: "Compute" | "Networking" | "Other";
  readonly quantity: number;
  readonly unit: string;
  /** US dollars. */
  readonly cost: number;
  /** @default Usage */
  readonly kind?: "Usage" | "Purchase" | "Credit" | "Adjustment";
  /** @default none */
  readonly region?: string;
  /** End of its period, ms since 1970. @default a day after its start */
  readonly end?: number;
  readonly project?: { readonly id: string; readonly name: string };
}

const DAY = 86_400_000;

/** A charge as one row of FOCUS 1.3, in the columns that Vercel documents (vercel.com/docs/rest-api/billing). `day` is its start in milliseconds since 1970. */
export function focusRow(day: number, charge: Charge): Record<string, unknown> {
  const cost = Math.round(charge.cost * 1e6) / 1e6;
  return {
    BilledCost: cost,
    BillingCurrency: "USD",
    ChargeCategory: charge.kind ?? "Usage",
    ChargePeriodStart: new Date(day).toISOString(),
    ChargePeriodEnd: new Date(charge.end ?? day + DAY).toISOString(),
    ConsumedQuantity: charge.quantity,
    ConsumedUnit: charge.unit,
    EffectiveCost: cost,
    PricingCategory: "Standard",
    PricingCurrency: "USD",
    PricingQuantity: charge.quantity,
    PricingUnit: charge.unit,
    RegionId: charge.region ?? null,
    RegionName: charge.region ?? null,
    ServiceCategory: charge.category,
    ServiceName: charge.service,
    ServiceProviderName: "Vercel",
    Tags: charge.project === undefined ? {} : { ProjectId: charge.project.id, ProjectName: charge.project.name },
  };
}

/** Days of the month that a time lies in. */
export function daysOfMonth(time: number): number {
  const date = new Date(time);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}
