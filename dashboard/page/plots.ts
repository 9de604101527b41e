import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { Overview } from "../../fleet/overview/shape.ts";
import { h, type VNode } from "../view/h.ts";

/** Colours as the style has them: they follow light and dark. */
const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

interface PlotProps {
  readonly label: string;
  readonly series: readonly { readonly name: string; readonly colour: string; readonly dash?: number[] }[];
  readonly data: uPlot.AlignedData;
  readonly band?: readonly [number, number];
}

/** A plot; what it says stands in `label` and in a table as well. */
const Plot = ({ label, series, data, band }: PlotProps): VNode => {
  const box = useRef<HTMLDivElement>(null);
  const text = JSON.stringify(data);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line") }, ticks: { stroke: colour("--line") } };
    const draw = () =>
      new uPlot(
        {
          width: Math.max(200, element.clientWidth),
          height: 140,
          legend: { show: false },
          cursor: { show: false },
          axes: [axis, { ...axis, size: 44 }],
          series: [
            {},
            ...series.map((one) => ({
              label: one.name,
              stroke: colour(one.colour),
              width: 2,
              dash: one.dash,
              points: { show: data[0].length < 30, size: 5 },
            })),
          ],
          bands: band ? [{ series: [band[0], band[1]], fill: colour("--band") }] : [],
        },
        data,
        element,
      );
    let plot = draw();
    const again = () => {
      plot.destroy();
      plot = draw();
    };
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const sized = new ResizeObserver(() => plot.setSize({ width: Math.max(200, element.clientWidth), height: 140 }));
    sized.observe(element);
    dark.addEventListener("change", again);
    return () => {
      sized.disconnect();
      dark.removeEventListener("change", again);
      plot.destroy();
    };
  }, [text]);
  return h("div", { class: "plot", ref: box, role: "img", "aria-label": label });
};

const seconds = (time: string): number => Date.parse(time) / 1000;

/** The cost since the cycle's beginning with its interval. */
export const CostPlot = ({ cost }: { cost: Overview["cost"] }): VNode | null => {
  if (!cost.known || cost.days.length < 2) return null;
  const { days, currency } = cost;
  const data: uPlot.AlignedData = [
    days.map(({ day }) => seconds(day)),
    days.map(({ expected }) => expected),
    days.map(({ high }) => high),
    days.map(({ low }) => low),
  ];
  return h(Plot, {
    label: `Cost of the cycle by day in ${currency}, from ${days[0]?.expected.toFixed(2)} to ${days.at(-1)?.expected.toFixed(2)}, with its 80 % interval`,
    series: [
      { name: "cost", colour: "--accent" },
      { name: "high", colour: "--line" },
      { name: "low", colour: "--line" },
    ],
    band: [2, 3],
    data,
  });
};

/** How long the last runs took. */
export const RunsPlot = ({ past }: { past: Overview["past"] }): VNode | null => {
  const timed = past.filter(({ minutes }) => minutes !== undefined).toReversed();
  if (timed.length < 2) return null;
  return h(Plot, {
    label: `Minutes of the last ${timed.length} runs, the last took ${timed.at(-1)?.minutes}`,
    series: [{ name: "min", colour: "--accent" }],
    data: [timed.map(({ startedAt }) => seconds(startedAt)), timed.map(({ minutes }) => minutes ?? null)],
  });
};
