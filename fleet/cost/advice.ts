import type { Catalog, Prices } from "../../model/index.ts";
import type { ChargeTable } from "./charges/table.ts";
import { buildUnits, costOfUse, tierOf } from "./estimate.ts";
import { completeDays } from "./forecast/series.ts";
import { convert, money } from "./money.ts";
import { dearest, pricesOn } from "./price.ts";
import { projectsOf } from "./projects.ts";

/** A way to pay less. It is never carried out by itself. */
export interface Advice {
  readonly id: "share-projects" | "build-less" | "cache" | "flat-rate" | "extras-off";
  /** A month's saving in the account's currency. */
  readonly saving: number;
  readonly why: string;
  /** The change of the catalog that would do it. */
  readonly change: string;
}

const DAYS = 28;
const MONTH = 365.25 / 12;

/**
 * Ways to pay less, the largest saving first, from what was charged in the last four weeks and from the price list. Pure.
 *
 * @param table what was charged; without it only what the declaration alone shows
 * @param on YYYY-MM-DD
 */
export function adviceFor(
  catalog: Pick<Catalog, "sites" | "zones">,
  prices: Prices,
  { on, now, table }: { readonly on: string; readonly now: number; readonly table?: ChargeTable | undefined },
): Advice[] {
  const { account } = prices;
  const rows = [...pricesOn(prices, on).values()].flat();
  const toAccount = (amount: number, currency: string) => convert(amount, currency, account.currency, on, prices.rates);
  const show = (amount: number) => money(amount, account.currency);
  const days = table ? completeDays(table, now).slice(-DAYS) : [];
  const perMonth = (fits: Parameters<ChargeTable["sumOf"]>[1], what?: "quantity") =>
    table && days.length > 0
      ? (days.reduce((sum, day) => sum + (table.sumOf(day, fits, what) ?? 0), 0) * MONTH) / days.length
      : 0;
  const named = (driver: string) =>
    new Set(rows.flatMap((row) => (row.kind === "metered" && row.driver === driver ? row.services : [])));
  const found: Advice[] = [];
  const build = rows.flatMap((row) => (row.kind === "metered" && row.driver === "builds" ? [row] : []))[0];
  const each = build ? toAccount((build.amount * buildUnits(account)) / build.quantity, build.currency) : 0;

  const alike = Map.groupBy(
    catalog.sites.filter(({ project }) => project === "own"),
    ({ repository, rootDirectory, framework, channel }) => [repository, rootDirectory, framework, channel].join(" "),
  );
  const groups = [...alike.values()].filter(({ length }) => length > 1);
  const fewer = groups.reduce((sum, { length }) => sum + length - 1, 0);
  const builds = prices.usage.own.builds ?? 1;
  if (fewer > 0) {
    found.push({
      id: "share-projects",
      saving: fewer * each * builds,
      why: `${fewer + groups.length} sites build the same directory of the same repository ${groups.length === 1 ? "" : `in ${groups.length} groups `}each for itself`,
      change: `sites.csv: project = shared for ${groups[0]
        ?.map(({ host }) => host)
        .slice(0, 3)
        .join(", ")}${fewer + groups.length > 3 ? " and the others" : ""}`,
    });
  }

  const buildNames = named("builds");
  const built = perMonth(({ service }) => buildNames.has(service));
  const declared = projectsOf(catalog).length * each * builds;
  if (built > declared * 1.2 && built - declared > 0.5) {
    found.push({
      id: "build-less",
      saving: built - declared,
      why: `builds cost ${show(built)} a month, and what the catalog declares would cost ${show(declared)}: pushes build although no channel names their commit`,
      change:
        "transform of the sites' projects: gitProviderOptions.createDeployments = disabled, so that only a change of releases.yaml builds",
    });
  }

  const cpu = named("cpu");
  const computed = perMonth(({ service }) => cpu.has(service));
  const uncached = catalog.zones.filter(({ cdn }) => cdn && cdn.cacheLevel !== "aggressive").map(({ name }) => name);
  if (computed > 1) {
    found.push({
      id: "cache",
      saving: computed / 2,
      why: `functions cost ${show(computed)} a month in CPU; half of it is saved when every second answer comes from the cache`,
      change:
        uncached.length > 0
          ? `zones.yaml: cdn.cacheLevel = aggressive for ${uncached.slice(0, 3).join(", ")}`
          : "the sites' own Cache-Control: s-maxage, or pages that are rendered when they are built",
    });
  }

  const tier = rows.find((row) => row.kind === "stepwise");
  if (tier?.kind === "stepwise") {
    const drivers = Object.keys(tierOf(tier, prices)?.includes ?? {});
    const used = new Map(
      drivers.map((driver) => {
        const names = named(driver);
        return [driver, perMonth(({ service, part }) => part === "metered" && names.has(service), "quantity")] as const;
      }),
    );
    const fits = tier.tiers.find(({ includes }) =>
      drivers.every((driver) => (used.get(driver) ?? 0) <= (includes[driver as keyof typeof includes] ?? 0)),
    );
    const onDemand = drivers.reduce((sum, driver) => {
      const priced = rows.flatMap((row) => (row.kind === "metered" && row.driver === driver ? [row] : []));
      if (priced.length === 0) return sum;
      const row = dearest(priced, (one) => costOfUse(one, used.get(driver) ?? 0));
      return sum + toAccount(costOfUse(row, used.get(driver) ?? 0), row.currency);
    }, 0);
    const flat = fits ? toAccount(fits.amount, tier.currency) : Number.POSITIVE_INFINITY;
    const known = [...used.values()].some((amount) => amount > 0);
    if (known && account.cdn === "on-demand" && onDemand - flat > 0.5) {
      found.push({
        id: "flat-rate",
        saving: onDemand - flat,
        why: `requests and transfer cost ${show(onDemand)} a month on demand; the tier ${fits?.name} covers them for ${show(flat)}`,
        change: `prices.yaml: account.cdn = flat, account.tier = ${fits?.name}, after the same choice at the vendor`,
      });
    }
  }

  const projects = projectsOf(catalog).length;
  for (const row of rows) {
    if (row.kind !== "fixed" || row.unit !== "project" || row.when === undefined) continue;
    const charged = perMonth(({ service }) => row.services.includes(service));
    const declaredExtra = account.extras.includes(row.when) ? projects * toAccount(row.amount, row.currency) : 0;
    const saving = Math.max(charged, declaredExtra);
    if (saving > 0) {
      found.push({
        id: "extras-off",
        saving,
        why: `${row.what}: ${show(saving)} a month over the fleet`,
        change: `prices.yaml: account.extras without ${row.when}, after switching it off in the projects that do not need it`,
      });
    }
  }
  return found.sort((a, b) => b.saving - a.saving);
}
