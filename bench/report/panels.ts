import { cpuOf, memoryOf, round } from "../measure/ratios.ts";
import type { Results, Row } from "../types.ts";
import type { Line, Panel } from "./svg.ts";

/** What the chart shows of the results that there are. Pure. */
export function panelsOf({ parts }: Results): Panel[] {
  const panels: Panel[] = [];
  const a = parts.a?.rows ?? [];
  if (a.length > 0) {
    const title = `(a) First up of ${a[0]?.sites} sites`;
    panels.push(bars(`${title}, wall`, "s", a, ({ cost }) => cost.wall));
    panels.push(bars(`${title}, CPU`, "s", a, (row) => round(cpuOf(row))));
  }
  const b = parts.b?.rows ?? [];
  if (b.length > 0) {
    panels.push(lines("(b) Wall time", "s", b, ({ cost }) => cost.wall));
    panels.push(lines("(b) CPU time", "s", b, (row) => round(cpuOf(row))));
  }
  const c = parts.c?.rows ?? [];
  for (const operation of [...new Set(c.map((row) => row.operation))]) {
    const rows = c.filter((row) => row.operation === operation);
    const title = `(c) ${operation}, ${rows[0]?.sites} sites, CPU`;
    panels.push(bars(title, "s", rows, (row) => round(cpuOf(row))));
  }
  if (b.length > 0) panels.push(lines("(e) Peak memory", "MiB", b, memoryOf));
  const f = parts.f?.rows ?? [];
  if (f.length > 0) {
    panels.push(bars("(f) Rollback at 150 ms a call, wall", "s", f, ({ cost }) => cost.wall));
    panels.push(bars("(f) Rollback at 150 ms a call, CPU", "s", f, (row) => round(cpuOf(row))));
  }
  return panels;
}

function bars(title: string, unit: string, rows: readonly Row[], value: (row: Row) => number): Panel {
  return { kind: "bars", title, unit, bars: rows.map((row) => ({ label: row.variant, value: value(row) })) };
}

/** One line for each operation; what is the same at every size is left out. */
function lines(title: string, unit: string, rows: readonly Row[], value: (row: Row) => number): Panel {
  const growing = rows.filter(({ operation }) => !operation.includes("shared and host"));
  const byOperation = Map.groupBy(growing, ({ operation }) => operation);
  const all = [...byOperation].map(([label, own]): Line => {
    const points = own.map((row) => ({ size: row.sites, value: value(row) }));
    return { label, points: points.sort((one, other) => one.size - other.size) };
  });
  return { kind: "lines", title, unit, lines: all };
}
