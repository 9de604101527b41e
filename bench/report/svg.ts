/** A value with its name. */
interface Bar {
  readonly label: string;
  readonly value: number;
}

/** A line through points; sizes ascend. */
export interface Line {
  readonly label: string;
  readonly points: readonly { readonly size: number; readonly value: number }[];
}

/** One diagram of the chart. */
export type Panel = { readonly title: string; readonly unit: string } & (
  | { readonly kind: "bars"; readonly bars: readonly Bar[] }
  | { readonly kind: "lines"; readonly lines: readonly Line[] }
);

const WIDTH = 510;
const HEIGHT = 260;
const GAP = 24;
const COLUMNS = 2;
/** Space around the plot for names and figures. */
const EDGE = { left: 64, right: 200, top: 34, bottom: 36 };
/** Told apart also without colours: each has its own dash. */
const COLOURS = ["#0b62a4", "#b3541e", "#2f7d32", "#7b3fa0", "#8a6d00", "#444444"];
const DASHES = ["", "6 3", "2 3", "9 3 2 3", "4 4", "1 2"];

/** Draws all panels as one self-contained SVG. Pure. @throws RangeError when a value is no number or negative */
export function renderChart(title: string, panels: readonly Panel[]): string {
  const rows = Math.ceil(panels.length / COLUMNS);
  const [width, height] = [COLUMNS * WIDTH + GAP, rows * HEIGHT + 60];
  const drawn = panels.map((panel, index) => {
    const [x, y] = [(index % COLUMNS) * (WIDTH + GAP), 50 + Math.floor(index / COLUMNS) * HEIGHT];
    return `<g transform="translate(${x} ${y})">${panel.kind === "bars" ? bars(panel) : lines(panel)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="11">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(EDGE.left, 26, title, 'font-size="15" font-weight="600"'),
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

function bars(panel: Extract<Panel, { kind: "bars" }>): string {
  const most = Math.max(...panel.bars.map(({ value }) => checked(value)), Number.MIN_VALUE);
  const step = Math.min((HEIGHT - EDGE.top - EDGE.bottom) / Math.max(panel.bars.length, 1), 48);
  const room = WIDTH - EDGE.left - EDGE.right - 70;
  const drawn = panel.bars.map(({ label, value }, index) => {
    const y = EDGE.top + index * step;
    const length = (value / most) * room;
    const height = Math.min(step * 0.7, 30);
    const colour = COLOURS[index % COLOURS.length];
    return [
      `<rect x="${EDGE.left + 70}" y="${fixed(y)}" width="${fixed(length)}" height="${fixed(height)}" fill="${colour}"/>`,
      text(EDGE.left + 64, y + height / 2 + 4, label, 'text-anchor="end"'),
      text(EDGE.left + 76 + length, y + height / 2 + 4, `${value} ${panel.unit}`),
    ].join("");
  });
  return [heading(panel), ...drawn].join("");
}

/** Both axes are logarithmic: a straight line that rises one for one is linear growth. */
function lines(panel: Extract<Panel, { kind: "lines" }>): string {
  const points = panel.lines.flatMap((line) => line.points);
  const x = scale(
    points.map(({ size }) => size),
    EDGE.left,
    WIDTH - EDGE.right,
  );
  const y = scale(
    points.map(({ value }) => value),
    HEIGHT - EDGE.bottom,
    EDGE.top,
  );
  const sizes = [...new Set(points.map(({ size }) => size))];
  const marks = sizes.map((size) => text(x(size), HEIGHT - EDGE.bottom + 16, `${size} sites`, 'text-anchor="middle"'));
  const ends = panel.lines.map(({ points: own }) => y(own.at(-1)?.value ?? 1));
  const labels = spreadOut(ends, 13);
  const drawn = panel.lines.map(({ label, points: own }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const path = own.map(({ size, value }) => `${fixed(x(size))},${fixed(y(value))}`).join(" ");
    const last = own.at(-1);
    const dots = own.map(
      ({ size, value }) => `<circle cx="${fixed(x(size))}" cy="${fixed(y(value))}" r="3" fill="${colour}"/>`,
    );
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${DASHES[index % DASHES.length]}"/>`,
      ...dots,
      text(WIDTH - EDGE.right + 8, (labels[index] ?? 0) + 4, `${label} ${last?.value ?? ""}`, `fill="${colour}"`),
    ].join("");
  });
  if (points.length === 0) return heading(panel);
  const low = Math.min(...points.map(({ value }) => value));
  const high = Math.max(...points.map(({ value }) => value));
  const axis = [low, high].map((value) => text(EDGE.left - 8, y(value) + 4, String(value), 'text-anchor="end"'));
  return [heading(panel), ...marks, ...axis, ...drawn].join("");
}

/** Moves what would lie on top of each other apart, order kept. Pure. */
export function spreadOut(places: readonly number[], distance: number): number[] {
  const order = places.map((place, index) => ({ place, index })).sort((a, b) => a.place - b.place);
  const moved: number[] = [];
  let free = Number.NEGATIVE_INFINITY;
  for (const { place, index } of order) {
    moved[index] = Math.max(place, free);
    free = (moved[index] ?? 0) + distance;
  }
  return moved;
}

function scale(values: readonly number[], from: number, to: number): (value: number) => number {
  const logs = values.map((value) => Math.log(Math.max(checked(value), 0.01)));
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  return (value) => {
    const at = high === low ? 0.5 : (Math.log(Math.max(value, 0.01)) - low) / (high - low);
    return from + at * (to - from);
  };
}

const heading = ({ title, unit }: Panel) => text(EDGE.left, 16, `${title} (${unit})`, 'font-weight="600"');
const text = (x: number, y: number, content: string, more = "") =>
  `<text x="${fixed(x)}" y="${fixed(y)}" ${more}>${escaped(content)}</text>`;
const fixed = (value: number) => String(Math.round(value * 10) / 10);
const escaped = (value: string) =>
  value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

function checked(value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new RangeError(`cannot be drawn: ${value}`);
}
