import type { JobSpan } from "../types.ts";

const WIDTH = 900;
const ROW = 9;
const EDGE = { left: 60, right: 20, top: 50, bottom: 40 };

/** The jobs over time: light while one waits or sets up, dark while it has its stack. One SVG by itself. Pure. */
export function renderJobs(spans: readonly JobSpan[]): string {
  const sorted = [...spans].sort((a, b) => a.from - b.from || a.to - b.to);
  const end = Math.max(1, ...sorted.map(({ to }) => to));
  const x = (seconds: number) => Math.round((EDGE.left + (seconds / end) * (WIDTH - EDGE.left - EDGE.right)) * 10) / 10;
  const height = EDGE.top + sorted.length * ROW + EDGE.bottom;
  const bar = (from: number, to: number, y: number, colour: string) =>
    `<rect x="${x(from)}" y="${y}" width="${Math.max(0.5, Math.round((x(to) - x(from)) * 10) / 10)}" height="${ROW - 2}" fill="${colour}"/>`;
  const rows = sorted.map(({ cell, from, to, began, ended }, index) => {
    const y = EDGE.top + index * ROW;
    const held = began === undefined ? "" : bar(began, ended ?? to, y, "#0b62a4");
    return `<text x="${EDGE.left - 6}" y="${y + ROW - 2}" text-anchor="end" font-size="7">${/^[\w-]+$/.test(cell) ? cell : ""}</text>${bar(from, to, y, "#cfe0ee")}${held}`;
  });
  const step = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600].find((one) => end / one <= 12) ?? 1200;
  const ticks = Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => {
    const at = x(index * step);
    return `<line x1="${at}" x2="${at}" y1="${EDGE.top - 4}" y2="${height - EDGE.bottom}" stroke="#dddddd"/><text x="${at}" y="${height - EDGE.bottom + 14}" text-anchor="middle">${index * step} s</text>`;
  });
  const title = `${sorted.length} jobs on one bucket, by cell`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="11">`,
    `<title>${title}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="${EDGE.left}" y="20" font-size="15" font-weight="600">${title}</text>`,
    `<text x="${EDGE.left}" y="36">light: the process; dark: it has its stack</text>`,
    ...ticks,
    ...rows,
    "</svg>",
    "",
  ].join("\n");
}
