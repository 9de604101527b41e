/** One charge of one day. */
export interface Charge {
  readonly service: string;
  readonly category: "Compute" | "Networking" | "Other";
  readonly quantity: number;
  readonly unit: string;
  /** US dollars. */
  readonly cost: number;
  /** @default Usage */
  readonly kind?: "Usage" | "Purchase";
  readonly project?: { readonly id: string; readonly name: string };
}

const DAY = 86_400_000;

/** A charge as one row of FOCUS 1.3, in the columns that Vercel fills. `day` is its start in milliseconds since 1970. */
export function focusRow(account: { id: string; slug: string }, day: number, charge: Charge): Record<string, unknown> {
  const cost = Math.round(charge.cost * 1e6) / 1e6;
  const start = new Date(day);
  const [year, month] = [start.getUTCFullYear(), start.getUTCMonth()];
  return {
    BilledCost: cost,
    BillingAccountId: account.id,
    BillingAccountName: account.slug,
    BillingCurrency: "USD",
    BillingPeriodStart: new Date(Date.UTC(year, month, 1)).toISOString(),
    BillingPeriodEnd: new Date(Date.UTC(year, month + 1, 1)).toISOString(),
    ChargeCategory: charge.kind ?? "Usage",
    ChargePeriodStart: start.toISOString(),
    ChargePeriodEnd: new Date(day + DAY).toISOString(),
    ConsumedQuantity: charge.quantity,
    ConsumedUnit: charge.unit,
    EffectiveCost: cost,
    PricingQuantity: charge.quantity,
    PricingUnit: charge.unit,
    RegionId: null,
    RegionName: null,
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
