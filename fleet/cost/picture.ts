import type { Forecast } from "./forecast/forecast.ts";
import { money } from "./money.ts";

const WIDTH = 720;
const HEIGHT = 320;
const LEFT = 64;
const RIGHT = 150;
const TOP = 34;
const BOTTOM = 36;

/** The billing cycle as a picture: what is known, the forecast with its 80 and 95 % interval, and the limits. SVG 1.1 without script or font of its own. Pure. */
export function cyclePicture({ days, limits, cycle, currency, total, asOf }: Forecast): string {
  const most =
    1.08 * Math.max(1, total.high95, ...days.map(({ high95 }) => high95), ...limits.map(({ limit }) => limit));
  const x = (index: number) => LEFT + (index * (WIDTH - LEFT - RIGHT)) / Math.max(1, days.length - 1);
  const y = (amount: number) => HEIGHT - BOTTOM - (amount * (HEIGHT - TOP - BOTTOM)) / most;
  const at = (index: number, amount: number) => `${x(index).toFixed(1)},${y(amount).toFixed(1)}`;
  const last = days.findLastIndex(({ known }) => known);
  const band = (low: "low95" | "low80", high: "high95" | "high80", opacity: number) => {
    const open = days.map((day, index) => ({ day, index })).slice(Math.max(0, last));
    const there = open.map(({ day, index }) => at(index, day[high]));
    const back = open.reverse().map(({ day, index }) => at(index, day[low]));
    return `<polygon points="${[...there, ...back].join(" ")}" fill="#2563eb" opacity="${opacity}"/>`;
  };
  const line = (from: number, to: number, more: string) =>
    `<polyline points="${days
      .slice(from, to)
      .map(({ expected }, index) => at(from + index, expected))
      .join(" ")}" fill="none" stroke="#1d4ed8" stroke-width="2"${more}/>`;
  const labels = [
    ...limits.map(({ name, limit }) => ({
      amount: limit,
      text: `${name} ${money(limit, currency)}`,
      colour: "#b91c1c",
    })),
    { amount: total.expected, text: `expected ${money(total.expected, currency)}`, colour: "#1d4ed8" },
  ].sort((a, b) => b.amount - a.amount);
  let free = TOP;
  const texts = labels.map(({ amount, text, colour }) => {
    const top = Math.max(free, y(amount) + 4);
    free = top + 14;
    return `<text x="${WIDTH - RIGHT + 6}" y="${top.toFixed(1)}" fill="${colour}">${text}</text>`;
  });
  const lines = limits.map(
    ({ limit }) =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(limit).toFixed(1)}" y2="${y(limit).toFixed(1)}" stroke="#b91c1c" stroke-dasharray="4 4"/>`,
  );
  const title = `Billing cycle ${cycle.from} to ${cycle.to}: ${money(total.expected, currency)}, 95 % between ${money(total.low95, currency)} and ${money(total.high95, currency)}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}" font-family="sans-serif" font-size="12">
<title>${title}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text x="${LEFT}" y="18" fill="#111827">${title}</text>
<line x1="${LEFT}" x2="${LEFT}" y1="${TOP}" y2="${HEIGHT - BOTTOM}" stroke="#6b7280"/>
<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}" stroke="#6b7280"/>
<text x="${LEFT - 6}" y="${y(0).toFixed(1)}" text-anchor="end" fill="#374151">0</text>
<text x="${LEFT - 6}" y="${(TOP + 4).toFixed(1)}" text-anchor="end" fill="#374151">${money(most, currency)}</text>
<text x="${LEFT}" y="${HEIGHT - 14}" fill="#374151">${days[0]?.day ?? cycle.from}</text>
<text x="${x(Math.max(0, last)).toFixed(1)}" y="${HEIGHT - 14}" text-anchor="middle" fill="#374151">known to ${asOf}</text>
<text x="${WIDTH - RIGHT}" y="${HEIGHT - 14}" text-anchor="end" fill="#374151">${days.at(-1)?.day ?? cycle.to}</text>
${band("low95", "high95", 0.18)}
${band("low80", "high80", 0.3)}
${lines.join("\n")}
${line(0, last + 1, "")}
${line(Math.max(0, last), days.length, ' stroke-dasharray="6 3"')}
${texts.join("\n")}
</svg>
`;
}
