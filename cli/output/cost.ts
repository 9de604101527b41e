import { money, type Spike, type TargetAnswer } from "../../fleet/cost/index.ts";
import type { Costed } from "../../operations/cost.ts";
import type { Advised } from "../../operations/cost-advice.ts";
import type { Charged } from "../../operations/cost-charges.ts";
import type { Forecasted } from "../../operations/cost-forecast.ts";
import { plural, table } from "./style.ts";

const UNKNOWN = "depends on use";
const MOST = 20;

/** The estimate for people. Pure. */
export function renderCost({ estimate, by, change, gates }: Costed): string {
  const { lines, total, currency, dependsOn, on } = estimate;
  const rows = lines.map((line) => [
    line.what,
    line.quantity === undefined ? "" : `${round(line.quantity)} ${line.unit}`,
    line.amount === undefined ? `${UNKNOWN} (${line.driver})` : money(line.amount, line.currency),
    [
      ...Object.entries(line.sources).map(([source, count]) => `${plural(count, "project")} ${source}`),
      ...(line.unknown > 0 && line.amount !== undefined ? [`${plural(line.unknown, "project")} not known`] : []),
      ...(line.disputed ? ["sources disagree, the dearer is taken"] : []),
      ...(line.note ? [line.note] : []),
    ].join("; "),
  ]);
  const groups = by
    .slice(0, MOST)
    .map(({ name, amount, projects, estimated }) => [
      name,
      projects,
      money(amount, currency),
      estimated ? "shared projects: estimated" : "",
    ]);
  const more = by.length > MOST ? [`and ${by.length - MOST} more: --json or --csv`] : [];
  return [
    table([["what", "use a month", "cost", "from"], ...rows]),
    "",
    table([["part", "projects", "a month", ""], ...groups]),
    ...more,
    "",
    `${money(total, currency)} a month at the prices of ${on}${dependsOn.length > 0 ? `, and what depends on use: ${dependsOn.join(", ")}` : ""}`,
    ...(change?.sentences ?? []),
    ...gates
      .filter(({ answer }) => answer !== "pass")
      .map(({ answer, reason }) => `${answer === "ask" ? "needs approval" : "escalates"}: ${reason}`),
  ].join("\n");
}

const round = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(2));

/** Charges for people. Pure. */
export function renderCharges({ table: found, groups, total, problems, fetched }: Charged): string {
  const { currency, refused, days } = found;
  const rows = groups.map(({ name, amount }) => [name, money(amount, currency)]);
  return [
    ...(fetched
      ? [
          `fetched ${plural(fetched.lines, "line")}: ${plural(fetched.added.length, "new day")}, ${plural(fetched.corrected.length, "corrected day")}`,
        ]
      : []),
    ...(rows.length > 0 ? [table([["what", "charged"], ...rows]), ""] : []),
    days.length === 0
      ? "no charges are kept yet: sitefleet cost charges --fetch"
      : `${money(total, currency)} on ${plural(days.length, "day")}, ${days[0]} to ${days.at(-1)}`,
    ...(refused > 0
      ? [`incomplete: ${plural(refused, "line")} could not be used`, ...problems.slice(0, 10).map(problemText)]
      : []),
  ].join("\n");
}

const problemText = ({ line, day, wrong }: Charged["problems"][number]) =>
  `  line ${line}${day ? ` (day ${day})` : ""}: ${wrong}`;

const percent = (share: number) =>
  share > 0 && share < 0.01 ? "below 1 %" : share < 1 && share > 0.99 ? "above 99 %" : `${Math.round(100 * share)} %`;

/** The forecast for people. Pure. */
export function renderForecast({ forecast, problems }: Forecasted): string {
  const { currency } = forecast;
  const show = (amount: number) => money(amount, currency);
  const incomplete =
    problems.length > 0
      ? [`incomplete: ${plural(problems.length, "line")} could not be used`, ...problems.slice(0, 10).map(problemText)]
      : [];
  if (forecast.kind === "range") {
    const { history, low, high, dependsOn } = forecast;
    return [
      `${plural(history, "complete day")} of history are too few for a forecast. A range from the price list:`,
      `${show(low)} to ${show(high)} a month${dependsOn.length > 0 ? `, and what depends on use: ${dependsOn.join(", ")}` : ""}`,
      ...incomplete,
    ].join("\n");
  }
  const { cycle, asOf, history, missing, method, errors, coverage, flat, metered, credit, total, limits, tiers } =
    forecast;
  const naive = Math.min(errors["naive-week"], errors["naive-median"]);
  return [
    `billing cycle ${cycle.from} to ${cycle.to} (exclusive), charges complete to ${asOf}`,
    "",
    table([
      ["part", "so far", "whole cycle"],
      ...flat.map(({ service, part, charged, expected }) => [`${service} (${part})`, show(charged), show(expected)]),
      ["metered", show(metered.charged), show(metered.expected)],
      ["credit", "", `up to -${show(credit)}`],
    ]),
    "",
    `expected ${show(total.expected)}; 80 %: ${show(total.low80)} to ${show(total.high80)}; 95 %: ${show(total.low95)} to ${show(total.high95)}`,
    ...limits.map(({ name, limit, chance }) => `chance to pass ${name} ${show(limit)}: ${percent(chance)}`),
    ...tiers.map(({ tier, monthly, chance }) => `chance to pass tier ${tier} (${show(monthly)}): ${percent(chance)}`),
    `method ${method} by ${plural(history, "day")}; a day is wrong by ${(100 * errors[method]).toFixed(1)} %, the seasonal naive by ${(100 * naive).toFixed(1)} %`,
    ...(coverage
      ? [
          `past 95 % intervals held in ${percent(coverage.of95)} of ${coverage.judged} cases, 80 % ones in ${percent(coverage.of80)}`,
        ]
      : []),
    ...(missing.length > 0 ? [`no charges came for ${missing.join(", ")}: reckoned like a day to come`] : []),
    ...incomplete,
  ].join("\n");
}

/** Spikes for people. Pure. */
export function renderSpikes(spikes: readonly Spike[], currency: string): string {
  const show = (amount: number) => money(amount, currency);
  return spikes
    .map(({ day, cost, expected, above, causes, after }) =>
      [
        `${day}: ${show(cost)}, ${show(above)} above the expected ${show(expected)}`,
        ...causes.map(
          ({ name, project, product, region, above: more }) =>
            `  ${name || project || "(team)"}, ${product}${region ? `, ${region}` : ""}: ${show(more)} above its usual day`,
        ),
        after ? `  the run before: ${after.operation} ${after.run}, ${after.at}` : "  no run is known before it",
      ].join("\n"),
    )
    .join("\n");
}

/** Advice for people. Pure. */
export const renderAdvice = ({ advice, currency }: Advised): string =>
  advice.map(({ saving, why, change }) => `${money(saving, currency)} a month: ${why}\n  ${change}`).join("\n");

/** What a budget needs, for people. Pure. */
export function renderTarget({
  budget,
  currency,
  sites,
  projects,
  items,
  left,
  needs,
  possible,
}: TargetAnswer): string {
  const rows = items.map(({ what, amount, note }) => [
    what,
    amount === undefined ? UNKNOWN : money(amount, currency),
    note,
  ]);
  return [
    `${money(budget, currency)} a month for ${plural(sites, "site")} in ${plural(projects, "project")}`,
    "",
    table([["item", "a month", ""], ...rows]),
    "",
    `${money(left, currency)} are left after what is certain${possible ? "; it is enough when" : ""}`,
    ...needs.map((need) => `  ${need}`),
  ].join("\n");
}
